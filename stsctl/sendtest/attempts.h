/* SPDX-License-Identifier: ISC */
/*
 * attempts.h - connects to each address of each MX host as smtp(8) would: EHLO, STARTTLS, the handshake, QUIT; never sends a message.
 *
 * Skips the hosts that smtp(8) would skip. A few threads probe one address at a time each.
 */
#ifndef STSCTL_SENDTEST_ATTEMPTS_H
#define STSCTL_SENDTEST_ATTEMPTS_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/settings/conf.h"
#include "stsctl/sendtest/delivery_outcome.h"
#include "stsctl/sendtest/route.h"

/* How many addresses of each host are tried. Postfix's smtp_mx_address_limit is the same, but for all hosts together. */
enum { SEND_ADDRESSES_MAX = 5 };

struct send_address {
	char shown[46];
	struct send_verdict verdict;
};

/* The result for one MX host; in the order of the route. */
struct send_host {
	const struct send_mx *mx;	/* borrowed */
	struct send_verdict verdict;
	struct send_address addresses[SEND_ADDRESSES_MAX];
	size_t count;			/* 0: skipped */
};

struct send_attempts {
	struct send_host hosts[SEND_MX_MAX];
	size_t count;
	struct send_verdict verdict;		/* for the domain */
	enum send_outcome weakest;		/* send_weakest */
};

/* Blocks until all probes have ended. now: seconds, to verify certificates. out borrows from route. STS_ENOMEM. */
enum sts_status send_attempts_make(const struct sts_conf *conf, const struct required_tls *required, const struct send_route *route,
    int64_t now, struct send_attempts *out);

#endif

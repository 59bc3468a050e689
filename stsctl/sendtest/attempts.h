/* SPDX-License-Identifier: ISC */
/*
 * attempts.h - each address of each MX host tried as smtp(8) would: EHLO, STARTTLS, the handshake, QUIT; never a message.
 *
 * Hosts that it would pass over are not connected to. A few threads, one address at a time each.
 */
#ifndef STSCTL_SENDTEST_ATTEMPTS_H
#define STSCTL_SENDTEST_ATTEMPTS_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/settings/conf.h"
#include "stsctl/sendtest/delivery_outcome.h"
#include "stsctl/sendtest/route.h"

/* Addresses of a host that are tried; Postfix's smtp_mx_address_limit, of all hosts together, is as large. */
enum { SEND_ADDRESSES_MAX = 5 };

struct send_address {
	char shown[46];
	struct send_verdict verdict;
};

/* What was found of one MX host; in the order of the route. */
struct send_host {
	const struct send_mx *mx;	/* borrowed */
	struct send_verdict verdict;
	struct send_address addresses[SEND_ADDRESSES_MAX];
	size_t count;			/* 0: passed over */
};

struct send_attempts {
	struct send_host hosts[SEND_MX_MAX];
	size_t count;
	struct send_verdict verdict;		/* in all */
	enum send_outcome weakest;		/* send_weakest */
};

/* now: seconds, to judge certificates by. STS_ENOMEM. */
enum sts_status send_attempts_make(const struct sts_conf *conf, const struct required_tls *required, const struct send_route *route,
    int64_t now, struct send_attempts *out);

#endif

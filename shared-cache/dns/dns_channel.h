/* SPDX-License-Identifier: ISC */
/* dns_channel.h - how dns.c wants c-ares to be: opened and closed. Part of dns.c's insides; belongs to one thread. */
#ifndef STS_DNS_CHANNEL_H
#define STS_DNS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ares.h>

#include "shared-cache/base/status.h"

struct dns_channel_params {
	const char *servers;		/* as of sts_dns_new() */
	int64_t budget_ms;
	bool plain;			/* report a refusal as such, and ask no other server */
	ares_sock_state_cb watch;
	void *arg;			/* of watch */
};

/* STS_EINVAL: servers does not parse. After any failure *out is NULL or a channel that is to be closed. */
enum sts_status dns_channel_open(const struct dns_channel_params *params, ares_channel *out);

/* All of them become NULL, each before its questions are called back. */
void dns_channels_close(ares_channel *channels, size_t count);

#endif

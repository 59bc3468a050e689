/* SPDX-License-Identifier: ISC */
/* dns_channel.h - opens and closes c-ares channels, with the options that dns.c needs. For dns.c only; belongs to one thread. */
#ifndef STS_DNS_CHANNEL_H
#define STS_DNS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ares.h>

#include "shared-cache/base/status.h"

struct dns_channel_params {
	const char *servers;		/* as for sts_dns_new() */
	int64_t budget_ms;
	bool plain;			/* report a refusal as it is, and ask no other server */
	ares_sock_state_cb watch;
	void *arg;			/* of watch */
};

/* STS_EINVAL: servers is malformed. After any failure *out is NULL, or a channel that the caller closes. */
enum sts_status dns_channel_open(const struct dns_channel_params *params, ares_channel *out);

/* Sets each to NULL before its queries are called back. */
void dns_channels_close(ares_channel *channels, size_t count);

#endif

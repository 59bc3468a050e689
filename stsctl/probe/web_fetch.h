/* SPDX-License-Identifier: ISC */
/*
 * web_fetch.h - a policy fetched from one address, by the very code with which the milter fetches (https.h), waited for.
 * Belongs to one thread. The process must ignore SIGPIPE.
 */
#ifndef STSCTL_WEBFETCH_H
#define STSCTL_WEBFETCH_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/network/https.h"
#include "stsctl/findings/findings.h"

struct webfetch {
	enum sts_reason reason;		/* STS_REASON_NONE: body is what senders get */
	long status;			/* of HTTP, 0 for none */
	char detail[320];		/* printable, "" when there is nothing to say */
	char *body;			/* len bytes, then NUL */
	size_t len;
	int64_t ms;
};

/* agent: NULL for the milter's User-Agent. webfetch_fini frees what is in out. */
void webfetch(struct sts_https *https, const char *host, const struct sts_ipaddr *addr, const char *agent, int64_t timeout_ms,
    struct webfetch *out);
void webfetch_fini(struct webfetch *fetch);

/* The finding for a fetch that did not succeed, with the lines that mend it. */
void webfetch_judge(const struct webfetch *fetch, const char *host, const char *subject, struct findings *out);
/* Whether both got the same, be it a policy or a refusal. */
bool webfetch_is_same(const struct webfetch *a, const struct webfetch *b);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * web_fetch.h - a policy fetched from one address, by the very code with which the milter fetches (https.h), waited for.
 * Belongs to one thread. The process must ignore SIGPIPE.
 */
#ifndef STSCTL_PROBE_WEB_FETCH_H
#define STSCTL_PROBE_WEB_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/network/https.h"
#include "stsctl/findings/findings.h"

struct web_fetch {
	enum sts_reason reason;		/* STS_REASON_NONE: body is what senders get */
	long status;			/* of HTTP, 0 for none */
	char detail[320];		/* printable, "" when there is nothing to say */
	char *body;			/* len bytes, then NUL */
	size_t len;
	int64_t ms;
};

/* agent: NULL for the milter's User-Agent. web_fetch_fini frees what is in out. */
void web_fetch(struct sts_https *https, const char *host, const struct sts_ipaddr *addr, const char *agent, int64_t timeout_ms,
    struct web_fetch *out);
void web_fetch_fini(struct web_fetch *fetch);

/* The finding for a fetch that did not succeed, with the lines that mend it. */
void web_fetch_judge(const struct web_fetch *fetch, const char *host, const char *subject, struct findings *out);
/* Whether both got the same, be it a policy or a refusal. */
bool web_fetch_is_same(const struct web_fetch *a, const struct web_fetch *b);

#endif

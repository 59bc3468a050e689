/* SPDX-License-Identifier: ISC */
/*
 * web_fetch.h - fetches a policy from one address with the milter's own HTTPS code (https.h), and waits for the result.
 * One thread. The process must ignore SIGPIPE.
 */
#ifndef STSCTL_PROBE_WEB_FETCH_H
#define STSCTL_PROBE_WEB_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/network/https.h"
#include "stsctl/findings/findings.h"

struct web_fetch {
	enum sts_reason reason;		/* STS_REASON_NONE: body is what senders get */
	long status;			/* of HTTP; 0 for none */
	char detail[320];		/* printable, "" when there is nothing to say */
	char *body;			/* len bytes, then NUL */
	size_t len;
	int64_t ms;
};

/* agent: NULL for the milter's User-Agent. The caller gives *out back with web_fetch_fini. */
void web_fetch(struct sts_https *https, const char *host, const struct sts_ipaddr *addr, const char *agent, int64_t timeout_ms,
    struct web_fetch *out);
void web_fetch_fini(struct web_fetch *fetch);

/* Adds the finding for a failed fetch, with the lines that fix it. Adds nothing when the fetch succeeded. */
void web_fetch_judge(const struct web_fetch *fetch, const char *host, const char *subject, struct findings *out);
/* Whether both fetches had the same result: the same body, or the same failure. */
bool web_fetch_is_same(const struct web_fetch *a, const struct web_fetch *b);

#endif

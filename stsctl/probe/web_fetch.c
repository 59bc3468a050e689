/* SPDX-License-Identifier: ISC */
/* web_fetch.c - runs one transfer to its end, and says what senders make of the response. */
#include "config.h"

#include "stsctl/probe/web_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/findings/fixes.h"

enum { WAIT_MS = 1000 };

struct pending {
	struct web_fetch *out;
	bool is_done;
};

static void
set_failure(struct web_fetch *f, enum sts_reason reason, const char *detail)
{
	f->reason = reason;
	snprintf(f->detail, sizeof(f->detail), "%s", detail);
}

static void
on_answer(void *arg, const struct sts_https_response *answer)
{
	struct pending *pending = arg;
	struct web_fetch *f = pending->out;

	pending->is_done = true;
	set_failure(f, answer->reason, answer->detail);
	f->status = answer->status;
	f->body = malloc(answer->len + 1);
	if (f->body == NULL) {
		set_failure(f, STS_REASON_OVERLOAD, "out of memory");
		return;
	}
	memcpy(f->body, answer->body, answer->len);
	f->body[answer->len] = '\0';
	f->len = answer->len;
}

void
web_fetch(struct sts_https *https, const char *host, const struct sts_ipaddr *addr, const char *agent, int64_t timeout_ms,
    struct web_fetch *out)
{
	struct pending pending = { .out = out };
	int64_t start_ms = sts_clock_mono_ms();
	const struct sts_https_request request = { .host = host, .addrs = addr, .addr_count = 1, .agent = agent,
		.deadline_ms = start_ms + timeout_ms, .connect_timeout_ms = timeout_ms };

	memset(out, 0, sizeof(*out));
	if (sts_https_get(https, &request, on_answer, &pending) != STS_OK) {
		set_failure(out, STS_REASON_OVERLOAD, "out of memory");
		return;
	}
	for (;;) {
		sts_https_process(https);
		if (pending.is_done)
			break;
		if (!sts_https_is_ready(https))
			sts_https_wait(https, NULL, 0, WAIT_MS);
	}
	out->ms = sts_clock_mono_ms() - start_ms;
}

void
web_fetch_fini(struct web_fetch *fetch)
{
	free(fetch->body);
	fetch->body = NULL;
}

static const char *
id_of(const struct web_fetch *f)
{
	switch (f->reason) {
	case STS_REASON_FETCH_STATUS:
		return f->status >= 300 && f->status <= 399 ? "fetch.redirect" : "fetch.status";
	case STS_REASON_FETCH_TYPE:
		return "fetch.type";
	case STS_REASON_FETCH_SIZE:
		return "fetch.size";
	case STS_REASON_FETCH_TIMEOUT:
		return "fetch.timeout";
	case STS_REASON_FETCH_TLS:
		return "tls.handshake";
	case STS_REASON_FETCH_REFUSED:
		return "host.address";
	case STS_REASON_OVERLOAD:
		return "check.trouble";
	default:
		return "fetch.connect";
	}
}

void
web_fetch_judge(const struct web_fetch *fetch, const char *host, const char *subject, struct findings *out)
{
	char fix[FIX_CAP];
	bool is_trouble = fetch->reason == STS_REASON_OVERLOAD;
	bool is_misconfigured = fetch->reason == STS_REASON_FETCH_STATUS || fetch->reason == STS_REASON_FETCH_TYPE;

	if (fetch->reason == STS_REASON_NONE)
		return;
	findings_add(out, is_trouble ? FINDING_WARN : FINDING_FAIL, id_of(fetch), subject, fetch->detail,
	    is_misconfigured ? fix_web_location(host, fix) : NULL);
	if (is_trouble)
		findings_set_unsure(out);
}

bool
web_fetch_is_same(const struct web_fetch *a, const struct web_fetch *b)
{
	return a->reason == b->reason && a->status == b->status && a->len == b->len &&
	    (a->len == 0 || memcmp(a->body, b->body, a->len) == 0);
}

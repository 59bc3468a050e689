/* SPDX-License-Identifier: ISC */
/* metrics_message.c - (evidence, policy, verdict) -> metrics. Knows no session. */
#include "config.h"

#include "milter/record/metrics_message.h"

static void
count_judged(struct metrics *metrics, const struct journal_case *c)
{
	const struct sts_evidence *ev = c->evidence;
	unsigned tls = sts_tls_known(&ev->tls);

	if (c->first)
		metrics_count(metrics, METRICS_SESSIONS, tls, 0);
	metrics_count(metrics, METRICS_MESSAGES, c->verdict->result, 0);
	metrics_count(metrics, METRICS_MESSAGE_TLS, c->policy->known, tls);
	if (c->verdict->reason != STS_REASON_NONE)
		metrics_count(metrics, METRICS_MESSAGE_REASONS, c->verdict->reason - 1U, 0);
	metrics_count(metrics, METRICS_MESSAGE_ALIGNED, ev->aligned, 0);
	if (ev->history != STS_HISTORY_NONE)
		metrics_count(metrics, METRICS_MESSAGE_HISTORY, ev->history - 1U, 0);
	if (ev->has_rcpt)
		metrics_count(metrics, METRICS_MESSAGE_RCPT, ev->rcpt, 0);
	metrics_count(metrics, METRICS_MESSAGE_ACTIONS, sts_action_taken(c->verdict->action, c->verdict->wanted), 0);
	metrics_time(metrics, METRICS_MESSAGE_DELAY, 0, c->waited_ms);
}

void
metrics_message(struct metrics *metrics, const struct journal_case *c)
{
	if (c->exempt == JOURNAL_JUDGED)
		count_judged(metrics, c);
	else
		metrics_count(metrics, METRICS_EXEMPT, c->exempt - 1U, 0);
	if (c->evidence->forged > 0)
		metrics_count(metrics, METRICS_FORGED, 0, 0);
}

void
metrics_lookup(struct metrics *metrics, enum sts_source source, enum sts_policy_known known)
{
	metrics_count(metrics, METRICS_LOOKUPS, source, known);
}

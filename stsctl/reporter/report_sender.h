/* SPDX-License-Identifier: ISC */
/*
 * report_sender.h - sends one TLS report: composes it from Redis, delivers it to each address (up to eight) that the domain publishes,
 * and records the outcome.
 *
 * A report is locked while it is sent, and the outcome at each address is recorded in Redis: of all nodes that share a Redis, one sends
 * the report, once. If an outcome cannot be recorded, the report is sent again under the same report-id, by which receivers recognise it.
 * One thread.
 */
#ifndef STSCTL_REPORTER_REPORT_SENDER_H
#define STSCTL_REPORTER_REPORT_SENDER_H

#include "shared-cache/query/sent_query.h"
#include "shared-cache/sent/report_outbox.h"
#include "stsctl/reporter/report_delivery.h"

enum { REPORT_SENDER_RUA_MAX = 8, REPORT_SENDER_OWNER_CAP = 64 };

enum report_sender_count {
	REPORT_SENDER_SENT,		/* a report delivered to an address */
	REPORT_SENDER_FAILED,		/* a delivery that will be tried again */
	REPORT_SENDER_EARLY,		/* reports that are not due yet, or whose retry is not */
	REPORT_SENDER_DONE,		/* reports that are finished */
	REPORT_SENDER_BUSY,		/* reports that another node is sending */
	REPORT_SENDER_UNKNOWN,		/* DNS did not say where to send them */
	REPORT_SENDER_COUNTS
};
/* "sent", "failed", "early", "done", "busy", "unknown". */
const char *report_sender_count_name(enum report_sender_count count);

/* Called for each failed delivery. uri may be hostile; why is printable. uri NULL: the domain's record is invalid, so that it gets no
 * report. */
typedef void report_sender_trouble_fn(void *arg, const char *domain, const char *uri, const char *why);

struct report_sender {
	const struct sts_conf *conf;
	struct sts_store_link *link;
	struct report_delivery delivery;
	char owner[REPORT_SENDER_OWNER_CAP];		/* owner of the locks: unique to this process */
	char submitter[STS_DOMAIN_CAP];
	int64_t jitter_s, now;
	int64_t counts[REPORT_SENDER_COUNTS];
	report_sender_trouble_fn *trouble;
	void *arg;
};

/* Sends the report about a domain and a day, if it is due. end: when the day ended, in seconds. STS_EUNAVAILABLE: Redis does not
 * answer. STS_ENOMEM. */
enum sts_status report_sender_run(struct report_sender *sender, const char *domain, const char *day, int64_t end);

/* Composes the same report without sending or recording anything. *out: JSON, which the caller frees; NULL: nothing to report. */
enum sts_status report_sender_preview(struct report_sender *sender, const char *domain, const char *day, char **out);

#endif

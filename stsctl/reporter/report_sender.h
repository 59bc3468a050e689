/* SPDX-License-Identifier: ISC */
/*
 * report_sender.h - one TLS report: composed of what Redis holds, brought to each address that the domain publishes (the first eight),
 * noted.
 *
 * A report is locked while somebody is at it, and what became of it at each address is noted, so that of all nodes that share a
 * Redis one brings it, once. When a note cannot be written, it is brought again, under the same report-id: receivers know it by
 * that.
 * One thread.
 */
#ifndef STSCTL_REPORTER_REPORT_SENDER_H
#define STSCTL_REPORTER_REPORT_SENDER_H

#include "shared-cache/query/sent_query.h"
#include "shared-cache/sent/report_outbox.h"
#include "stsctl/reporter/report_delivery.h"

enum { REPORT_SENDER_RUA_MAX = 8, REPORT_SENDER_OWNER_CAP = 64 };

enum report_sender_count {
	REPORT_SENDER_SENT,		/* a report at an address */
	REPORT_SENDER_FAILED,		/* one that will be tried again */
	REPORT_SENDER_EARLY,		/* reports that are not due yet, or whose next try is not */
	REPORT_SENDER_DONE,		/* reports of which nothing is left to be done */
	REPORT_SENDER_BUSY,		/* reports that another node is at */
	REPORT_SENDER_UNKNOWN,		/* DNS did not say where to */
	REPORT_SENDER_COUNTS
};
/* "sent", "failed", "early", "done", "busy", "unknown". */
const char *report_sender_count_name(enum report_sender_count count);

/* Told of each try that failed; uri may be a stranger's, why is printable. Without a uri, there is no report to anybody. */
typedef void report_sender_trouble_fn(void *arg, const char *domain, const char *uri, const char *why);

struct report_sender {
	const struct sts_conf *conf;
	struct sts_store_link *link;
	struct report_delivery delivery;
	char owner[REPORT_SENDER_OWNER_CAP];		/* of locks: this process alone */
	char submitter[STS_DOMAIN_CAP];
	int64_t jitter_s, now;
	int64_t counts[REPORT_SENDER_COUNTS];
	report_sender_trouble_fn *trouble;
	void *arg;
};

/* The report about a domain and a day (its text, and the second at which it ended). STS_EUNAVAILABLE: Redis does not answer;
 * STS_ENOMEM. */
enum sts_status report_sender_run(struct report_sender *sender, const char *domain, const char *day, int64_t end);

/* The same report, as JSON for the caller to free; NULL in *out when there is nothing to report. Nothing is noted. */
enum sts_status report_sender_preview(struct report_sender *sender, const char *domain, const char *day, char **out);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * errand.h - one TLS report: composed of what Redis holds, brought to each address that the domain publishes (the first eight),
 * noted.
 *
 * A report is locked while somebody is at it, and what became of it at each address is noted, so that of all nodes that share a
 * Redis one brings it, once. When a note cannot be written, it is brought again, under the same report-id: receivers know it by
 * that.
 * One thread.
 */
#ifndef STSCTL_REPORTER_ERRAND_H
#define STSCTL_REPORTER_ERRAND_H

#include "shared-cache/query/sent_query.h"
#include "shared-cache/sent/report_outbox.h"
#include "stsctl/reporter/report_delivery.h"

enum { ERRAND_RUA_MAX = 8, ERRAND_OWNER_CAP = 64 };

enum errand_count {
	ERRAND_SENT,		/* a report at an address */
	ERRAND_FAILED,		/* one that will be tried again */
	ERRAND_EARLY,		/* reports that are not due yet, or whose next try is not */
	ERRAND_DONE,		/* reports of which nothing is left to be done */
	ERRAND_BUSY,		/* reports that another node is at */
	ERRAND_UNKNOWN,		/* DNS did not say where to */
	ERRAND_COUNTS
};
/* "sent", "failed", "early", "done", "busy", "unknown". */
const char *errand_count_name(enum errand_count count);

/* Told of each try that failed; uri may be a stranger's, why is printable. Without a uri, there is no report to anybody. */
typedef void errand_trouble_fn(void *arg, const char *domain, const char *uri, const char *why);

struct errands {
	const struct sts_conf *conf;
	struct sts_store_link *link;
	struct carrier carrier;
	char owner[ERRAND_OWNER_CAP];		/* of locks: this process alone */
	char submitter[STS_DOMAIN_CAP];
	int64_t jitter_s, now;
	int64_t counts[ERRAND_COUNTS];
	errand_trouble_fn *trouble;
	void *arg;
};

/* The report about a domain and a day (its text, and the second at which it ended). STS_EUNAVAILABLE: Redis does not answer;
 * STS_ENOMEM. */
enum sts_status errand_run(struct errands *errands, const char *domain, const char *day, int64_t end);

/* The same report, as JSON for the caller to free; NULL in *out when there is nothing to report. Nothing is noted. */
enum sts_status errand_show(struct errands *errands, const char *domain, const char *day, char **out);

#endif

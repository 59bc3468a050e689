/* SPDX-License-Identifier: ISC */
/*
 * sent_query.h - reads what sent_store.h has written, for people. Everything read is validated. A query belongs to one thread.
 */
#ifndef STS_QUERY_SENT_QUERY_H
#define STS_QUERY_SENT_QUERY_H

#include <stdbool.h>

#include "shared-cache/base/status.h"
#include "shared-cache/outbound/sent_counts.h"
#include "shared-cache/store/store.h"

struct sts_sent_query;

/* As sts_sent_store_open. */
enum sts_status sts_sent_query_open(const struct sts_store_params *params, struct sts_sent_query **out);
void sts_sent_query_close(struct sts_sent_query **query);
const char *sts_sent_query_why(const struct sts_sent_query *query);

/* Adds the sums of a domain, of a day or (NULL) in all, to *row; times and the last failure are those in all, and are set with day
 * NULL alone. STS_ENOTFOUND: there are none. STS_EUNAVAILABLE. */
enum sts_status sts_sent_query_row(struct sts_sent_query *query, const char *domain, const char *day, struct sts_sent_row *row);

/* Calls fn for each domain that Postfix reported of, the one of late last; at most max. fn returns false to end. */
typedef bool sts_sent_domain_fn(void *arg, const char *domain);
enum sts_status sts_sent_query_domains(struct sts_sent_query *query, size_t max, sts_sent_domain_fn *fn, void *arg);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * sent_query.h - reads the counters of sent_store.h, for people. Everything read is validated. Over a connection of the caller's
 * (store_link.h).
 */
#ifndef STS_QUERY_SENT_QUERY_H
#define STS_QUERY_SENT_QUERY_H

#include <stdbool.h>

#include "shared-cache/base/status.h"
#include "shared-cache/outbound/sent_counts.h"
#include "shared-cache/store/store_link.h"

/* Adds a domain's sums for a day, or in total (day NULL), to *row. Times and the last failure exist only in total, and are set
 * only with day NULL. STS_ENOTFOUND: there are none. STS_EUNAVAILABLE. */
enum sts_status sts_sent_query_row(struct sts_store_link *link, const char *domain, const char *day, struct sts_sent_row *row);

/* Calls fn for each domain that Postfix reported on, the most recent last; at most max. fn returns false to stop. */
typedef bool sts_sent_domain_fn(void *arg, const char *domain);
enum sts_status sts_sent_query_domains(struct sts_store_link *link, size_t max, sts_sent_domain_fn *fn, void *arg);

#endif

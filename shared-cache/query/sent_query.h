/* SPDX-License-Identifier: ISC */
/*
 * sent_query.h - reads what sent_store.h has written, for people. Everything read is validated. Over a
 * connection of the caller's (store_link.h).
 */
#ifndef STS_QUERY_SENT_QUERY_H
#define STS_QUERY_SENT_QUERY_H

#include <stdbool.h>

#include "shared-cache/base/status.h"
#include "shared-cache/outbound/sent_counts.h"
#include "shared-cache/store/store_link.h"

/* Adds the sums of a domain, of a day or (NULL) in all, to *row; times and the last failure are those in all, and are set with day
 * NULL alone. STS_ENOTFOUND: there are none. STS_EUNAVAILABLE. */
enum sts_status sts_sent_query_row(struct sts_store_link *link, const char *domain, const char *day, struct sts_sent_row *row);

/* Calls fn for each domain that Postfix reported of, the one of late last; at most max. fn returns false to end. */
typedef bool sts_sent_domain_fn(void *arg, const char *domain);
enum sts_status sts_sent_query_domains(struct sts_store_link *link, size_t max, sts_sent_domain_fn *fn, void *arg);

#endif

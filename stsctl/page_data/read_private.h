/* SPDX-License-Identifier: ISC */
/* read_private.h - the parts of read_data.h. Each adds to out, whose days are set already. */
#ifndef STSCTL_PAGE_DATA_READ_PRIVATE_H
#define STSCTL_PAGE_DATA_READ_PRIVATE_H

#include "shared-cache/query/sent_query.h"
#include "stsctl/page_data/read_data.h"

enum sts_status page_data_read_messages(struct sts_query *query, struct page_data *out);
enum sts_status page_data_read_senders(struct sts_query *query, const struct page_data_request *request, struct page_data *out);
enum sts_status page_data_read_nodes(struct sts_query *query, const struct page_data_request *request, struct page_data *out);
enum sts_status page_data_read_reports(const struct settings_redis *redis, struct page_data *out);
enum sts_status page_data_read_sent(struct sts_store_link *link, const struct page_data_request *request, struct page_data *out);

/* Adds to the sum of a result type. STS_ENOMEM. Beyond a hundred types, others are ignored. */
enum sts_status page_data_add_failure(struct page_data_peers *peers, const char *result, int64_t n);
/* Appends a domain with zero counters. NULL: no memory. cap is the list's capacity. */
struct page_data_peer *page_data_add_peer(struct page_data_peers *peers, size_t *cap, const char *domain);
/* Sorts by failures, then by sessions, the most first, and sums up. */
void page_data_settle_peers(struct page_data_peers *peers);

#endif

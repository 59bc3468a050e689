/* SPDX-License-Identifier: ISC */
/* gather_private.h - the parts of gather.h. Each adds to out, whose days are there already. */
#ifndef STSCTL_GATHERING_GATHER_PRIVATE_H
#define STSCTL_GATHERING_GATHER_PRIVATE_H

#include "shared-cache/query/sent_query.h"
#include "stsctl/page_data/read_data.h"

enum sts_status gather_messages(struct sts_query *query, struct figures *out);
enum sts_status gather_senders(struct sts_query *query, const struct gather_request *request, struct figures *out);
enum sts_status gather_nodes(struct sts_query *query, const struct gather_request *request, struct figures *out);
enum sts_status gather_reports(const struct settings_redis *redis, struct figures *out);
enum sts_status gather_sent(struct sts_store_link *link, const struct gather_request *request, struct figures *out);

/* Adds to the sum of a type of failure. STS_ENOMEM; of more than a hundred types the others are left out. */
enum sts_status gather_failure(struct figures_peers *peers, const char *result, int64_t n);
/* Adds a domain, zeroed, to the list; NULL: no memory. cap belongs to the list. */
struct figures_peer *gather_peer(struct figures_peers *peers, size_t *cap, const char *domain);
/* The most failures first, then the most sessions; the sums. */
void gather_settle(struct figures_peers *peers);

#endif

/* SPDX-License-Identifier: ISC */
/* message_counts.h - counts messages for a domain, with and without TLS, in the evidence in Redis. One thread. */
#ifndef STSCTL_READINESS_MESSAGE_COUNTS_H
#define STSCTL_READINESS_MESSAGE_COUNTS_H

#include "shared-cache/query/query.h"
#include "stsctl/readiness/readiness_judge.h"

/* Counts the entries since a time (seconds since the epoch) that have a recipient in the domain. Fails as sts_query_stream does. */
enum sts_status readiness_count_messages(struct sts_query *query, const char *domain, int64_t since,
    struct readiness_messages *out);

#endif

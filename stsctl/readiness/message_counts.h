/* SPDX-License-Identifier: ISC */
/* readiness/message_counts.h - how mail for one of our domains came in, by the evidence in Redis. One thread. */
#ifndef STSCTL_READINESS_MESSAGE_COUNTS_H
#define STSCTL_READINESS_MESSAGE_COUNTS_H

#include "shared-cache/query/query.h"
#include "stsctl/readiness/readiness_judge.h"

/* Adds up the entries since a time (seconds) that have a recipient of the domain. */
enum sts_status readiness_count_messages(struct sts_query *query, const char *domain, int64_t since,
    struct readiness_messages *out);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * sent_store.h - writes the sums of sent_counts.h to Redis: each row exactly once, even after a failed first attempt.
 *
 * Has a connection of its own, used by one thread. Each call blocks for at most the store's timeout.
 */
#ifndef STS_SENT_SENT_STORE_H
#define STS_SENT_SENT_STORE_H

#include "shared-cache/base/status.h"
#include "shared-cache/outbound/sent_counts.h"
#include "shared-cache/store/store.h"

struct sts_sent_store;

/* params->endpoint must not be `none'. Does not connect yet. */
enum sts_status sts_sent_store_open(const struct sts_store_params *params, struct sts_sent_store **out);
void sts_sent_store_close(struct sts_sent_store **store);

/* Adds a row to sent:{D}:DAY and sent:{D}. number: unique to this row; repeat the call with the same number after
 * STS_EUNAVAILABLE. STS_EINVAL: a key holds something else, and the row can never be written. */
enum sts_status sts_sent_store_add(struct sts_sent_store *store, const struct sts_sent_row *row, uint64_t number, int64_t now);

/* Why the last call failed; escaped, a few words. */
const char *sts_sent_store_why(const struct sts_sent_store *store);

#endif

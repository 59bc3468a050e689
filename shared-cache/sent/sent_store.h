/* SPDX-License-Identifier: ISC */
/*
 * sent_store.h - sums of sent_counts.h, written to Redis: each row exactly once, whatever became of the first try.
 *
 * A connection of its own, used by one thread. Each call blocks for at most the store's timeout.
 */
#ifndef STS_SENT_SENT_STORE_H
#define STS_SENT_SENT_STORE_H

#include "shared-cache/base/status.h"
#include "shared-cache/outbound/sent_counts.h"
#include "shared-cache/store/store.h"

struct sts_sent_store;

/* params->endpoint must not be `none'. Connects to nothing yet. */
enum sts_status sts_sent_store_open(const struct sts_store_params *params, struct sts_sent_store **out);
void sts_sent_store_close(struct sts_sent_store **store);

/* Adds a row to sent:{D}:DAY and sent:{D}. number: of this row, never used for another one; the same again after
 * STS_EUNAVAILABLE. STS_EINVAL: a key holds something else, the row cannot be written at all. */
enum sts_status sts_sent_store_add(struct sts_sent_store *store, const struct sts_sent_row *row, uint64_t number, int64_t now);

/* Why the last call failed; escaped, a few words. */
const char *sts_sent_store_why(const struct sts_sent_store *store);

#endif

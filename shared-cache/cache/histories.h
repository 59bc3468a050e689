/* SPDX-License-Identifier: ISC */
/*
 * histories.h - the histories of sender domains, cached in memory: bounded by count and bytes, LRU. They are read from the store
 * ahead of need, and again from time to time, so that the nodes of a fleet agree.
 *
 *  MAIL            sts_histories_want: if it is not here, the store thread reads it
 *  end of message  sts_histories_wait: for one that was never here, as for a policy; sts_histories_get; sts_histories_add
 *
 * What this process adds is in memory at once, and reaches the store with the next batch of counters. Without a store, a history is
 * what this process has seen. One that is not here, for whatever reason, says nothing.
 * Only domains that were wanted or added take up room: the caller does so only for aligned clients.
 * Any thread; one mutex. Outlives the cache that reads for it.
 */
#ifndef STS_CACHE_HISTORIES_H
#define STS_CACHE_HISTORIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/judge/history.h"

enum {
	STS_HISTORIES_REREAD_MS = 300 * 1000,
	STS_HISTORIES_RETRY_MS = 10 * 1000,	/* after the store failed */
	STS_HISTORIES_BYTES = 325,		/* of memory for each, on average; most take less than 200 */
};

struct sts_histories;

/* At most max histories in max * STS_HISTORIES_BYTES of memory; the most recently used one stays, however large. mono_ms: as
 * sts_clock_mono_ms. */
enum sts_status sts_histories_new(size_t max, int64_t (*mono_ms)(void), struct sts_histories **out);
void sts_histories_free(struct sts_histories **histories);

/* Starts reading domain's history. False: not possible now; else sts_histories_read is called with the ticket, once. Called
 * under the lock: must only queue the request and return. */
typedef bool sts_histories_load_fn(void *arg, const char *domain, uint64_t ticket);
/* load NULL: there is no store any more; waiting threads stop waiting. */
void sts_histories_attach(struct sts_histories *histories, sts_histories_load_fn *load, void *arg);
/* The result of a read; found NULL: the store failed. An outdated ticket is ignored. A lack of memory counts as a failure of the
 * store. */
void sts_histories_read(struct sts_histories *histories, const char *domain, uint64_t ticket,
    const struct sts_history_days *found);

/* Makes sure that domain's history is here or being read. Does not block. */
void sts_histories_want(struct sts_histories *histories, const char *domain);
/* Waits for a history that was wanted and never here, until deadline_ms (mono_ms; in the past: does not wait). */
void sts_histories_wait(struct sts_histories *histories, const char *domain, int64_t deadline_ms);
/* False: it is not here, and nothing is known. */
bool sts_histories_get(struct sts_histories *histories, const char *domain, struct sts_history_days *out);
/* Adds a message. Without memory it is left out. */
void sts_histories_add(struct sts_histories *histories, const char *domain, int64_t now, enum sts_tls_state tls);

/* What is known of domain, or of all domains, is out of date; so is a read in progress. */
void sts_histories_forget(struct sts_histories *histories, const char *domain);
void sts_histories_forget_all(struct sts_histories *histories);

size_t sts_histories_count(struct sts_histories *histories);
/* Bytes of memory, as malloc counts them. */
size_t sts_histories_bytes(struct sts_histories *histories);

#endif

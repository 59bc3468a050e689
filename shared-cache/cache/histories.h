/* SPDX-License-Identifier: ISC */
/*
 * histories.h - the histories of domains in memory: bounded by count and bytes, least recently used goes first; read from the
 * store ahead of need, and again now and then, so that the nodes of a fleet agree.
 *
 *   MAIL            sts_histories_want: is it here? else it is asked of the store, which somebody else's thread does
 *   end of message  sts_histories_wait: for one that was never here, as for a policy; sts_histories_get; sts_histories_add
 *
 * What this process has seen since is in memory at once, and in the store with its counters' next batch. Without a store a
 * history is what the process itself has seen. One that is not here, whyever, says nothing.
 * Only domains that were wanted or added take room: the caller does so for aligned clients' alone.
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
	STS_HISTORIES_RETRY_MS = 10 * 1000,	/* after the store did not answer */
	STS_HISTORIES_BYTES = 325,		/* of memory for each, on average; most take less than 200 */
};

struct sts_histories;

/* At most max, in max * STS_HISTORIES_BYTES of memory; the one used last stays, however large it is. mono_ms: as
 * sts_clock_mono_ms. */
enum sts_status sts_histories_new(size_t max, int64_t (*mono_ms)(void), struct sts_histories **out);
void sts_histories_free(struct sts_histories **histories);

/* Asks for domain's history: false when it cannot be asked for now; else sts_histories_read is called with the ticket, once.
 * Called under the lock: hands on, and comes back. */
typedef bool sts_histories_load_fn(void *arg, const char *domain, uint64_t ticket);
/* load NULL: there is no store any more; who waits, waits no longer. */
void sts_histories_attach(struct sts_histories *histories, sts_histories_load_fn *load, void *arg);
/* What the store says; NULL: nothing, it is away. A ticket that nobody waits for any more is ignored. Without memory it is as
 * if it were away. */
void sts_histories_read(struct sts_histories *histories, const char *domain, uint64_t ticket,
    const struct sts_history_days *found);

/* Sees to it that domain's history is here, or comes. Does not block. */
void sts_histories_want(struct sts_histories *histories, const char *domain);
/* Waits until a history that was wanted and never here is, or until deadline_ms (mono_ms; in the past: does not wait). */
void sts_histories_wait(struct sts_histories *histories, const char *domain, int64_t deadline_ms);
/* False, and nothing is known: it is not here. */
bool sts_histories_get(struct sts_histories *histories, const char *domain, struct sts_history_days *out);
/* One more message. Without memory it is left out. */
void sts_histories_add(struct sts_histories *histories, const char *domain, int64_t now, enum sts_tls_state tls);

/* What is known of domain, or of all, is out of date; what is on its way, too. */
void sts_histories_forget(struct sts_histories *histories, const char *domain);
void sts_histories_forget_all(struct sts_histories *histories);

size_t sts_histories_count(struct sts_histories *histories);
/* Of memory, as malloc hands it out. */
size_t sts_histories_bytes(struct sts_histories *histories);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * store_thread.h - the thread that makes the flights' store calls, which block: a hung Redis delays nobody else.
 *
 * Calls are executed in order. Results go back as tasks to the caller's queue.
 */
#ifndef STS_CACHE_STORE_THREAD_H
#define STS_CACHE_STORE_THREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/cache/histories.h"
#include "shared-cache/cache/resolver.h"
#include "shared-cache/runtime/queue.h"
#include "shared-cache/store/store.h"

struct sts_store_thread;

/* Where results go: into queue; then the thread calls wakeup(arg). Both outlive the thread. */
struct sts_reply_to {
	struct sts_queue *queue;
	void (*wakeup)(void *arg);
	void *arg;
};

/* max: calls that may wait; more are refused, and their flights do without the store. */
enum sts_status sts_store_thread_new(const struct sts_store_params *params, const struct sts_reply_to *reply_to, size_t max,
    struct sts_store_thread **out);
enum sts_status sts_store_thread_start(struct sts_store_thread *thread);
/* Ends the thread. Writes that wait are done as long as the store accepts calls, for at most one timeout; reads are answered
 * with STS_EUNAVAILABLE. Does nothing if the thread does not run. */
void sts_store_thread_stop(struct sts_store_thread *thread);
/* After sts_store_thread_stop, and after all results were handled. */
void sts_store_thread_free(struct sts_store_thread **thread);

/* Whether the last call of the store succeeded. Any thread. */
bool sts_store_thread_is_up(const struct sts_store_thread *thread);

/* The interface for the resolver; lives as long as thread. */
const struct sts_resolver_store *sts_store_thread_store(const struct sts_store_thread *thread);

/* Also reads histories, until it is stopped or freed. They outlive the thread. */
void sts_store_thread_serve(struct sts_store_thread *thread, struct sts_histories *histories);

#endif

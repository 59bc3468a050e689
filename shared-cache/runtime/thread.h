/* SPDX-License-Identifier: ISC */
/*
 * thread.h - starts our threads: named, and with every signal blocked, so that signals reach only the threads that wait for them.
 * Also: smaller stacks (the system's default is 8 MiB of address space each), and a higher priority for threads that others wait
 * for.
 */
#ifndef STS_RUNTIME_THREAD_H
#define STS_RUNTIME_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

/* Smaller stacks for threads that libraries start from now on: where memory is limited, address space runs out first. Needed are
 * some 30 KiB; sanitizers need a multiple. Call before any thread starts. */
void sts_thread_small_stacks(void);

/* Starts a thread. Its stack is larger, as it may look up names through NSS modules. name: at most 15 bytes. STS_ESYS: the
 * system refuses. Any thread. */
enum sts_status sts_thread_start(const char *name, void *(*fn)(void *arg), void *arg, pthread_t *out);

/* Waits for the thread to end; changes of the clock do not matter. False: it still runs. Call once a thread, from another
 * thread. */
bool sts_thread_join(pthread_t thread, int64_t timeout_ms);

/* For a thread with short replies that others wait for. The scheduler divides the processors among processes, then among their
 * threads: one thread beside a hundred busy ones gets a hundredth. STS_THREAD_NICE is the nice value to ask for. It puts the
 * thread ahead of its own process' threads, not ahead of other services (sched_autogroup, control groups). */
enum { STS_THREAD_NICE = -10 };

/* Lets threads raise their priority after privileges were dropped (RLIMIT_NICE). Call before any thread starts. Does nothing
 * without the privilege; then the limit is what the process was started with (LimitNICE). */
void sts_thread_allow_priority(void);

/* Raises the priority of the calling thread. STS_ESYS: not allowed; everything works, but is slower under much mail. */
enum sts_status sts_thread_raise_priority(void);

/* Runs fn(arg) in as many threads as the system grants, at most count and STS_PARALLEL_MAX, and waits for all of them. If it
 * grants none, fn runs in the calling thread. The threads divide the work through arg. */
enum { STS_PARALLEL_MAX = 64 };
void sts_thread_parallel(const char *name, size_t count, void *(*fn)(void *arg), void *arg);

#endif

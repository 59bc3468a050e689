/* SPDX-License-Identifier: ISC */
/*
 * thread.h - starts a thread of ours: named, and with every signal blocked, so that signals stay with those who wait for them; the
 * size of stacks, which the system would make 8 MiB of address space each; and who comes first where processors are scarce.
 */
#ifndef STS_RUNTIME_THREAD_H
#define STS_RUNTIME_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

/* For threads that libraries start, from now on: where memory is limited, address space for one is what runs out first. Needed is
 * some 30 KiB; sanitizers take a multiple. Before there are threads. */
void sts_thread_small_stacks(void);

/* Its stack is larger: it may look up names, by modules that are not ours. name: at most 15 bytes. STS_ESYS when the system refuses.
 * Any thread. */
enum sts_status sts_thread_start(const char *name, void *(*fn)(void *arg), void *arg, pthread_t *out);

/* Waits for its end, whatever happens to the clock meanwhile. False: it is still there. Once a thread, from any other. */
bool sts_thread_join(pthread_t thread, int64_t timeout_ms);

/* For a thread of short answers that others wait for. The system divides the processors among processes, and then among their threads: one
 * thread beside a hundred that are busy gets a hundredth. STS_THREAD_NICE is the nice value that it asks for; it comes before its own
 * process' threads, not before other services (sched_autogroup, control groups). */
enum { STS_THREAD_NICE = -10 };

/* Lets threads of this process hurry later, after privileges were given up (RLIMIT_NICE). Before there are threads. Does nothing without
 * the right to; then the limit is what the process was started with (LimitNICE). */
void sts_thread_allow_priority(void);

/* The calling thread hurries from now on. STS_ESYS where the system does not allow it: all is well, but slower beside much mail. */
enum sts_status sts_thread_raise_priority(void);

/* Runs fn(arg) in as many threads as the system gives, at most count (and STS_PARALLEL_MAX), and waits for all of them; in the caller's
 * own when it gives none. They share the work by what they find in arg. */
enum { STS_PARALLEL_MAX = 64 };
void sts_thread_parallel(const char *name, size_t count, void *(*fn)(void *arg), void *arg);

#endif

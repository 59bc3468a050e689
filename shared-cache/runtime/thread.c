/* SPDX-License-Identifier: ISC */
/* thread.c - pthread_create with all signals blocked. Knows nothing of what threads do. */
#include "config.h"

#include "shared-cache/runtime/thread.h"

#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "shared-cache/base/clock.h"

/* Multiples of any page size. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SMALL_STACK = 2048 * 1024, STACK = 8192 * 1024 };
#else
enum { SMALL_STACK = 256 * 1024, STACK = 512 * 1024 };
#endif

/* RLIMIT_NICE counts downwards from 20. */
enum { NICE_LIMIT = 20 - STS_THREAD_NICE };

void
sts_thread_small_stacks(void)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, SMALL_STACK) == 0)
		(void)pthread_setattr_default_np(&attr);
	pthread_attr_destroy(&attr);
}

/* Returns an errno. Without memory for attributes, the thread gets the system's defaults. */
static int
create(void *(*fn)(void *arg), void *arg, pthread_t *out)
{
	pthread_attr_t attr;
	int rc;

	if (pthread_attr_init(&attr) != 0)
		return pthread_create(out, NULL, fn, arg);
	(void)pthread_attr_setstacksize(&attr, STACK);
	rc = pthread_create(out, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	return rc;
}

enum sts_status
sts_thread_start(const char *name, void *(*fn)(void *arg), void *arg, pthread_t *out)
{
	sigset_t all, before;
	int rc;

	/* Blocked before the start, so that the new thread never runs with signals open. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = create(fn, arg, out);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return STS_ESYS;
	(void)pthread_setname_np(*out, name);
	return STS_OK;
}

bool
sts_thread_join(pthread_t thread, int64_t timeout_ms)
{
#ifdef __SANITIZE_THREAD__
	/* The thread sanitizer knows no other join with a time limit, and would take the thread for one that still runs. */
	int64_t until_ms = sts_clock_now_ms() + timeout_ms;
#else
	int64_t until_ms = sts_clock_mono_ms() + timeout_ms;
#endif
	const struct timespec until = { .tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000 };

#ifdef __SANITIZE_THREAD__
	return pthread_timedjoin_np(thread, NULL, &until) == 0;
#else
	return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until) == 0;
#endif
}

void
sts_thread_allow_priority(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NICE, &limit) != 0 || limit.rlim_cur >= NICE_LIMIT)
		return;
	limit.rlim_cur = NICE_LIMIT;
	if (limit.rlim_max < NICE_LIMIT)
		limit.rlim_max = NICE_LIMIT;
	(void)setrlimit(RLIMIT_NICE, &limit);
}

enum sts_status
sts_thread_raise_priority(void)
{
	/* On Linux, PRIO_PROCESS with 0 means the calling thread (setpriority(2), nptl(7)). */
	return setpriority(PRIO_PROCESS, 0, STS_THREAD_NICE) == 0 ? STS_OK : STS_ESYS;
}

void
sts_thread_parallel(const char *name, size_t count, void *(*fn)(void *arg), void *arg)
{
	pthread_t threads[STS_PARALLEL_MAX];
	size_t started = 0;

	while (started < count && started < STS_PARALLEL_MAX && sts_thread_start(name, fn, arg, &threads[started]) == STS_OK)
		started++;
	if (started == 0 && count > 0)
		fn(arg);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

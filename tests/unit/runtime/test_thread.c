/* SPDX-License-Identifier: ISC */
/* test_thread.c - work divided among threads, each with all signals blocked; joins with a time limit; priority. */
#include "config.h"

#include "shared-cache/runtime/thread.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <cmocka.h>

enum { JOBS = 500 };

struct work {
	atomic_size_t next, workers, open_to_signals;
	size_t done[JOBS];
};

static void *
work(void *arg)
{
	struct work *w = arg;
	size_t index;
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	atomic_fetch_add(&w->workers, 1);
	atomic_fetch_add(&w->open_to_signals, sigismember(&blocked, SIGTERM) != 1);
	while ((index = atomic_fetch_add(&w->next, 1)) < JOBS)
		w->done[index]++;
	return NULL;
}

static void
test_parallel(void **state)
{
	static const size_t counts[] = { 0, 1, 8, STS_PARALLEL_MAX, 10 * STS_PARALLEL_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct work w = { .next = 0 };
		size_t most = counts[i] < STS_PARALLEL_MAX ? counts[i] : STS_PARALLEL_MAX;

		sts_thread_parallel("test", counts[i], work, &w);
		assert_in_range(w.workers, counts[i] > 0, most);
		assert_int_equal(w.open_to_signals, 0);
		for (size_t job = 0; job < JOBS; job++)
			assert_int_equal(w.done[job], counts[i] > 0);
	}
}

static void *
wait_for(void *arg)
{
	sem_t *sem = arg;

	while (sem_wait(sem) != 0)
		;
	return NULL;
}

static void
test_join(void **state)
{
	pthread_t thread;
	sem_t sem;

	(void)state;
	assert_int_equal(sem_init(&sem, 0, 0), 0);
	assert_int_equal(sts_thread_start("test", wait_for, &sem, &thread), STS_OK);
	assert_false(sts_thread_join(thread, -1));
	assert_false(sts_thread_join(thread, 0));
	assert_false(sts_thread_join(thread, 20));
	assert_int_equal(sem_post(&sem), 0);
	assert_true(sts_thread_join(thread, 60000));
	sem_destroy(&sem);
}

/* The result of asking for priority: the status, and the thread's nice value. */
struct prioritised {
	enum sts_status status;
	int before, after;
};

static void *
raise_priority(void *arg)
{
	struct prioritised *h = arg;

	h->before = getpriority(PRIO_PROCESS, 0);
	h->status = sts_thread_raise_priority();
	h->after = getpriority(PRIO_PROCESS, 0);
	return NULL;
}

static void
test_priority(void **state)
{
	const int ours = getpriority(PRIO_PROCESS, 0);
	struct prioritised h = { .status = STS_ESYS };
	struct rlimit limit;
	pthread_t thread;

	(void)state;
	sts_thread_allow_priority();
	assert_int_equal(getrlimit(RLIMIT_NICE, &limit), 0);
	assert_int_equal(sts_thread_start("test", raise_priority, &h, &thread), STS_OK);
	pthread_join(thread, NULL);
	if (limit.rlim_cur >= 20 - STS_THREAD_NICE)
		assert_int_equal(h.status, STS_OK);
	assert_int_equal(h.after, h.status == STS_OK ? STS_THREAD_NICE : h.before);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), ours);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parallel),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

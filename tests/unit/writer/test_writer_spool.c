/* SPDX-License-Identifier: ISC */
/*
 * test_writer_spool.c - a writer with a spool is killed again and again, at any moment, while its store answers, does not answer, or
 * loses replies: every message that it took is counted once. The writer lives in a child process.
 */
#include "config.h"

#include "shared-cache/writer/writer.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/writer/spool_world.h"

enum { ROUNDS = 150, THREADS = 3 };

/* ---- the child ---- */

static void *
bring(void *arg)
{
	unsigned number;

	while ((number = atomic_fetch_add(&shared->given, 1) + 1) <= MESSAGES) {
		sts_writer_take(arg, world_record(number));
		atomic_store(&shared->answered[number], true);
	}
	return NULL;
}

/* The disk is full, not full, or full again. */
static void
bound_files(unsigned turn)
{
	const struct rlimit bounds[] = { { RLIM_INFINITY, RLIM_INFINITY }, { 70000, RLIM_INFINITY }, { 200, RLIM_INFINITY },
		{ 9000, RLIM_INFINITY } };

	setrlimit(RLIMIT_FSIZE, &bounds[turn % 4]);
}

static void
child_main(int ready)
{
	struct sts_writer_state state;
	struct sts_writer *w;
	pthread_t thread;

	signal(SIGXFSZ, SIG_IGN);
	if (world_writer(&w) != STS_OK || sts_writer_start(w) != STS_OK)
		_exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, bring, w);
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (unsigned turn = 0;; turn++) {
		sts_writer_state(w, &state);
		atomic_store(&shared->late, (unsigned)(state.spool_late + state.spool_missed));
		if (shared->cramped)
			bound_files(turn);
		usleep(1000);
	}
}

/* Waits until the child has begun, then lets it live for so long. */
static void
run_child(unsigned lives_us)
{
	int ready[2], status;
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child_main(ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		fail_msg("the writer does not start");
	close(ready[0]);
	usleep(lives_us);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	if (!shared->cramped)
		assert_int_equal(atomic_load(&shared->late), 0);
}

/* TSan's runtime does not survive a fork after which there are threads. */
static void
skip_under_tsan(void)
{
#if defined(__SANITIZE_THREAD__)
	skip();
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
	skip();
#endif
#endif
}

/* ---- tests ---- */

static void
test_killed_at_any_moment(void **state)
{
	(void)state;
	skip_under_tsan();
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		shared->trouble = (unsigned)(i / 10 % 4 == 3 ? 1 : 5 * (i / 10 % 4));
		run_child((unsigned)(rand() % 12000));
	}
	world_finish();
	world_check_exact(ROUNDS * THREADS);
}

/* When the disk is full at times, messages that were not in the file are lost with the process. None is counted twice. */
static void
test_killed_with_a_full_disk(void **state)
{
	unsigned counted = 0;

	(void)state;
	skip_under_tsan();
	srand(2);
	shared->cramped = true;
	for (int i = 0; i < ROUNDS; i++) {
		shared->trouble = (unsigned)(i / 10 % 4 == 3 ? 1 : 5 * (i / 10 % 4));
		run_child((unsigned)(rand() % 12000));
	}
	shared->cramped = false;
	world_finish();
	world_check_none_twice();
	for (size_t i = 0; i <= MESSAGES; i++) {
		if (shared->counted[i] > 1)
			fail_msg("message %zu is counted %u times", i, (unsigned)shared->counted[i]);
		counted += shared->counted[i];
	}
	print_message("%u messages, %u counted\n", (unsigned)shared->given, counted);
	assert_true(counted > 0);
}

/* The store is unreachable for many lives of the process: everything waits in the file, which stays within its limit. */
static void
test_killed_while_the_store_is_away(void **state)
{
	(void)state;
	skip_under_tsan();
	shared->trouble = 1;
	for (int i = 0; i < 20; i++)
		run_child(3000);
	assert_int_equal(atomic_load(&shared->row_count), 0);
	world_finish();
	world_check_exact(ROUNDS * THREADS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_killed_while_the_store_is_away, world_begin),
		cmocka_unit_test_setup(test_killed_at_any_moment, world_begin),
		cmocka_unit_test_setup(test_killed_with_a_full_disk, world_begin),
	};

	return cmocka_run_group_tests(tests, world_begin_group, world_end_group);
}

/* SPDX-License-Identifier: ISC */
/*
 * test_writer_spool_batch.c - a writer with a spool, in one process: the lock of the directory, what an end leaves there, a disk that is
 * full or hangs, and the size of the file.
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/writer/spool_world.h"

/* A regular end while the store is unreachable. */
static void
test_end_leaves_the_rest(void **state)
{
	struct sts_writer *w;
	struct stat st;
	char path[64];

	(void)state;
	shared->trouble = 1;
	assert_int_equal(world_writer(&w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (unsigned i = 1; i <= 300; i++) {
		sts_writer_take(w, world_record(i));
		atomic_store(&shared->given, i);
		atomic_store(&shared->answered[i], true);
	}
	sts_writer_stop(&w, 50);
	snprintf(path, sizeof(path), "%s/pending", directory);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	world_finish();
	world_check_exact(0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 1000);
}

static void
test_one_process_alone(void **state)
{
	struct sts_writer *first, *second;

	(void)state;
	assert_int_equal(world_writer(&first), STS_OK);
	assert_int_equal(world_writer(&second), STS_EUNAVAILABLE);
	sts_writer_stop(&first, 1000);
	assert_int_equal(world_writer(&second), STS_OK);
	sts_writer_stop(&second, 1000);
}

/* The disk is full: nobody waits, everything is counted, nothing twice. */
static void
test_no_room_on_the_disk(void **state)
{
	const struct rlimit small = { 300000, RLIM_INFINITY }, large = { RLIM_INFINITY, RLIM_INFINITY };
	struct sts_writer_state s;
	struct sts_writer *w;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	shared->trouble = 1;
	assert_int_equal(world_writer(&w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (unsigned i = 1; i <= 9000; i++) {
		sts_writer_take(w, world_record(i));
		atomic_store(&shared->given, i);
		atomic_store(&shared->answered[i], true);
	}
	sts_writer_state(w, &s);
	assert_true(s.spool_missed > 0 && s.spool_missed < 9000);
	assert_int_equal(s.pending_messages, 9000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &large), 0);
	shared->trouble = 0;
	sts_writer_stop(&w, 60000);
	world_check_exact(0);
}

/* No room when a process starts: it runs without the file, and leaves what an earlier one wrote to the next. */
static void
test_no_room_at_the_start(void **state)
{
	const struct rlimit small = { 300, RLIM_INFINITY }, large = { RLIM_INFINITY, RLIM_INFINITY };
	unsigned number = 0;
	struct sts_writer *w;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	shared->trouble = 1;
	for (int life = 0; life < 3; life++) {
		if (life == 1)
			assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		assert_int_equal(world_writer(&w), STS_OK);
		assert_int_equal(sts_writer_start(w), STS_OK);
		assert_int_equal(sts_writer_spool_is_on(w), life != 1);
		while (number < 100u * (unsigned)(life + 1))
			world_bring(w, ++number);
		shared->trouble = life == 0;
		sts_writer_stop(&w, life == 0 ? 50 : 60000);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &large), 0);
	}
	world_check_exact(0);
}

/* A writer with the smallest spool_max, a third of it used by entries that wait for an unreachable store. */
static struct sts_writer *
new_laden_writer(unsigned *number)
{
	enum { LIMIT = 16 << 20, ENTRIES = 14000 };
	const struct sts_writer_params params = {
		.flush_interval_ms = FOREVER_MS, .max_domains = 1000, .max_stream = ENTRIES, .spool_dir = directory, .spool_max = LIMIT,
		.spool_wait_ms = FOREVER_MS,
	};
	struct sts_writer_state s;
	struct sts_writer *w;

	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	assert_int_equal(sts_writer_spool_start(w), STS_OK);
	shared->trouble = 1;
	lengthy = true;
	while (*number < ENTRIES) {
		world_bring(w, ++*number);
		if (*number % 2000 == 0)
			sts_writer_spool_tidy(w, true);
	}
	assert_int_equal(sts_writer_flush(w), STS_EUNAVAILABLE);
	sts_writer_spool_tidy(w, true);
	sts_writer_state(w, &s);
	assert_int_equal(s.spool_missed, 0);
	assert_true(s.spool_bytes > LIMIT / 3);
	return w;
}

/* More than fits into the file, with a turn of the writer's thread now and then: the file is replaced before it is full. */
static void
check_file_gets_small(struct sts_writer *w, unsigned *number, enum sts_status flushed)
{
	enum { MORE = 14000, AT_A_TIME = 1000 };
	struct sts_writer_state s;

	for (int i = 1; i <= MORE; i++) {
		world_bring(w, ++*number);
		if (i % AT_A_TIME != 0)
			continue;
		assert_int_equal(sts_writer_flush(w), flushed);
		sts_writer_spool_tidy(w, false);
		sts_writer_state(w, &s);
		if (s.spool_missed > 0)
			fail_msg("%u messages, %llu bytes", *number, (unsigned long long)s.spool_bytes);
	}
}

/* While the store is unreachable, messages take less room in the sums than in the file; when it is back, almost nothing is left. */
static void
test_file_gets_small_again(void **state)
{
	unsigned number = 0;
	struct sts_writer *w = new_laden_writer(&number);
	int64_t totals = 0;

	(void)state;
	check_file_gets_small(w, &number, STS_EUNAVAILABLE);
	shared->trouble = 0;
	check_file_gets_small(w, &number, STS_OK);
	sts_writer_stop(&w, 60000);
	world_check_none_twice();
	for (size_t i = 0; i < shared->row_count; i++)
		totals += shared->rows[i].domain[0] == '\0' ? shared->rows[i].messages : 0;
	assert_int_equal(totals, number);
}

/* The holder of the file's lock waits for the disk: to the thread that writes, the disk hangs. One message waits for it, the next
 * ones do not; when the disk is back, all are written, and messages wait again. */
static void
test_disk_hangs(void **state)
{
	struct sts_writer_params params = {
		.flush_interval_ms = FOREVER_MS, .max_domains = 1000, .max_stream = 1000, .spool_dir = directory, .spool_max = 1 << 30,
		.spool_wait_ms = 20,
	};
	struct sts_writer_state s;
	struct sts_writer *w;

	(void)state;
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	pthread_mutex_lock(&w->spool->file_mutex);
	for (unsigned i = 1; i <= 100; i++)
		world_bring(w, i);
	sts_writer_state(w, &s);
	assert_int_equal(s.spool_late, 100);
	assert_int_equal(s.spool_messages, 0);
	assert_true(w->spool->slow);
	pthread_mutex_unlock(&w->spool->file_mutex);
	do {
		usleep(1000);
		sts_writer_state(w, &s);
	} while (s.spool_messages < 100);
	w->spool->wait_ms = FOREVER_MS;
	world_bring(w, 101);
	sts_writer_state(w, &s);
	assert_int_equal(s.spool_late, 100);
	assert_int_equal(s.spool_messages, 101);
	sts_writer_stop(&w, 60000);
	world_check_exact(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_process_alone, world_begin),
		cmocka_unit_test_setup(test_end_leaves_the_rest, world_begin),
		cmocka_unit_test_setup(test_no_room_on_the_disk, world_begin),
		cmocka_unit_test_setup(test_no_room_at_the_start, world_begin),
		cmocka_unit_test_setup(test_file_gets_small_again, world_begin),
		cmocka_unit_test_setup(test_disk_hangs, world_begin),
	};

	return cmocka_run_group_tests(tests, world_begin_group, world_end_group);
}

/* SPDX-License-Identifier: ISC */
/* test_writer_evidence.c - evidence is written in order, each entry once, within limits; drops are logged, but not in each turn. */
#include "config.h"

#include "shared-cache/writer/writer.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/writer/writer_world.h"

static void
test_stream_in_trouble(void **state)
{
	struct sts_writer *w = new_writer(1, 5000);

	(void)state;
	set_trouble(LOSSY);
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 500; i++)
		record(w, 0, i);
	sts_writer_stop(&w, WAIT_MS);
	assert_int_equal(fake.entries, 500);
	assert_false(fake.disorder);
	check_sums(500, 1);
}

static void
test_stream_is_bounded(void **state)
{
	struct sts_writer *w = new_writer(1, 10);
	struct sts_writer_state s;

	(void)state;
	set_trouble(DOWN);
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 100; i++)
		record(w, 0, i);
	wait_for(has_tried, w);
	sts_writer_state(w, &s);
	assert_int_equal(s.dropped_stream, 90);
	assert_int_equal(s.uncounted, 0);
	assert_int_equal(s.pending_messages, 100);
	set_trouble(NONE);
	sts_writer_stop(&w, 5000);
	assert_int_equal(fake.entries, 10);
	assert_int_equal(fake.last_entry, 10);
	check_sums(100, 1);
	assert_true(is_logged("90 evidence entries dropped"));
	assert_int_equal(fake.line_count, 1);
}
static void
test_foreign_stream(void **state)
{
	struct sts_writer *w = new_writer(3600000, 10);

	(void)state;
	set_trouble(FOREIGN);
	for (int i = 1; i <= 5; i++)
		record(w, 0, i);
	sts_writer_stop(&w, 5000);
	check_sums(5, 1);
	assert_true(is_logged("5 evidence entries dropped"));
}

static bool
has_told(struct sts_writer *w)
{
	bool has;

	(void)w;
	pthread_mutex_lock(&fake.mutex);
	has = fake.line_count > 0;
	pthread_mutex_unlock(&fake.mutex);
	return has;
}

static uint64_t wanted;

static bool
has_dropped(struct sts_writer *w)
{
	struct sts_writer_state s;

	sts_writer_state(w, &s);
	return s.dropped_stream >= wanted;
}

static bool
has_written(struct sts_writer *w)
{
	struct sts_writer_state s;

	sts_writer_state(w, &s);
	return s.batches > wanted;
}

/* Waits until everything has been written, twice: so a whole turn has passed. */
static void
pass_a_turn(struct sts_writer *w)
{
	for (int batch = 0; batch < 2; batch++) {
		struct sts_writer_state s;

		sts_writer_state(w, &s);
		wanted = s.batches;
		record(w, 0, 0);
		wait_for(has_written, w);
	}
}

/* Continuing losses are logged at once, then once a minute, and the rest at the end: a line per turn would flood the log. */
static void
test_losses_that_go_on(void **state)
{
	struct sts_writer *w = new_writer(1, 10);

	(void)state;
	set_trouble(FOREIGN);
	assert_int_equal(sts_writer_start(w), STS_OK);
	record(w, 0, 1);
	wait_for(has_told, w);
	assert_true(is_logged("1 evidence entries dropped"));
	for (int i = 2; i <= 10; i++) {
		record(w, 0, i);
		wanted = (uint64_t)i;
		wait_for(has_dropped, w);
		pass_a_turn(w);
	}
	assert_int_equal(fake.line_count, 1);
	sts_writer_stop(&w, 5000);
	assert_true(is_logged("9 evidence entries dropped"));
	assert_int_equal(fake.line_count, 2);
}

static void
set_busy(struct sts_writer *w)
{
	pthread_mutex_lock(&fake.mutex);
	fake.busy = w;
	pthread_mutex_unlock(&fake.mutex);
}

static bool
is_much_counted(struct sts_writer *w)
{
	bool much;

	(void)w;
	pthread_mutex_lock(&fake.mutex);
	much = fake.total >= 1000;
	pthread_mutex_unlock(&fake.mutex);
	return much;
}

/* When mail arrives as fast as the store takes evidence, a turn still ends, and counters are written. */
static void
test_evidence_without_an_end(void **state)
{
	struct sts_writer *w = new_writer(1, 1000);

	(void)state;
	set_busy(w);
	for (int i = 1; i <= 100; i++)
		record(w, 0, i);
	assert_int_equal(sts_writer_start(w), STS_OK);
	wait_for(is_much_counted, w);
	set_busy(NULL);
	sts_writer_stop(&w, 5000);
	assert_int_equal(fake.total, fake.entries);
	assert_false(fake.disorder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stream_in_trouble, setup),
		cmocka_unit_test_setup(test_stream_is_bounded, setup),
		cmocka_unit_test_setup(test_foreign_stream, setup),
		cmocka_unit_test_setup(test_losses_that_go_on, setup),
		cmocka_unit_test_setup(test_evidence_without_an_end, setup),
	};

	sts_log_open(sink, STS_LOG_INFO);
	return cmocka_run_group_tests_name("the writer and evidence", tests, NULL, NULL);
}

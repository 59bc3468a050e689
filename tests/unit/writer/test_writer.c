/* SPDX-License-Identifier: ISC */
/*
 * test_writer.c - a writer whose store the test breaks: every message is counted once, and the end is bounded and logs what is
 * lost.
 */
#include "config.h"

#include "shared-cache/writer/writer.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "tests/unit/writer/writer_world.h"

static bool
is_idle(struct sts_writer *w)
{
	struct sts_writer_state s;

	sts_writer_state(w, &s);
	return s.pending_rows == 0;
}

static void
test_written_in_the_background(void **state)
{
	struct sts_writer *w = new_writer(1, 100);

	(void)state;
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 20; i++)
		record(w, (unsigned)i % 2, i);
	wait_for(is_idle, w);
	sts_writer_stop(&w, 5000);
	assert_null(w);
	check_sums(20, 2);
	assert_int_equal(fake.entries, 20);
	assert_int_equal(fake.line_count, 0);
}

static void
test_end_writes_all(void **state)
{
	struct sts_writer *w = new_writer(3600000, 2000);

	(void)state;
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 1500; i++)
		record(w, (unsigned)i % DOMAINS, i);
	sts_writer_stop(&w, 5000);
	check_sums(1500, DOMAINS);
	assert_int_equal(fake.entries, 1500);
	assert_false(fake.disorder);
	assert_true(fake.largest_slice <= 200);
	assert_int_equal(fake.line_count, 0);
}

static void
test_end_without_a_thread(void **state)
{
	struct sts_writer *w = new_writer(1000, 10);

	(void)state;
	record(w, 1, 1);
	sts_writer_stop(&w, 5000);
	assert_int_equal(fake.total, 1);
	w = NULL;
	sts_writer_stop(&w, 5000);
}

enum { THREADS = 4, EACH = 5000 };

static void *
record_many(void *arg)
{
	for (unsigned i = 0; i < EACH; i++)
		record(arg, i % DOMAINS, 0);
	return NULL;
}

/* Replies get lost, and the store disappears and comes back, while several threads count. */
static void
test_exact_in_trouble(void **state)
{
	struct sts_writer *w = new_writer(1, 0);
	pthread_t threads[THREADS];
	struct sts_writer_state s;

	(void)state;
	assert_int_equal(sts_writer_start(w), STS_OK);
	set_trouble(LOSSY);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, record_many, w), 0);
	set_trouble(DOWN);
	set_trouble(LOSSY);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	wait_for(is_idle, w);
	sts_writer_state(w, &s);
	assert_true(s.retried > 0);
	assert_true(s.batches > 0);
	assert_int_equal(s.pending_messages, 0);
	sts_writer_stop(&w, 5000);
	check_sums(THREADS * EACH, DOMAINS);
}


/* Folding during an outage is reported until something is written again. */
static void
test_folding(void **state)
{
	const struct sts_writer_params params = { .flush_interval_ms = 1, .max_domains = 5 };
	struct sts_writer_state s;
	struct sts_writer *w;

	(void)state;
	set_trouble(DOWN);
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	sts_writer_state(w, &s);
	assert_int_equal(s.room, 5);
	for (unsigned i = 0; i < 5; i++)
		record(w, i, 0);
	sts_writer_state(w, &s);
	assert_int_equal(s.room, 0);
	assert_false(s.folding);
	for (unsigned i = 5; i < 20; i++)
		record(w, i, 0);
	assert_int_equal(sts_writer_start(w), STS_OK);
	wait_for(has_tried, w);
	sts_writer_state(w, &s);
	assert_true(s.folding);
	assert_true(s.folded_messages > 0);
	set_trouble(NONE);
	wait_for(is_idle, w);
	sts_writer_state(w, &s);
	assert_false(s.folding);
	sts_writer_stop(&w, 5000);
}

static void
test_end_is_bounded(void **state)
{
	struct sts_writer *w = new_writer(1, 10);
	int64_t begin_ms;

	(void)state;
	set_trouble(DOWN);
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 7; i++)
		record(w, (unsigned)i % 2, i <= 3 ? i : 0);
	wait_for(has_tried, w);
	record(w, 1, 0);		/* into the table after the frozen one */
	begin_ms = sts_clock_mono_ms();
	sts_writer_stop(&w, 300);
	assert_true(sts_clock_mono_ms() - begin_ms < 5000);
	assert_true(fake.tries_now >= 1);
	assert_true(is_logged("8 messages uncounted"));
	assert_true(is_logged("3 evidence entries lost"));
	assert_int_equal(fake.line_count, 1);
}

static bool
has_signed(struct sts_writer *w)
{
	bool has;

	(void)w;
	pthread_mutex_lock(&fake.mutex);
	has = fake.heartbeats >= 2;
	pthread_mutex_unlock(&fake.mutex);
	return has;
}

/* There are heartbeats even without any mail. */
static void
test_heartbeats(void **state)
{
	const struct sts_writer_params params = {
		.flush_interval_ms = 1, .heartbeat_interval_ms = 1, .max_domains = 10, .max_stream = 10,
	};
	struct sts_writer *w;

	(void)state;
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	wait_for(has_signed, w);
	sts_writer_stop(&w, 5000);
	assert_true(fake.heartbeat.started > 0 && fake.heartbeat.started <= fake.heartbeat.seen);
	assert_int_equal(fake.heartbeat.pending_messages, 0);
}

/* Too many domains cost their names, not their messages, and that is logged. */
static void
test_folding_is_told(void **state)
{
	const struct sts_writer_params params = { .flush_interval_ms = 3600000, .max_domains = 10, .max_stream = 10 };
	struct sts_writer_state s;
	struct sts_writer *w;

	(void)state;
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	for (unsigned i = 0; i < 100; i++)
		record(w, i, 0);
	sts_writer_state(w, &s);
	assert_true(s.folded_messages >= 90);
	assert_true(s.pending_rows <= 12);
	sts_writer_stop(&w, 5000);
	assert_int_equal(fake.total, 100);
	assert_true(is_logged("of the rarest are counted under `other'"));
	assert_int_equal(fake.line_count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_written_in_the_background, setup),
		cmocka_unit_test_setup(test_end_writes_all, setup),
		cmocka_unit_test_setup(test_end_without_a_thread, setup),
		cmocka_unit_test_setup(test_exact_in_trouble, setup),
		cmocka_unit_test_setup(test_folding, setup),
		cmocka_unit_test_setup(test_end_is_bounded, setup),
		cmocka_unit_test_setup(test_heartbeats, setup),
		cmocka_unit_test_setup(test_folding_is_told, setup),
	};

	sts_log_open(sink, STS_LOG_INFO);
	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}

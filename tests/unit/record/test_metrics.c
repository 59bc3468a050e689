/* SPDX-License-Identifier: ISC */
/* test_metrics.c - the table is sound, values are counted where they are read, and threads lose nothing. */
#include "config.h"

#include "milter/record/metrics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "milter/record/metrics_table.h"

enum { THREADS = 4, EACH = 20000 };

static struct metrics metrics;
static struct metrics_snapshot snapshot;

static int
reset(void **state)
{
	(void)state;
	memset(&metrics, 0, sizeof(metrics));
	memset(&snapshot, 0, sizeof(snapshot));
	return 0;
}

/* ---- the table ---- */

static void
check_labels(const struct metrics_row *row)
{
	size_t places = (size_t)metrics_label_places(row, 0) * metrics_label_places(row, 1);

	if (row->kind == METRICS_HISTOGRAM)
		places *= METRICS_HISTOGRAM_PLACES;
	if (places > METRICS_PLACES)
		fail_msg("%s: wants %zu places", row->name, places);
	if (row->labels[0] == NULL && row->labels[1] != NULL)
		fail_msg("%s: a second label without a first", row->name);
	for (unsigned i = 0; i < METRICS_LABELS && row->labels[i] != NULL; i++) {
		for (unsigned j = 0; j < row->labels[i]->count; j++) {
			const char *value = row->labels[i]->value(j);

			if (value == NULL || value[0] == '\0' || strpbrk(value, "\"\\\n") != NULL || strcmp(value, "other") == 0)
				fail_msg("%s: value %u of %s", row->name, j, row->labels[i]->name);
		}
	}
}

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < METRICS_COUNT; i++) {
		const struct metrics_row *row = &metrics_table[i];
		size_t len;

		if (row->name == NULL || row->help == NULL)
			fail_msg("row %zu is missing", i);
		len = strlen(row->name);
		if ((row->kind == METRICS_COUNTER) != (len > 6 && strcmp(row->name + len - 6, "_total") == 0))
			fail_msg("%s: counters end in _total, others do not", row->name);
		if (strpbrk(row->help, "\\\n") != NULL || row->help[strlen(row->help) - 1] != '.')
			fail_msg("%s: the help is to be one plain sentence", row->name);
		check_labels(row);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(row->name, metrics_table[j].name);
	}
}

/* ---- counting ---- */

static uint64_t
value_of(enum metrics_id id, unsigned first, unsigned second)
{
	metrics_read(&metrics, &snapshot);
	return snapshot.values[id][metrics_place(&metrics_table[id], first, second)];
}

static void
test_count(void **state)
{
	uint64_t sum = 0;

	(void)state;
	metrics_count(&metrics, METRICS_FORGED, 0, 0);
	metrics_count(&metrics, METRICS_FORGED, 0, 0);
	metrics_uncount(&metrics, METRICS_FORGED, 0, 0);
	metrics_count(&metrics, METRICS_MESSAGE_TLS, 1, 3);
	assert_int_equal(value_of(METRICS_FORGED, 0, 0), 1);
	assert_int_equal(value_of(METRICS_MESSAGE_TLS, 1, 3), 1);
	for (size_t i = 0; i < METRICS_PLACES; i++)
		sum += snapshot.values[METRICS_MESSAGE_TLS][i];
	assert_int_equal(sum, 1);
}

/* An index beyond a label's values counts as `other', and nowhere else. */
static void
test_fold(void **state)
{
	(void)state;
	for (unsigned id = 0; id < METRICS_COUNT; id++) {
		const struct metrics_row *row = &metrics_table[id];
		unsigned first = metrics_label_places(row, 0) - 1, second = metrics_label_places(row, 1) - 1;
		uint64_t sum = 0;

		metrics_count(&metrics, (enum metrics_id)id, first, second);
		metrics_count(&metrics, (enum metrics_id)id, first + 1, second + 1);
		metrics_count(&metrics, (enum metrics_id)id, UINT32_MAX, UINT32_MAX);
		assert_int_equal(value_of((enum metrics_id)id, first, second), 3);
		for (size_t i = 0; i < METRICS_PLACES; i++)
			sum += snapshot.values[id][i];
		assert_int_equal(sum, 3);
	}
}

/* Different values have different places. */
static void
test_places(void **state)
{
	(void)state;
	for (size_t id = 0; id < METRICS_COUNT; id++) {
		const struct metrics_row *row = &metrics_table[id];
		bool taken[METRICS_PLACES] = { false };

		for (unsigned i = 0; i < metrics_label_places(row, 0); i++) {
			for (unsigned j = 0; j < metrics_label_places(row, 1); j++) {
				size_t place = metrics_place(row, i, j);

				assert_true(place < METRICS_PLACES);
				assert_false(taken[place]);
				taken[place] = true;
			}
		}
	}
}

static void
test_time(void **state)
{
	const uint64_t *values = &snapshot.values[METRICS_MESSAGE_DELAY][0];
	struct sts_histogram histogram = { .sum_ms = 8 };

	(void)state;
	metrics_time(&metrics, METRICS_MESSAGE_DELAY, 0, 0);
	metrics_time(&metrics, METRICS_MESSAGE_DELAY, 0, 7);
	metrics_time(&metrics, METRICS_MESSAGE_DELAY, 0, 60000);
	metrics_time(&metrics, METRICS_MESSAGE_DELAY, 0, -3);
	metrics_read(&metrics, &snapshot);
	assert_int_equal(values[0], 2);
	assert_int_equal(values[1], 1);
	assert_int_equal(values[STS_HISTOGRAM_BUCKETS], 1);
	assert_int_equal(values[STS_HISTOGRAM_BUCKETS + 1], 60007);
	histogram.counts[2] = 5;
	metrics_put_histogram(&snapshot, METRICS_LOOKUP_TIME, METRICS_TIME_NETWORK, &histogram);
	assert_int_equal(snapshot.values[METRICS_LOOKUP_TIME][METRICS_HISTOGRAM_PLACES + 2], 5);
	assert_int_equal(snapshot.values[METRICS_LOOKUP_TIME][METRICS_HISTOGRAM_PLACES + STS_HISTOGRAM_BUCKETS + 1], 8);
	assert_int_equal(snapshot.values[METRICS_LOOKUP_TIME][2], 0);
}

static void
test_outcomes(void **state)
{
	(void)state;
	assert_int_equal(metrics_dns_outcome(STS_REASON_NONE), 0);
	assert_int_equal(metrics_fetch_outcome(STS_REASON_NONE), 0);
	assert_true(metrics_fetch_outcome(STS_REASON_FETCH_TLS) < metrics_table[METRICS_FETCHES].labels[0]->count);
	assert_int_equal(metrics_fetch_outcome(STS_REASON_PLAINTEXT), metrics_table[METRICS_FETCHES].labels[0]->count);
	assert_int_equal(metrics_dns_outcome(STS_REASON_FETCH_TLS), metrics_table[METRICS_DNS].labels[0]->count);
}

/* ---- threads ---- */

static void *
count_many(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < EACH; i++) {
		metrics_count(&metrics, METRICS_MESSAGES, i % 7, 0);
		metrics_time(&metrics, METRICS_MESSAGE_DELAY, 0, 1);
		metrics_count(&metrics, METRICS_OPEN_SESSIONS, 0, 0);
		metrics_uncount(&metrics, METRICS_OPEN_SESSIONS, 0, 0);
	}
	return NULL;
}

/* While others read, no value decreases. */
static void
test_threads(void **state)
{
	pthread_t threads[THREADS];
	uint64_t before = 0, sum = 0;

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_many, NULL), 0);
	for (unsigned i = 0; i < 200; i++) {
		uint64_t now = value_of(METRICS_MESSAGES, 0, 0);

		assert_true(now >= before);
		before = now;
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < 7; i++)
		sum += value_of(METRICS_MESSAGES, i, 0);
	assert_int_equal(sum, THREADS * EACH);
	assert_int_equal(snapshot.values[METRICS_MESSAGE_DELAY][0], THREADS * EACH);
	assert_int_equal(snapshot.values[METRICS_MESSAGE_DELAY][STS_HISTOGRAM_BUCKETS + 1], THREADS * EACH);
	assert_int_equal(value_of(METRICS_OPEN_SESSIONS, 0, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test_setup(test_count, reset),
		cmocka_unit_test_setup(test_fold, reset),
		cmocka_unit_test(test_places),
		cmocka_unit_test_setup(test_time, reset),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test_setup(test_threads, reset),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_metrics_text.c - the text of made-up metrics; and that all real ones fit, whatever their values. */
#include "config.h"

#include "milter/record/metrics_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *
letter(unsigned i)
{
	static const char *const letters[] = { "a", "b" };

	return letters[i];
}

static const struct metrics_label closed = { "kind", 2, letter, false }, open = { "word", 2, letter, true };

static const struct {
	struct metrics_row row;
	uint64_t values[METRICS_PLACES];
	const char *text;
} rows[] = {
	{ { "one_total", METRICS_COUNTER, false, "Help.", { NULL } }, { 18446744073709551615U },
	    "# HELP mta_sts_milter_one_total Help.\n# TYPE mta_sts_milter_one_total counter\n"
	    "mta_sts_milter_one_total 18446744073709551615\n" },
	{ { "level", METRICS_GAUGE, true, "In seconds.", { NULL } }, { 1050 },
	    "# HELP mta_sts_milter_level In seconds.\n# TYPE mta_sts_milter_level gauge\nmta_sts_milter_level 1.050\n" },
	{ { "closed_total", METRICS_COUNTER, false, "Help.", { &closed } }, { 1, 0, 0 },
	    "# HELP mta_sts_milter_closed_total Help.\n# TYPE mta_sts_milter_closed_total counter\n"
	    "mta_sts_milter_closed_total{kind=\"a\"} 1\nmta_sts_milter_closed_total{kind=\"b\"} 0\n" },
	{ { "closed_total", METRICS_COUNTER, false, "Help.", { &closed } }, { 0, 0, 3 },
	    "# HELP mta_sts_milter_closed_total Help.\n# TYPE mta_sts_milter_closed_total counter\n"
	    "mta_sts_milter_closed_total{kind=\"a\"} 0\nmta_sts_milter_closed_total{kind=\"b\"} 0\n"
	    "mta_sts_milter_closed_total{kind=\"other\"} 3\n" },
	{ { "both_total", METRICS_COUNTER, false, "Help.", { &closed, &open } }, { 1, 2, 3, 4, 5, 6, 0, 8 },
	    "# HELP mta_sts_milter_both_total Help.\n# TYPE mta_sts_milter_both_total counter\n"
	    "mta_sts_milter_both_total{kind=\"a\",word=\"a\"} 1\nmta_sts_milter_both_total{kind=\"a\",word=\"b\"} 2\n"
	    "mta_sts_milter_both_total{kind=\"a\",word=\"other\"} 3\nmta_sts_milter_both_total{kind=\"b\",word=\"a\"} 4\n"
	    "mta_sts_milter_both_total{kind=\"b\",word=\"b\"} 5\nmta_sts_milter_both_total{kind=\"b\",word=\"other\"} 6\n"
	    "mta_sts_milter_both_total{kind=\"other\",word=\"b\"} 8\n" },
	{ { "time_seconds", METRICS_HISTOGRAM, true, "Help.", { NULL } }, { 1, 2, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 8, 30003 },
	    "# HELP mta_sts_milter_time_seconds Help.\n# TYPE mta_sts_milter_time_seconds histogram\n"
	    "mta_sts_milter_time_seconds_bucket{le=\"0.005\"} 1\nmta_sts_milter_time_seconds_bucket{le=\"0.01\"} 3\n"
	    "mta_sts_milter_time_seconds_bucket{le=\"0.025\"} 3\nmta_sts_milter_time_seconds_bucket{le=\"0.05\"} 3\n"
	    "mta_sts_milter_time_seconds_bucket{le=\"0.1\"} 3\nmta_sts_milter_time_seconds_bucket{le=\"0.25\"} 3\n"
	    "mta_sts_milter_time_seconds_bucket{le=\"0.5\"} 3\nmta_sts_milter_time_seconds_bucket{le=\"1\"} 7\n"
	    "mta_sts_milter_time_seconds_bucket{le=\"2.5\"} 7\nmta_sts_milter_time_seconds_bucket{le=\"5\"} 7\n"
	    "mta_sts_milter_time_seconds_bucket{le=\"10\"} 7\nmta_sts_milter_time_seconds_bucket{le=\"20\"} 7\n"
	    "mta_sts_milter_time_seconds_bucket{le=\"+Inf\"} 15\nmta_sts_milter_time_seconds_sum 30.003\n"
	    "mta_sts_milter_time_seconds_count 15\n" },
};

static void
test_rows(void **state)
{
	static char storage[METRICS_TEXT_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_text text;

		sts_text_init(&text, storage, sizeof(storage));
		metrics_text_row(&rows[i].row, rows[i].values, &text);
		assert_string_equal(storage, rows[i].text);
	}
}

static void
test_label_of_a_histogram(void **state)
{
	static const struct metrics_row row = { "time_seconds", METRICS_HISTOGRAM, true, "Help.", { &closed } };
	uint64_t values[METRICS_PLACES] = { [METRICS_HISTOGRAM_PLACES] = 1, [2 * METRICS_HISTOGRAM_PLACES - 1] = 4 };
	static char storage[METRICS_TEXT_CAP];
	struct sts_text text;

	(void)state;
	sts_text_init(&text, storage, sizeof(storage));
	metrics_text_row(&row, values, &text);
	assert_non_null(strstr(storage, "mta_sts_milter_time_seconds_bucket{kind=\"a\",le=\"0.005\"} 0\n"));
	assert_non_null(strstr(storage, "mta_sts_milter_time_seconds_bucket{kind=\"b\",le=\"0.005\"} 1\n"));
	assert_non_null(strstr(storage, "mta_sts_milter_time_seconds_sum{kind=\"b\"} 0.004\n"));
	assert_non_null(strstr(storage, "mta_sts_milter_time_seconds_count{kind=\"b\"} 1\n"));
	assert_null(strstr(storage, "other"));
}

static void
test_all_fit(void **state)
{
	static struct metrics_snapshot snapshot;
	static char storage[METRICS_TEXT_CAP];
	struct sts_text text;

	(void)state;
	memset(&snapshot, 0xff, sizeof(snapshot));
	sts_text_init(&text, storage, sizeof(storage));
	metrics_text(&snapshot, &text);
	assert_false(text.overflow);
	assert_int_equal(storage[text.len - 1], '\n');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_label_of_a_histogram),
		cmocka_unit_test(test_all_fit),
	};

	return cmocka_run_group_tests_name("metrics_text", tests, NULL, NULL);
}

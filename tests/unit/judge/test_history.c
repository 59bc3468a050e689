/* SPDX-License-Identifier: ISC */
/* test_history.c - when a domain always uses TLS, when plaintext is a downgrade, and which days are dropped. */
#include "config.h"

#include "shared-cache/judge/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { TODAY = 20309, NOON = 43200, DAY_S = STS_HISTORY_DAY_S };	/* 2025-08-09 */
static const int64_t now = (int64_t)TODAY * DAY_S + NOON;

#define TLS STS_TLS_SECURED
#define PLAIN STS_TLS_NONE
#define NO STS_TLS_UNKNOWN

/* n messages on each of the days from..to, counted back from today. */
struct stretch {
	enum sts_tls_state tls;
	int from, to;	/* from is the older */
	unsigned n;
};

static void
add(struct sts_history_days *h, int64_t day, enum sts_tls_state tls, unsigned n)
{
	while (n-- > 0)
		sts_history_add(h, day * DAY_S + NOON, tls);
}

static void
fill(struct sts_history_days *h, const struct stretch stretches[3])
{
	memset(h, 0, sizeof(*h));
	for (int back = 100; back >= 0; back--) {
		for (size_t i = 0; i < 3; i++) {
			if (stretches[i].n > 0 && back <= stretches[i].from && back >= stretches[i].to)
				add(h, TODAY - back, stretches[i].tls, stretches[i].n);
		}
	}
}

static void
test_verdicts(void **state)
{
	static const struct {
		const char *name;
		struct sts_history_rules rules;
		struct stretch stretches[3];
		enum sts_history over_tls, in_plaintext;
	} rows[] = {
		{ "nothing is known", { 14, 20 }, { { NO, 0, 0, 0 } }, STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "enough of both, exactly", { 14, 20 }, { { TLS, 13, 0, 1 }, { TLS, 5, 0, 1 } },
		    STS_HISTORY_ALWAYS_TLS, STS_HISTORY_DOWNGRADE },
		{ "a message too few", { 14, 20 }, { { TLS, 13, 0, 1 }, { TLS, 4, 0, 1 } },
		    STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "a day too few", { 14, 20 }, { { TLS, 12, 0, 10 } }, STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "one day, very many", { 14, 20 }, { { TLS, 0, 0, 1000 } }, STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "long ago, but not too long", { 14, 20 }, { { TLS, 59, 46, 2 } },
		    STS_HISTORY_ALWAYS_TLS, STS_HISTORY_DOWNGRADE },
		{ "the oldest day is just out", { 14, 20 }, { { TLS, 60, 47, 2 } }, STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "all long ago", { 14, 20 }, { { TLS, 100, 60, 2 } }, STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "plaintext once, weeks ago", { 14, 20 }, { { TLS, 59, 0, 2 }, { PLAIN, 30, 30, 1 } },
		    STS_HISTORY_NONE, STS_HISTORY_DOWNGRADE },
		{ "plaintext on the oldest day that counts", { 14, 20 }, { { TLS, 30, 0, 2 }, { PLAIN, 59, 59, 1 } },
		    STS_HISTORY_NONE, STS_HISTORY_DOWNGRADE },
		{ "plaintext before that is forgotten", { 14, 20 }, { { TLS, 30, 0, 2 }, { PLAIN, 90, 60, 9 } },
		    STS_HISTORY_ALWAYS_TLS, STS_HISTORY_DOWNGRADE },
		{ "the seventh day of plaintext", { 14, 20 }, { { TLS, 59, 7, 2 }, { PLAIN, 6, 1, 5 } },
		    STS_HISTORY_NONE, STS_HISTORY_DOWNGRADE },
		{ "the seventh, later on", { 14, 20 }, { { TLS, 59, 7, 2 }, { PLAIN, 6, 0, 5 } },
		    STS_HISTORY_NONE, STS_HISTORY_DOWNGRADE },
		{ "the eighth: a habit", { 14, 20 }, { { TLS, 59, 8, 2 }, { PLAIN, 7, 1, 5 } },
		    STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "both, every day", { 14, 20 }, { { TLS, 59, 0, 2 }, { PLAIN, 59, 0, 2 } },
		    STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "one day and one message suffice", { 1, 1 }, { { TLS, 3, 3, 1 } },
		    STS_HISTORY_ALWAYS_TLS, STS_HISTORY_DOWNGRADE },
		{ "plaintext today is no habit yet", { 1, 1 }, { { TLS, 3, 3, 1 }, { PLAIN, 0, 0, 9 } },
		    STS_HISTORY_NONE, STS_HISTORY_DOWNGRADE },
		{ "one other day is one", { 1, 1 }, { { TLS, 3, 3, 1 }, { PLAIN, 1, 1, 1 } },
		    STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "half of three is one", { 3, 3 }, { { TLS, 5, 3, 1 }, { PLAIN, 2, 2, 1 } },
		    STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "all days", { 60, 60 }, { { TLS, 59, 0, 1 } }, STS_HISTORY_ALWAYS_TLS, STS_HISTORY_DOWNGRADE },
		{ "days 0: off", { 0, 20 }, { { TLS, 59, 0, 2 } }, STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "messages 0: off", { 14, 0 }, { { TLS, 59, 0, 2 } }, STS_HISTORY_NONE, STS_HISTORY_NONE },
		{ "plaintext alone", { 1, 1 }, { { PLAIN, 59, 0, 2 } }, STS_HISTORY_NONE, STS_HISTORY_NONE },
	};
	struct sts_history_days h;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum sts_history tls, plaintext;

		fill(&h, rows[i].stretches);
		tls = sts_history_judge(&h, &rows[i].rules, STS_TLS_SECURED, now);
		plaintext = sts_history_judge(&h, &rows[i].rules, STS_TLS_NONE, now);
		if (tls != rows[i].over_tls || plaintext != rows[i].in_plaintext)
			fail_msg("%s: got \"%s\", \"%s\"; want \"%s\", \"%s\"", rows[i].name, sts_history_name(tls),
			    sts_history_name(plaintext), sts_history_name(rows[i].over_tls),
			    sts_history_name(rows[i].in_plaintext));
		if (sts_history_judge(&h, &rows[i].rules, STS_TLS_UNKNOWN, now) != STS_HISTORY_NONE)
			fail_msg("%s: what nobody knows is judged", rows[i].name);
	}
}

/* A domain that goes on with plaintext: reported for seven days, and again once TLS has been steady. */
static void
test_persistent_plaintext(void **state)
{
	static const struct sts_history_rules rules = { 14, 20 };
	struct sts_history_days h = { 0 };
	int told = 0;

	(void)state;
	for (int day = 0; day < 30; day++)
		add(&h, TODAY + day, STS_TLS_SECURED, 2);
	for (int day = 30; day < 60; day++) {
		int64_t t = (int64_t)(TODAY + day) * DAY_S;

		told += sts_history_judge(&h, &rules, STS_TLS_NONE, t) == STS_HISTORY_DOWNGRADE;
		add(&h, TODAY + day, STS_TLS_NONE, 3);
	}
	assert_int_equal(told, 7);
	for (int day = 60; day < 130; day++)
		add(&h, TODAY + day, STS_TLS_SECURED, 2);
	assert_int_equal(sts_history_judge(&h, &rules, STS_TLS_NONE, (int64_t)(TODAY + 130) * DAY_S), STS_HISTORY_DOWNGRADE);
	assert_int_equal(sts_history_judge(&h, &rules, STS_TLS_SECURED, (int64_t)(TODAY + 130) * DAY_S), STS_HISTORY_ALWAYS_TLS);
}

static void
test_sums(void **state)
{
	static const struct stretch stretches[3] = { { STS_TLS_SECURED, 70, 10, 2 }, { STS_TLS_NONE, 5, 5, 7 } };
	struct sts_history_days h;
	struct sts_history_sum sum;

	(void)state;
	fill(&h, stretches);
	sts_history_sum(&h, STS_TLS_SECURED, now, &sum);
	assert_int_equal(sum.messages, 100);
	assert_int_equal(sum.days, 50);
	assert_int_equal(sum.first, TODAY - 59);
	assert_int_equal(sum.last, TODAY - 10);
	sts_history_sum(&h, STS_TLS_NONE, now, &sum);
	assert_int_equal(sum.messages, 7);
	assert_int_equal(sum.first, TODAY - 5);
	assert_int_equal(sum.last, TODAY - 5);
	sts_history_sum(&h, STS_TLS_UNKNOWN, now, &sum);
	assert_int_equal(sum.messages, 0);
	assert_int_equal(sum.first, 0);
	assert_int_equal(sts_history_at(&h, TODAY - 10).tls, 2);
	assert_int_equal(sts_history_at(&h, TODAY - 9).tls, 0);
	assert_int_equal(sts_history_at(&h, TODAY - 70).tls, 0);
	assert_int_equal(sts_history_at(&h, TODAY + 1).tls, 0);
}

/* Clocks step back, and ahead. */
static void
test_clocks(void **state)
{
	static const struct stretch stretches[3] = { { STS_TLS_SECURED, 20, 0, 2 } };
	static const struct sts_history_rules rules = { 14, 20 };
	struct sts_history_days h;

	(void)state;
	fill(&h, stretches);
	sts_history_add(&h, now - 3 * DAY_S, STS_TLS_SECURED);
	assert_int_equal(sts_history_at(&h, TODAY - 3).tls, 3);
	/* Days in the future do not count. */
	assert_int_equal(sts_history_judge(&h, &rules, STS_TLS_NONE, now - 7 * DAY_S), STS_HISTORY_DOWNGRADE);
	assert_int_equal(sts_history_judge(&h, &rules, STS_TLS_NONE, now - 8 * DAY_S), STS_HISTORY_NONE);
	/* Years ahead, everything is old. Back again, the history starts anew. */
	sts_history_add(&h, now + 20000LL * DAY_S, STS_TLS_SECURED);
	assert_int_equal(sts_history_judge(&h, &rules, STS_TLS_NONE, now), STS_HISTORY_NONE);
	add(&h, TODAY, STS_TLS_SECURED, 2);
	assert_int_equal(h.last, TODAY);
	assert_int_equal(sts_history_at(&h, TODAY).tls, 2);
	/* Before the epoch. */
	sts_history_add(&h, -100LL * DAY_S - 1, STS_TLS_NONE);
	assert_int_equal(sts_history_at(&h, -101).plaintext, 1);
	sts_history_add(&h, -99LL * DAY_S, STS_TLS_NONE);
	assert_int_equal(sts_history_at(&h, -99).plaintext, 1);
	assert_int_equal(sts_history_at(&h, -101).plaintext, 1);
	assert_int_equal(sts_history_day(-1), -1);
	assert_int_equal(sts_history_day(0), 0);
	assert_int_equal(sts_history_day(DAY_S - 1), 0);
}

static void
test_greatest_number(void **state)
{
	struct sts_history_days h = { 0 };

	(void)state;
	assert_true(sts_history_take(&h, "tls:2025-08-09", 14, "999999999999999", 15, now));
	assert_int_equal(sts_history_at(&h, TODAY).tls, UINT32_MAX);
	sts_history_add(&h, now, STS_TLS_SECURED);
	assert_int_equal(sts_history_at(&h, TODAY).tls, UINT32_MAX);
	sts_history_add(&h, now, STS_TLS_UNKNOWN);
	assert_int_equal(sts_history_at(&h, TODAY).plaintext, 0);
}

static void
test_merge(void **state)
{
	static const struct stretch mine[3] = { { STS_TLS_SECURED, 10, 0, 3 }, { STS_TLS_NONE, 0, 0, 1 } };
	static const struct stretch stored[3] = { { STS_TLS_SECURED, 40, 5, 2 }, { STS_TLS_NONE, 7, 7, 4 } };
	struct sts_history_days h, more;

	(void)state;
	fill(&h, mine);
	fill(&more, stored);
	sts_history_merge(&h, &more);
	assert_int_equal(sts_history_at(&h, TODAY).tls, 3);
	assert_int_equal(sts_history_at(&h, TODAY).plaintext, 1);
	assert_int_equal(sts_history_at(&h, TODAY - 5).tls, 3);
	assert_int_equal(sts_history_at(&h, TODAY - 7).plaintext, 4);
	assert_int_equal(sts_history_at(&h, TODAY - 40).tls, 2);
	/* Days older than all that are kept are ignored. */
	fill(&more, stored);
	add(&h, TODAY + 30, STS_TLS_SECURED, 1);
	sts_history_merge(&h, &more);
	assert_int_equal(h.last, TODAY + 30);
	assert_int_equal(sts_history_at(&h, TODAY - 40).tls, 0);
	assert_int_equal(sts_history_at(&h, TODAY - 7).plaintext, 4);
	/* Merging into an empty history, and an empty one into another. */
	memset(&h, 0, sizeof(h));
	sts_history_merge(&h, &more);
	assert_memory_equal(&h.days, &more.days, sizeof(h.days));
	memset(&more, 0, sizeof(more));
	sts_history_merge(&h, &more);
	assert_int_equal(sts_history_at(&h, TODAY - 40).tls, 2);
	assert_int_equal(h.last, TODAY - 5);
}

static void
test_fields(void **state)
{
	static const struct {
		const char *name, *value;
		int back;	/* age of the day that is stored; -100: refused */
		bool plaintext;
	} rows[] = {
		{ "tls:2025-08-09", "1", 0, false },
		{ "plaintext:2025-08-08", "3", 1, true },
		{ "tls:2025-08-10", "1", -1, false },		/* another node's clock */
		{ "tls:2025-08-11", "1", -100, false },
		{ "tls:2025-06-12", "1", 58, false },
		{ "tls:2025-06-11", "1", -100, false },
		{ "tls:2099-01-01", "1", -100, false },
		{ "tls:1970-01-01", "1", -100, false },
		{ "tls:0000-00-00", "1", -100, false },
		{ "tls:2025-06-31", "1", -100, false },
		{ "tls:2025-08-00", "1", -100, false },
		{ "tls:2025-13-01", "1", -100, false },
		{ "tls:2025-8-09", "1", -100, false },
		{ "tls:+025-08-09", "1", -100, false },
		{ "tls:2025-08-09x", "1", -100, false },
		{ "tls:", "1", -100, false },
		{ "tls", "1", -100, false },
		{ "", "1", -100, false },
		{ "TLS:2025-08-09", "1", -100, false },
		{ "unknown:2025-08-09", "1", -100, false },
		{ "tls:2025-08-09", "", -100, false },
		{ "tls:2025-08-09", "-1", -100, false },
		{ "tls:2025-08-09", "1.5", -100, false },
		{ "tls:2025-08-09", "0x1", -100, false },
		{ "tls:2025-08-09", " 1", -100, false },
		{ "tls:2025-08-09", "1000000000000000", -100, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_history_days h = { 0 };
		struct sts_history_day day;
		bool taken = sts_history_take(&h, rows[i].name, strlen(rows[i].name), rows[i].value, strlen(rows[i].value), now);

		if (taken != (rows[i].back != -100))
			fail_msg("%s = %s: %s", rows[i].name, rows[i].value, taken ? "taken" : "refused");
		if (!taken) {
			assert_int_equal(h.last, 0);
			continue;
		}
		day = sts_history_at(&h, TODAY - rows[i].back);
		if (day.tls + day.plaintext == 0 || (day.plaintext > 0) != rows[i].plaintext)
			fail_msg("%s: %u over TLS, %u in plaintext", rows[i].name, day.tls, day.plaintext);
	}
}

/* A clock that has gone back: days ahead of it stay, and days too old for them are ignored. */
static void
test_fields_from_the_past(void **state)
{
	struct sts_history_days h = { 0 };

	(void)state;
	add(&h, TODAY + 100, STS_TLS_SECURED, 1);
	assert_false(sts_history_take(&h, "tls:2025-08-09", 14, "1", 1, now));
	assert_int_equal(h.last, TODAY + 100);
}

/* The order of the fields in Redis does not matter. */
static void
test_fields_in_any_order(void **state)
{
	struct sts_history_days up = { 0 }, down = { 0 };
	char name[32], date[STS_HISTORY_DATE_CAP];

	(void)state;
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "tls:%s", sts_history_date(TODAY - 58 + i, date));
		assert_true(sts_history_take(&up, name, strlen(name), "5", 1, now));
		snprintf(name, sizeof(name), "tls:%s", sts_history_date(TODAY + 1 - i, date));
		assert_true(sts_history_take(&down, name, strlen(name), "5", 1, now));
	}
	assert_memory_equal(&up, &down, sizeof(up));
	for (int64_t day = TODAY - 58; day <= TODAY + 1; day++)
		assert_int_equal(sts_history_at(&up, day).tls, 5);
}

static void
test_dates(void **state)
{
	char date[STS_HISTORY_DATE_CAP];

	(void)state;
	assert_string_equal(sts_history_date(TODAY, date), "2025-08-09");
	assert_string_equal(sts_history_date(0, date), "1970-01-01");
	assert_string_equal(sts_history_date(19782, date), "2024-02-29");
	assert_string_equal(sts_history_date(INT64_C(99999999), date), "1970-01-01");
	assert_string_equal(sts_history_date(INT64_C(-800000), date), "1970-01-01");
	assert_string_equal(sts_history_date(INT64_C(99999999999999), date), "1970-01-01");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_persistent_plaintext),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_greatest_number),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_fields_from_the_past),
		cmocka_unit_test(test_fields_in_any_order),
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_history_packed.c - packing is lossless and as small as possible; without memory nothing changes. */
#include "config.h"

#include "shared-cache/judge/history_packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { TODAY = 20309, DAY_S = STS_HISTORY_DAY_S };	/* 2025-08-09 */

static struct {
	bool none;
	unsigned calls;
} memory;
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

/* Replaces realloc, by the linker. */
void *
__wrap_realloc(void *p, size_t size)
{
	memory.calls++;
	return memory.none ? NULL : __real_realloc(p, size);
}

/* The same numbers on each of the days from..to. */
struct stretch {
	int64_t from, to;
	uint32_t tls, plaintext;
};

static void
put_day(struct sts_history_days *h, int64_t day, uint32_t tls, uint32_t plaintext)
{
	struct sts_history_days one = { .last = day };

	one.days[(day % STS_HISTORY_DAYS + STS_HISTORY_DAYS) % STS_HISTORY_DAYS] = (struct sts_history_day){ tls, plaintext };
	sts_history_merge(h, &one);
}

static void
fill(struct sts_history_days *h, const struct stretch stretches[2])
{
	memset(h, 0, sizeof(*h));
	for (size_t i = 0; i < 2; i++) {
		for (int64_t day = stretches[i].from; day <= stretches[i].to; day++)
			put_day(h, day, stretches[i].tls, stretches[i].plaintext);
	}
}

/* Compares all bytes, and each day. */
static bool
comes_out(const struct sts_history_packed *packed, const struct sts_history_days *want)
{
	struct sts_history_days got;

	memset(&got, 0xff, sizeof(got));
	sts_history_unpack(packed, &got);
	for (int64_t day = want->last - STS_HISTORY_DAYS - 1; day <= want->last + 1; day++) {
		struct sts_history_day a = sts_history_at(&got, day), b = sts_history_at(want, day);

		if (a.tls != b.tls || a.plaintext != b.plaintext)
			return false;
	}
	return memcmp(&got, want, sizeof(got)) == 0;
}

enum { HEAD = 25, LEAST = 32 };	/* bytes besides the numbers; and of the smallest block, where int64_t is aligned */

static const struct row {
	const char *name;
	struct stretch stretches[2];
	size_t bytes;
} rows[] = {
	{ "nothing", { { 1, 0, 0, 0 } }, 0 },
	{ "one message", { { TODAY, TODAY, 1, 0 } }, LEAST },
	{ "one in plaintext", { { TODAY, TODAY, 0, 1 } }, LEAST },
	{ "seven days", { { TODAY - 6, TODAY, 255, 0 } }, LEAST },
	{ "eight days", { { TODAY - 7, TODAY, 255, 0 } }, HEAD + 8 },
	{ "of each kind, on days of their own", { { TODAY - 9, TODAY - 5, 7, 0 }, { TODAY - 3, TODAY, 0, 9 } }, HEAD + 9 },
	{ "of each kind, on the same days", { { TODAY - 9, TODAY - 5, 7, 9 }, { TODAY - 3, TODAY, 7, 9 } }, HEAD + 18 },
	{ "two bytes", { { TODAY - 9, TODAY, 255, 0 }, { TODAY, TODAY, 256, 0 } }, HEAD + 20 },
	{ "two bytes of plaintext", { { TODAY - 9, TODAY, 255, 0 }, { TODAY, TODAY, 0, 65535 } }, HEAD + 22 },
	{ "three bytes", { { TODAY - 9, TODAY, 65535, 0 }, { TODAY - 20, TODAY - 20, 65536, 1 } }, HEAD + 36 },
	{ "four bytes", { { TODAY - 9, TODAY, 0xffffff, 0 }, { TODAY - 59, TODAY - 59, 0x1000000, 0 } }, HEAD + 44 },
	{ "an inner byte of zero", { { TODAY - 1, TODAY, 0x01000001, 0x00ff0000 } }, HEAD + 16 },
	{ "all days", { { TODAY - 59, TODAY, 200, 0 } }, HEAD + 60 },
	{ "the most there can be", { { TODAY - 59, TODAY, UINT32_MAX, UINT32_MAX } }, HEAD + 480 },
	{ "what is older has fallen out", { { TODAY - 80, TODAY - 70, 3, 3 }, { TODAY - 5, TODAY - 5, 1, 0 } }, LEAST },
	{ "days before the epoch", { { -40, -10, 4, 0 } }, HEAD + 31 },
	{ "the epoch's day", { { 0, 0, 1, 1 } }, LEAST },
	{ "another age", { { INT64_C(100000000000), INT64_C(100000000000), 1, 0 } }, LEAST },
};

static void
test_round_trips(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_history_packed *packed = NULL;
		struct sts_history_days history;
		size_t bytes;

		fill(&history, rows[i].stretches);
		assert_int_equal(sts_history_pack(&history, &packed), STS_OK);
		if (!comes_out(packed, &history))
			fail_msg("%s: comes out changed", rows[i].name);
		bytes = sts_history_packed_size(packed);
		if (bytes != rows[i].bytes && !(rows[i].bytes == LEAST && bytes > 0 && bytes < LEAST))
			fail_msg("%s: got %zu bytes, want %zu", rows[i].name, bytes, rows[i].bytes);
		sts_history_packed_free(&packed);
		assert_null(packed);
	}
}

/* A history with a day but no numbers: nothing is known, but days too old for it are still ignored. */
static void
test_day_without_numbers(void **state)
{
	const struct sts_history_days history = { .last = TODAY };
	struct sts_history_packed *packed = NULL;

	(void)state;
	assert_int_equal(sts_history_pack(&history, &packed), STS_OK);
	assert_true(comes_out(packed, &history));
	sts_history_packed_free(&packed);
}

/* Repacks every history into every other, in place. */
static void
test_repacked(void **state)
{
	struct sts_history_packed *packed = NULL;
	struct sts_history_days history;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t j = 0; j < COUNT(rows); j++) {
			fill(&history, rows[i].stretches);
			assert_int_equal(sts_history_pack(&history, &packed), STS_OK);
			fill(&history, rows[j].stretches);
			assert_int_equal(sts_history_pack(&history, &packed), STS_OK);
			if (!comes_out(packed, &history))
				fail_msg("%s, then %s: comes out changed", rows[i].name, rows[j].name);
		}
	}
	sts_history_packed_free(&packed);
}

/* Adds one more message in place: exactly when no more bytes are needed; and with the result of sts_history_add. */
static void
test_added_in_place(void **state)
{
	static const struct stretch nothing[2] = { { 1, 0, 0, 0 } };
	static const struct stretch tls[2] = { { TODAY - 59, TODAY, 3, 0 } };
	static const struct stretch both[2] = { { TODAY - 59, TODAY, 3, 5 } };
	static const struct stretch some[2] = { { TODAY - 20, TODAY - 10, 7, 0 }, { TODAY - 12, TODAY - 2, 0, 9 } };
	static const struct stretch full[2] = { { TODAY - 2, TODAY, 255, 1 } };
	static const struct stretch wide[2] = { { TODAY - 2, TODAY - 1, 256, 1 }, { TODAY, TODAY, 255, 0xffff } };
	static const struct stretch three[2] = { { TODAY, TODAY, 0xfffffe, 0xffffff } };
	static const struct stretch most[2] = { { TODAY, TODAY, UINT32_MAX - 1, UINT32_MAX } };
	static const struct {
		const char *name;
		const struct stretch *stretches;
		int64_t day;
		enum sts_tls_state tls;
		bool want;
	} cases[] = {
		{ "nothing is known", nothing, TODAY, STS_TLS_SECURED, false },
		{ "today", tls, TODAY, STS_TLS_SECURED, true },
		{ "the oldest day", tls, TODAY - 59, STS_TLS_SECURED, true },
		{ "older than that", tls, TODAY - 60, STS_TLS_SECURED, false },
		{ "tomorrow", tls, TODAY + 1, STS_TLS_SECURED, false },
		{ "the first in plaintext", tls, TODAY, STS_TLS_NONE, false },
		{ "TLS is unknown", tls, TODAY, STS_TLS_UNKNOWN, false },
		{ "of both, TLS", both, TODAY - 30, STS_TLS_SECURED, true },
		{ "of both, plaintext", both, TODAY - 30, STS_TLS_NONE, true },
		{ "of some, TLS", some, TODAY - 11, STS_TLS_SECURED, true },
		{ "of some, plaintext", some, TODAY - 11, STS_TLS_NONE, true },
		{ "of some, before a day in plaintext", some, TODAY - 20, STS_TLS_SECURED, true },
		{ "of some, after the last over TLS", some, TODAY - 5, STS_TLS_SECURED, false },
		{ "of some, a day in plaintext alone", some, TODAY - 5, STS_TLS_NONE, true },
		{ "of some, a day without any", some, TODAY - 1, STS_TLS_NONE, false },
		{ "a byte is full", full, TODAY - 1, STS_TLS_SECURED, false },
		{ "another's byte is full", full, TODAY - 1, STS_TLS_NONE, true },
		{ "from one byte to two where two are there", wide, TODAY, STS_TLS_SECURED, true },
		{ "the second is full", wide, TODAY, STS_TLS_NONE, false },
		{ "up to the end of the third", three, TODAY, STS_TLS_SECURED, true },
		{ "the third is full", three, TODAY, STS_TLS_NONE, false },
		{ "up to the greatest", most, TODAY, STS_TLS_SECURED, true },
		{ "the greatest stays", most, TODAY, STS_TLS_NONE, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sts_history_packed *packed = NULL;
		struct sts_history_days history;
		int64_t now = cases[i].day * DAY_S;

		fill(&history, cases[i].stretches);
		assert_int_equal(sts_history_pack(&history, &packed), STS_OK);
		if (sts_history_packed_add(packed, now, cases[i].tls) != cases[i].want)
			fail_msg("%s: got %d", cases[i].name, !cases[i].want);
		if (cases[i].want)
			sts_history_add(&history, now, cases[i].tls);
		if (!comes_out(packed, &history))
			fail_msg("%s: comes out otherwise", cases[i].name);
		sts_history_packed_free(&packed);
	}
}

static uint32_t
next(uint32_t *random)
{
	*random = *random * 1664525u + 1013904223u;
	return *random >> 8;
}

/* Years of mail, packed after every message, compared with an unpacked copy: days are dropped, clocks go back and far ahead,
 * others' numbers are merged. */
static void
test_a_life_packed(void **state)
{
	struct sts_history_days plain = { 0 }, unpacked;
	struct sts_history_packed *packed = NULL;
	int64_t now = (int64_t)TODAY * DAY_S;
	uint32_t random = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint32_t what = next(&random) % 100;
		enum sts_tls_state tls = next(&random) % 8 > 0 ? STS_TLS_SECURED : STS_TLS_NONE;

		now += what < 60 ? 600 : what < 90 ? DAY_S : what < 93 ? 20 * DAY_S : 0;
		now -= what < 95 ? 0 : what < 96 ? 3 * DAY_S : what < 97 ? 70 * DAY_S : 0;
		sts_history_unpack(packed, &unpacked);
		if (what > 96) {
			struct sts_history_days more = { 0 };
			int64_t day = sts_history_day(now) - next(&random) % 70;
			uint32_t number = next(&random) << next(&random) % 9;

			put_day(&more, day, number, next(&random) % 3);
			sts_history_merge(&plain, &more);
			sts_history_merge(&unpacked, &more);
		}
		sts_history_add(&plain, now, tls);
		if (what > 96 || !sts_history_packed_add(packed, now, tls)) {
			sts_history_add(&unpacked, now, tls);
			assert_int_equal(sts_history_pack(&unpacked, &packed), STS_OK);
		}
		if (!comes_out(packed, &plain))
			fail_msg("step %d: comes out changed", i);
	}
	sts_history_packed_free(&packed);
}

static void
test_without_memory(void **state)
{
	const struct stretch few[2] = { { TODAY - 3, TODAY, 8, 0 } }, many[2] = { { TODAY - 30, TODAY, 9, 0 } };
	struct sts_history_days history, more;
	struct sts_history_packed *packed = NULL;

	(void)state;
	fill(&history, few);
	fill(&more, many);
	memory.none = true;
	assert_int_equal(sts_history_pack(&history, &packed), STS_ENOMEM);
	assert_null(packed);
	memory.none = false;
	assert_int_equal(sts_history_pack(&history, &packed), STS_OK);
	memory.none = true;
	assert_int_equal(sts_history_pack(&more, &packed), STS_ENOMEM);
	assert_true(comes_out(packed, &history));
	/* Neither more of the same days nor an empty history allocates anything. */
	memory.calls = 0;
	sts_history_add(&history, (int64_t)TODAY * DAY_S, STS_TLS_SECURED);
	assert_int_equal(sts_history_pack(&history, &packed), STS_OK);
	assert_true(comes_out(packed, &history));
	memset(&history, 0, sizeof(history));
	assert_int_equal(sts_history_pack(&history, &packed), STS_OK);
	assert_null(packed);
	assert_int_equal(memory.calls, 0);
	memory.none = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_day_without_numbers),
		cmocka_unit_test(test_repacked),
		cmocka_unit_test(test_added_in_place),
		cmocka_unit_test(test_a_life_packed),
		cmocka_unit_test(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

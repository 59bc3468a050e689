/* SPDX-License-Identifier: ISC */
/* test_answer_memo.c - stored answers are found until they expire, and no more are stored than there is room for. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "milter/socketmap/answer_memo.h"

enum { MANY = 200000, ROOM = 64 << 20, SWEEPS = 16 };

static void
keep(struct answer_memo *memo, const char *question, const char *answer, int64_t until, int64_t now)
{
	const struct kept_answer kept = { .bytes = answer, .len = strlen(answer), .level = 3, .place = 7, .stamp = 9 };

	answer_memo_keep(memo, question, strlen(question), &kept, until, now);
}

/* answer: NULL for none. */
static void
finds(const struct answer_memo *memo, const char *question, int64_t now, const char *answer)
{
	struct kept_answer kept;
	bool found = answer_memo_find(memo, question, strlen(question), now, &kept);

	if (found != (answer != NULL))
		fail_msg("%s at %d: found %d", question, (int)now, found);
	if (answer == NULL)
		return;
	assert_int_equal(kept.len, strlen(answer));
	assert_memory_equal(kept.bytes, answer, kept.len);
	assert_int_equal(kept.level, 3);
	assert_int_equal(kept.place, 7);
	assert_int_equal(kept.stamp, 9);
}

static void
test_time(void **state)
{
	struct answer_memo *memo = answer_memo_new(ROOM);

	(void)state;
	assert_non_null(memo);
	finds(memo, "postfix a.example", 100, NULL);
	keep(memo, "postfix a.example", "4:OK a,", 110, 100);
	finds(memo, "postfix a.example", 109, "4:OK a,");
	finds(memo, "postfix a.example", 110, NULL);
	finds(memo, "postfix a.exampl", 109, NULL);
	finds(memo, "postfix A.example", 109, NULL);
	/* another answer replaces it, and one that has expired already removes it */
	keep(memo, "postfix a.example", "5:OK aa,", 120, 110);
	finds(memo, "postfix a.example", 110, "5:OK aa,");
	assert_int_equal(answer_memo_count(memo), 1);
	keep(memo, "postfix a.example", "5:OK aa,", 110, 110);
	finds(memo, "postfix a.example", 109, NULL);
	assert_int_equal(answer_memo_count(memo), 0);
	assert_int_equal(answer_memo_bytes(memo), 0);
	answer_memo_free(&memo);
	assert_null(memo);
}

static void
test_long(void **state)
{
	struct answer_memo *memo = answer_memo_new(ROOM);
	char text[ANSWER_MEMO_BYTES + 1];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	keep(memo, "q", text, 110, 100);
	finds(memo, "q", 100, NULL);
	text[sizeof(text) - 2] = '\0';
	keep(memo, "q", text, 110, 100);
	finds(memo, "q", 100, text);
	/* one that does not fit removes the old one */
	text[sizeof(text) - 2] = 'x';
	keep(memo, "q", text, 110, 100);
	finds(memo, "q", 100, NULL);
	answer_memo_free(&memo);
}

static size_t
fill(struct answer_memo *memo, int64_t until, int64_t now)
{
	char question[64], answer[64];
	size_t found = 0;
	struct kept_answer kept;

	for (int i = 0; i < MANY; i++) {
		snprintf(question, sizeof(question), "postfix d%06d.example", i);
		snprintf(answer, sizeof(answer), "OK %d", i);
		keep(memo, question, answer, until, now);
	}
	for (int i = 0; i < MANY; i++) {
		int len = snprintf(question, sizeof(question), "postfix d%06d.example", i);

		snprintf(answer, sizeof(answer), "OK %d", i);
		if (!answer_memo_find(memo, question, (size_t)len, now, &kept))
			continue;
		found++;
		assert_int_equal(kept.len, strlen(answer));
		assert_memory_equal(kept.bytes, answer, kept.len);
	}
	return found;
}

/* Bounded in number by the table, and in bytes; no question gets another's answer; expired answers are dropped. */
static void
test_many(void **state)
{
	struct answer_memo *memo = answer_memo_new(ROOM);
	size_t found = fill(memo, 110, 100);

	(void)state;
	assert_int_equal(found, answer_memo_count(memo));
	assert_in_range(found, MANY / 2, 131072);
	for (int i = 0; i < SWEEPS; i++)
		answer_memo_sweep(memo, 109);
	assert_int_equal(answer_memo_count(memo), found);
	for (int i = 0; i < SWEEPS; i++)
		answer_memo_sweep(memo, 110);
	assert_int_equal(answer_memo_count(memo), 0);
	assert_int_equal(answer_memo_bytes(memo), 0);
	assert_int_equal(fill(memo, 120, 110), found);
	answer_memo_clear(memo);
	assert_int_equal(answer_memo_bytes(memo), 0);
	finds(memo, "postfix d000001.example", 110, NULL);
	answer_memo_free(&memo);
	memo = answer_memo_new(100000);
	found = fill(memo, 110, 100);
	assert_in_range(found, 500, 3000);
	assert_in_range(answer_memo_bytes(memo), 50000, 100000);
	answer_memo_free(&memo);
}

/* In a full bucket, the one that would expire first makes room. */
static void
test_room(void **state)
{
	struct answer_memo *memo = answer_memo_new(ROOM);

	(void)state;
	keep(memo, "late", "x", 1000, 100);
	(void)fill(memo, 110, 100);
	finds(memo, "late", 100, "x");
	answer_memo_free(&memo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests_name("answer_memo", tests, NULL, NULL);
}

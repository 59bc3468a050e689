/* SPDX-License-Identifier: ISC */
/* test_counts.c - sums, days, limits, and the life of a batch. */
#include "config.h"

#include "shared-cache/ledger/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOON = 1754740800 };	/* 2025-08-09 12:00:00 UTC */

static const char *const pass[] = { "messages", "result:pass", NULL };
static const char *const fail_plain[] = { "messages", "result:fail", "tls:none", NULL };

static int
setup(void **state)
{
	struct sts_counts *c;

	if (sts_counts_new(3, &c) != STS_OK)
		return -1;
	*state = c;
	return 0;
}

static int
teardown(void **state)
{
	struct sts_counts *c = *state;

	sts_counts_free(&c);
	return c == NULL ? 0 : -1;
}

static void
add(struct sts_counts *c, const char *domain, int64_t now, const char *const *fields)
{
	const struct sts_counts_message m = {
		.domain = domain, .now = now, .plaintext = fields == fail_plain, .total_fields = fields, .domain_fields = fields,
	};

	assert_int_equal(sts_counts_add(c, &m), STS_OK);
}

static const struct sts_counts_batch *
freeze(struct sts_counts *c)
{
	const struct sts_counts_batch *batch;

	assert_int_equal(sts_counts_freeze(c, &batch), STS_OK);
	return batch;
}

static void
done(struct sts_counts *c)
{
	struct sts_counts_spent *spent;

	sts_counts_done(c, &spent);
	assert_non_null(spent);
	sts_counts_spent_free(&spent);
	assert_null(spent);
	sts_counts_spent_free(&spent);
}

static const struct sts_counts_row *
find(const struct sts_counts_batch *batch, const char *day, const char *domain)
{
	for (size_t i = 0; i < batch->row_count; i++)
		if (strcmp(batch->rows[i].day, day) == 0 && strcmp(batch->rows[i].domain, domain) == 0)
			return &batch->rows[i];
	fail_msg("no row %s %s", day, domain);
	return NULL;
}

static int64_t
count_of(const struct sts_counts_row *row, const char *field)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (strcmp(row->fields[i].field, field) == 0)
			return row->fields[i].n;
	return 0;
}

static void
test_sums(void **state)
{
	struct sts_counts *c = *state;
	const struct sts_counts_batch *batch;
	const struct sts_counts_row *row;
	uint64_t messages;
	size_t rows;

	assert_null(freeze(c));
	add(c, "a.example", NOON + 5, pass);
	add(c, "a.example", NOON, fail_plain);
	add(c, "b.example", NOON + 1, pass);
	add(c, "", NOON + 2, pass);
	add(c, NULL, NOON + 3, pass);
	sts_counts_pending(c, &rows, &messages);
	assert_int_equal(rows, 3);
	assert_int_equal(messages, 5);
	batch = freeze(c);
	assert_int_equal(batch->sequence, 1);
	assert_int_equal(strlen(batch->incarnation), 32);
	assert_int_equal(batch->row_count, 3);
	row = find(batch, "2025-08-09", "");
	assert_int_equal(count_of(row, "messages"), 5);
	assert_int_equal(count_of(row, "result:pass"), 4);
	assert_int_equal(count_of(row, "result:fail"), 1);
	assert_int_equal(row->messages, 5);
	row = find(batch, "2025-08-09", "a.example");
	assert_int_equal(count_of(row, "messages"), 2);
	assert_int_equal(count_of(row, "tls:none"), 1);
	assert_int_equal(row->first_seen, NOON);
	assert_int_equal(row->last_seen, NOON + 5);
	assert_int_equal(row->last_plaintext, NOON);
	assert_int_equal(find(batch, "2025-08-09", "b.example")->last_plaintext, 0);
}

static void
test_batches(void **state)
{
	struct sts_counts *c = *state;
	const struct sts_counts_batch *first, *again;
	char incarnation[33];
	uint64_t messages;
	size_t rows;

	add(c, "a.example", NOON, pass);
	first = freeze(c);
	strcpy(incarnation, first->incarnation);
	/* Messages from now on are in the next batch, and do not change the frozen one. */
	for (int i = 0; i < 1000; i++)
		add(c, i % 2 == 0 ? "a.example" : "b.example", NOON, pass);
	again = freeze(c);
	assert_ptr_equal(again, first);
	assert_int_equal(again->sequence, 1);
	assert_int_equal(count_of(find(again, "2025-08-09", ""), "messages"), 1);
	sts_counts_pending(c, &rows, &messages);
	assert_int_equal(rows, 5);
	assert_int_equal(messages, 1001);
	done(c);
	sts_counts_pending(c, &rows, &messages);
	assert_int_equal(rows, 3);
	assert_int_equal(messages, 1000);
	again = freeze(c);
	assert_int_equal(again->sequence, 2);
	assert_string_equal(again->incarnation, incarnation);
	assert_int_equal(count_of(find(again, "2025-08-09", ""), "messages"), 1000);
	assert_int_equal(count_of(find(again, "2025-08-09", "b.example"), "messages"), 500);
	done(c);
	assert_null(freeze(c));
	add(c, NULL, NOON, pass);
	assert_int_equal(freeze(c)->sequence, 3);	/* freed with the counts */
}

/* The numbers for a domain's history are only in the domain's row. */
static void
test_own(void **state)
{
	struct sts_counts_message m = { .domain = "a.example", .now = NOON, .own_tls = true, .total_fields = pass,
		.domain_fields = pass };
	struct sts_counts *c = *state;
	const struct sts_counts_batch *batch;

	for (int i = 0; i < 3; i++)
		assert_int_equal(sts_counts_add(c, &m), STS_OK);
	m.own_tls = false;
	m.own_plaintext = true;
	assert_int_equal(sts_counts_add(c, &m), STS_OK);
	m.domain = NULL;
	assert_int_equal(sts_counts_add(c, &m), STS_OK);
	batch = freeze(c);
	assert_int_equal(find(batch, "2025-08-09", "a.example")->own_tls, 3);
	assert_int_equal(find(batch, "2025-08-09", "a.example")->own_plaintext, 1);
	assert_int_equal(find(batch, "2025-08-09", "")->own_tls, 0);
	assert_int_equal(find(batch, "2025-08-09", "")->own_plaintext, 0);
	done(c);
	/* One domain too many: `other' has no history. */
	for (const char *letter = "cdefgh"; *letter != '\0'; letter++) {
		char domain[] = "x.example";

		domain[0] = *letter;
		m.domain = domain;
		assert_int_equal(sts_counts_add(c, &m), STS_OK);
	}
	batch = freeze(c);
	assert_int_equal(find(batch, "2025-08-09", "other")->own_plaintext, 0);
	assert_true(find(batch, "2025-08-09", "other")->messages > 0);
	done(c);
}

static void
test_incarnations_differ(void **state)
{
	struct sts_counts *c = *state, *other;

	add(c, NULL, NOON, pass);
	assert_int_equal(sts_counts_new(1, &other), STS_OK);
	add(other, NULL, NOON, pass);
	assert_string_not_equal(freeze(c)->incarnation, freeze(other)->incarnation);
	sts_counts_free(&other);
}

static void
test_midnight(void **state)
{
	struct sts_counts *c = *state;
	const struct sts_counts_batch *batch;
	int64_t midnight = NOON + 43200;

	add(c, "a.example", midnight - 1, pass);
	add(c, "a.example", midnight, pass);
	add(c, "a.example", midnight - 1, pass);	/* the clock has stepped back */
	batch = freeze(c);
	assert_int_equal(batch->row_count, 4);
	assert_int_equal(count_of(find(batch, "2025-08-09", "a.example"), "messages"), 2);
	assert_int_equal(count_of(find(batch, "2025-08-10", "a.example"), "messages"), 1);
	assert_int_equal(count_of(find(batch, "2025-08-10", ""), "messages"), 1);
}

static void
test_days(void **state)
{
	static const struct {
		int64_t now;
		const char *day;
	} rows[] = {
		{ 0, "1970-01-01" }, { 86399, "1970-01-01" }, { 86400, "1970-01-02" }, { -1, "1969-12-31" },
		{ 951782400, "2000-02-29" }, { NOON, "2025-08-09" }, { 253402300799, "9999-12-31" },
		{ 253402300800, "1970-01-01" }, { INT64_MAX, "1970-01-01" }, { INT64_MIN, "1970-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char day[STS_DAY_CAP];

		sts_day_of(rows[i].now, day);
		if (strcmp(day, rows[i].day) != 0)
			fail_msg("%lld: got %s, want %s", (long long)rows[i].now, day, rows[i].day);
	}
}

static bool
has_row(const struct sts_counts_batch *batch, const char *domain)
{
	for (size_t i = 0; i < batch->row_count; i++)
		if (strcmp(batch->rows[i].domain, domain) == 0)
			return true;
	return false;
}

static int64_t
sum_of_domains(const struct sts_counts_batch *batch)
{
	int64_t sum = 0;

	for (size_t i = 0; i < batch->row_count; i++)
		if (batch->rows[i].domain[0] != '\0')
			sum += count_of(&batch->rows[i], "messages");
	return sum;
}

/* Room for three domains. */
static void
test_too_many_domains(void **state)
{
	struct sts_counts *c = *state;
	const struct sts_counts_batch *batch;
	const struct sts_counts_row *row;

	for (int i = 0; i < 5; i++)
		add(c, "often.example", NOON, pass);
	for (int i = 0; i < 100; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%d.example", i);
		add(c, domain, NOON + i, i == 7 ? fail_plain : pass);
	}
	batch = freeze(c);
	assert_int_equal(batch->row_count, 5);	/* the totals, three domains, other */
	assert_int_equal(count_of(find(batch, "2025-08-09", "often.example"), "messages"), 5);
	assert_true(has_row(batch, "d99.example"));
	assert_false(has_row(batch, "d7.example"));
	assert_int_equal(sts_counts_folded(c), 98);
	row = find(batch, "2025-08-09", "other");
	assert_int_equal(count_of(row, "messages"), 98);
	assert_int_equal(row->messages, 98);
	assert_int_equal(row->first_seen, NOON);
	assert_int_equal(row->last_seen, NOON + 97);
	assert_int_equal(row->last_plaintext, NOON + 7);
	assert_int_equal(count_of(row, "tls:none"), 1);
	assert_int_equal(sum_of_domains(batch), 105);
	/* The next table has room again. */
	add(c, "d9.example", NOON, pass);
	assert_int_equal(sts_counts_folded(c), 98);
	done(c);
	assert_int_equal(count_of(find(freeze(c), "2025-08-09", "d9.example"), "messages"), 1);
}

/* Rows of yesterday are folded into yesterday's `other`. */
static void
test_folding_at_midnight(void **state)
{
	struct sts_counts *c = *state;
	const struct sts_counts_batch *batch;

	add(c, "a.example", NOON, pass);
	add(c, "b.example", NOON + 86400, pass);
	add(c, "b.example", NOON + 86400, pass);
	add(c, "c.example", NOON + 86400, pass);
	add(c, "c.example", NOON + 86400, pass);
	add(c, "d.example", NOON + 86400, pass);
	batch = freeze(c);
	assert_int_equal(count_of(find(batch, "2025-08-09", "other"), "messages"), 1);
	assert_false(has_row(batch, "a.example"));
	assert_int_equal(sum_of_domains(batch), 6);
}

static void
add_stranger(struct sts_counts *c, const char *domain, int64_t now)
{
	const struct sts_counts_message m = {
		.domain = domain, .now = now, .stranger = true, .total_fields = pass, .domain_fields = pass,
	};

	assert_int_equal(sts_counts_add(c, &m), STS_OK);
}

/* The first message of a stranger waits for the second; then both are counted, each on its day. */
static void
test_strangers(void **state)
{
	struct sts_counts *c = *state;
	const struct sts_counts_batch *batch;
	uint64_t settled;
	size_t held;

	add_stranger(c, "once.example", NOON);
	add_stranger(c, "twice.example", NOON);
	add_stranger(c, "twice.example", NOON + 43200);
	add_stranger(c, "proved.example", NOON);
	add(c, "proved.example", NOON, pass);		/* a policy has been found in the meantime */
	batch = freeze(c);
	assert_false(has_row(batch, "once.example"));
	assert_int_equal(count_of(find(batch, "2025-08-09", "twice.example"), "messages"), 1);
	assert_int_equal(count_of(find(batch, "2025-08-10", "twice.example"), "messages"), 1);
	assert_int_equal(count_of(find(batch, "2025-08-09", "proved.example"), "messages"), 2);
	assert_int_equal(count_of(find(batch, "2025-08-09", ""), "messages"), 4);
	assert_int_equal(count_of(find(batch, "2025-08-10", ""), "messages"), 1);
	sts_counts_strangers(c, &held, &settled);
	assert_int_equal(held, 1);
	assert_int_equal(settled, 0);
	done(c);
	/* The domain is known from now on. */
	add_stranger(c, "twice.example", NOON + 43200);
	add_stranger(c, "proved.example", NOON + 43200);
	batch = freeze(c);
	assert_int_equal(count_of(find(batch, "2025-08-10", "twice.example"), "messages"), 1);
	assert_int_equal(count_of(find(batch, "2025-08-10", "proved.example"), "messages"), 1);
	assert_int_equal(sts_counts_folded(c), 0);
}

/* A stranger who does not come again within a day, exceeds the limit (three here), or is held at the end, is counted under `other'. */
static void
test_strangers_for_ever(void **state)
{
	struct sts_counts *c = *state;
	const struct sts_counts_batch *batch;
	uint64_t settled;
	size_t held;

	add_stranger(c, "a.example", NOON);
	add(c, NULL, NOON + 86401, pass);
	sts_counts_strangers(c, &held, &settled);
	assert_int_equal(held, 0);
	assert_int_equal(settled, 1);
	for (int i = 0; i < 10; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%d.example", i);
		add_stranger(c, domain, NOON + 86400);
	}
	sts_counts_strangers(c, &held, &settled);
	assert_int_equal(held, 3);
	assert_int_equal(settled, 8);
	sts_counts_settle(c);
	batch = freeze(c);
	assert_int_equal(count_of(find(batch, "2025-08-09", "other"), "messages"), 1);
	assert_int_equal(count_of(find(batch, "2025-08-10", "other"), "messages"), 10);
	assert_int_equal(sum_of_domains(batch), 11);
	assert_int_equal(batch->row_count, 4);
	assert_int_equal(sts_counts_folded(c), 0);
	add_stranger(c, "held.example", NOON + 86400);	/* freed with the counts */
}

/* Strangers are folded before domains with a policy or an aligned client. */
static void
test_strangers_are_folded_first(void **state)
{
	struct sts_counts *c = *state;

	add(c, "policy.example", NOON, pass);
	for (int i = 0; i < 5; i++)
		add_stranger(c, "stranger.example", NOON + 1);
	add(c, "b.example", NOON + 1, pass);
	add(c, "c.example", NOON + 1, pass);
	assert_true(has_row(freeze(c), "policy.example"));
	assert_false(has_row(freeze(c), "stranger.example"));
	assert_int_equal(sts_counts_folded(c), 5);
}

static void
test_too_many_names(void **state)
{
	struct sts_counts *c = *state;
	const struct sts_counts_row *row;
	int64_t sum = 0;

	for (int i = 0; i < 5000; i++) {
		char field[32];
		const char *fields[] = { field, NULL };

		snprintf(field, sizeof(field), "cipher:%d", i);
		add(c, NULL, NOON, fields);
	}
	row = find(freeze(c), "2025-08-09", "");
	assert_true(row->field_count < 3000);
	assert_true(count_of(row, "other") > 1000);
	for (size_t i = 0; i < row->field_count; i++)
		sum += row->fields[i].n;
	assert_int_equal(sum, 5000);
}

static void
test_odd_messages(void **state)
{
	struct sts_counts *c = *state;
	char longest[300];
	const char *fields[] = { longest, NULL };
	const struct sts_counts_message nothing = { .domain = "a.example", .now = NOON };
	const struct sts_counts_batch *batch;

	memset(longest, 'f', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	add(c, "a.example", NOON, fields);
	assert_int_equal(sts_counts_add(c, &nothing), STS_OK);
	batch = freeze(c);
	assert_int_equal(strlen(find(batch, "2025-08-09", "")->fields[0].field), STS_COUNT_FIELD_CAP - 1);
	assert_int_equal(find(batch, "2025-08-09", "a.example")->messages, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sums, setup, teardown),
		cmocka_unit_test_setup_teardown(test_batches, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_incarnations_differ, setup, teardown),
		cmocka_unit_test_setup_teardown(test_midnight, setup, teardown),
		cmocka_unit_test(test_days),
		cmocka_unit_test_setup_teardown(test_too_many_domains, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folding_at_midnight, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strangers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strangers_for_ever, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strangers_are_folded_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd_messages, setup, teardown),
	};

	return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}

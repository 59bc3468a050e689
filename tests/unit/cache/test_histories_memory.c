/* SPDX-License-Identifier: ISC */
/* test_histories_memory.c - the memory that histories take, what is evicted when it is full, and running out of it. */
#include "config.h"

#include "shared-cache/cache/histories.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"

#define A "a.example"
#define B "b.example"

static const int64_t now = INT64_C(1754740800);	/* 2025-08-09 12:00:00 UTC */

/* How many of the next allocations succeed; below 0: all. */
static int grants = -1;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool
is_granted(void)
{
	if (grants > 0)
		grants--;
	else if (grants == 0)
		return false;
	return true;
}

/* Replaces malloc and its kin, by the linker. */
void *
__wrap_malloc(size_t size)
{
	return is_granted() ? __real_malloc(size) : NULL;
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return is_granted() ? __real_calloc(count, size) : NULL;
}

void *
__wrap_realloc(void *p, size_t size)
{
	return is_granted() ? __real_realloc(p, size) : NULL;
}

/* The store: the latest request. */
static struct {
	unsigned asked;
	uint64_t ticket;
	int64_t clock_ms;
} store;

static int64_t
fake_clock(void)
{
	return store.clock_ms;
}

static bool
load(void *arg, const char *domain, uint64_t ticket)
{
	(void)arg;
	(void)domain;
	store.asked++;
	store.ticket = ticket;
	return true;
}

static struct sts_histories *
make(size_t max)
{
	struct sts_histories *h;

	memset(&store, 0, sizeof(store));
	store.clock_ms = 1000;
	assert_int_equal(sts_histories_new(max, fake_clock, &h), STS_OK);
	sts_histories_attach(h, load, NULL);
	return h;
}

/* Messages over TLS today; -1: the history is not here. */
static int64_t
here(struct sts_histories *h, const char *domain)
{
	struct sts_history_days days;

	return sts_histories_get(h, domain, &days) ? (int64_t)sts_history_at(&days, sts_history_day(now)).tls : -1;
}

/* tls and plaintext messages on each of the latest days. */
static struct sts_history_days
past(int days, uint32_t tls, uint32_t plaintext)
{
	struct sts_history_days found = { .last = sts_history_day(now) };

	for (int64_t day = found.last - days + 1; day <= found.last; day++)
		found.days[day % STS_HISTORY_DAYS] = (struct sts_history_day){ tls, plaintext };
	return found;
}

static void
read_past(struct sts_histories *h, const char *domain, int days, uint32_t tls, uint32_t plaintext)
{
	struct sts_history_days found = past(days, tls, plaintext);

	sts_histories_want(h, domain);
	sts_histories_read(h, domain, store.ticket, &found);
}

/* ---- bounded ---- */

static void
test_bounded(void **state)
{
	struct sts_histories *h = make(3);
	char domain[32];

	(void)state;
	sts_histories_add(h, A, now, STS_TLS_SECURED);
	for (int i = 0; i < 100; i++) {
		snprintf(domain, sizeof(domain), "d%d.example", i);
		sts_histories_want(h, domain);
		sts_histories_add(h, A, now, STS_TLS_SECURED);
		assert_true(sts_histories_count(h) <= 3);
	}
	assert_int_equal(here(h, A), 101);
	assert_int_equal(here(h, "d99.example"), 0);
	assert_int_equal(here(h, "d97.example"), -1);
	sts_histories_free(&h);
	h = make(0);
	sts_histories_want(h, A);
	sts_histories_add(h, A, now, STS_TLS_SECURED);
	assert_int_equal(sts_histories_count(h), 0);
	sts_histories_free(&h);
}

enum { ROOM = 1000, ONE_AT_MOST = 700 };

/* ROOM domains with histories, in the memory that is promised for as many. */
static void
test_bounded_by_bytes(void **state)
{
	static const struct {
		const char *name;
		int days;
		uint32_t tls, plaintext;
		size_t kept;	/* at least: with small pointers, there is room for more */
	} rows[] = {
		{ "nothing yet", 0, 0, 0, ROOM },
		{ "a day", 1, 1, 0, ROOM },
		{ "five days", 5, 1, 1, ROOM },
		{ "each day", 60, 200, 0, ROOM },
		{ "each day, both kinds", 60, 200, 200, ROOM },
		{ "each day, by the thousand", 60, 5000, 0, ROOM },
		{ "the same, both kinds", 60, 5000, 5000, 752 },
		{ "by the million", 60, 5000000, 5000000, 597 },
		{ "the most there can be", 60, UINT32_MAX, UINT32_MAX, 483 },
	};
	char domain[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_histories *h = make(ROOM);
		size_t bytes, kept;

		for (unsigned n = 0; n < 2 * ROOM; n++) {
			snprintf(domain, sizeof(domain), "d%05u.example", n);
			read_past(h, domain, rows[i].days, rows[i].tls, rows[i].plaintext);
			bytes = sts_histories_bytes(h);
			if (bytes > ROOM * STS_HISTORIES_BYTES)
				fail_msg("%s: %zu bytes with the domain %u", rows[i].name, bytes, n);
		}
		kept = sts_histories_count(h);
		if (kept < rows[i].kept || (kept < ROOM && bytes < ROOM * STS_HISTORIES_BYTES - ONE_AT_MOST))
			fail_msg("%s: got %zu domains in %zu bytes, want %zu", rows[i].name, kept, bytes, rows[i].kept);
		/* The latest ones are kept. */
		for (unsigned n = 0; n < 2 * ROOM; n++) {
			snprintf(domain, sizeof(domain), "d%05u.example", n);
			if (here(h, domain) != (n < 2 * ROOM - kept ? -1 : (int64_t)rows[i].tls))
				fail_msg("%s: %s has %lld", rows[i].name, domain, (long long)here(h, domain));
		}
		sts_histories_forget_all(h);
		assert_int_equal(sts_histories_bytes(h), 0);
		sts_histories_free(&h);
	}
}

/* A history that grows evicts the least recently used one, never itself. */
static void
test_growing(void **state)
{
	static const char *const others[] = { "d1.example", "d2.example", "d3.example" };
	const struct sts_history_days most = past(60, UINT32_MAX, UINT32_MAX);
	struct sts_histories *h = make(4);
	uint64_t ticket;

	(void)state;
	sts_histories_want(h, A);
	ticket = store.ticket;
	for (size_t i = 0; i < 3; i++)
		read_past(h, others[i], 60, 1, 1);
	assert_int_equal(sts_histories_count(h), 4);
	/* It is the least recently used when its result comes. */
	sts_histories_read(h, A, ticket, &most);
	assert_int_equal(here(h, A), UINT32_MAX);
	assert_int_equal(here(h, others[0]), -1);
	assert_int_equal(sts_histories_count(h), 3);
	/* One more message makes all its numbers wider. */
	read_past(h, B, 60, 255, 0);
	assert_int_equal(here(h, others[1]), -1);
	assert_int_equal(here(h, others[2]), 1);
	sts_histories_add(h, B, now, STS_TLS_SECURED);
	assert_int_equal(here(h, B), 256);
	sts_histories_add(h, A, now + STS_HISTORY_DAY_S, STS_TLS_SECURED);
	assert_true(sts_histories_bytes(h) <= 4 * STS_HISTORIES_BYTES);
	sts_histories_free(&h);
	/* One history stays, however large it is. */
	h = make(1);
	read_past(h, A, 60, INT32_MAX, INT32_MAX);
	assert_true(sts_histories_bytes(h) > STS_HISTORIES_BYTES);
	assert_int_equal(here(h, A), INT32_MAX);
	sts_histories_want(h, B);
	assert_int_equal(here(h, A), -1);
	assert_int_equal(here(h, B), 0);
	sts_histories_free(&h);
}

/* ---- without memory ---- */

static void
test_without_memory(void **state)
{
	struct sts_histories *h;
	size_t bytes;

	(void)state;
	grants = 0;
	assert_int_equal(sts_histories_new(10, fake_clock, &h), STS_ENOMEM);
	assert_null(h);
	grants = -1;
	h = make(10);
	/* No slot; no table; no buckets; no history. */
	for (int n = 0; n < 4; n++) {
		grants = n;
		sts_histories_add(h, A, now, STS_TLS_SECURED);
		grants = -1;
		assert_int_equal(here(h, A), n < 3 ? -1 : 0);
		assert_int_equal(sts_histories_count(h), n < 3 ? 0 : 1);
	}
	sts_histories_add(h, A, now, STS_TLS_SECURED);
	bytes = sts_histories_bytes(h);
	/* More messages of the same day need no memory. What does is left out, and the old history stays. */
	grants = 0;
	sts_histories_add(h, A, now, STS_TLS_SECURED);
	assert_int_equal(here(h, A), 2);
	for (int64_t day = 1; day < 20; day++)
		sts_histories_add(h, A, now + day * STS_HISTORY_DAY_S, STS_TLS_SECURED);
	assert_int_equal(here(h, A), 2);
	assert_int_equal(sts_histories_bytes(h), bytes);
	grants = -1;
	sts_histories_free(&h);
}

struct waiter {
	struct sts_histories *h;
	int64_t got;
};

static void *
wait_for_it(void *arg)
{
	struct waiter *w = arg;

	sts_histories_wait(w->h, A, sts_clock_mono_ms() + 60000);
	w->got = here(w->h, A);
	return NULL;
}

/* A history without memory counts as not read: it is requested again, as if the store had been away, and waited for. */
static void
test_read_without_memory(void **state)
{
	struct sts_histories *h = make(10);
	struct waiter w = { .h = h };
	const struct sts_history_days found = past(1, 5, 0);
	pthread_t thread;

	(void)state;
	sts_histories_want(h, A);
	grants = 0;
	sts_histories_read(h, A, store.ticket, &found);
	grants = -1;
	assert_int_equal(here(h, A), 0);
	sts_histories_wait(h, A, INT64_MAX / 2);	/* nothing will come any more */
	store.clock_ms += STS_HISTORIES_RETRY_MS;
	sts_histories_want(h, A);
	assert_int_equal(store.asked, 2);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_it, &w), 0);
	sts_histories_read(h, A, store.ticket, &found);
	pthread_join(thread, NULL);
	assert_int_equal(w.got, 5);
	sts_histories_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_bounded_by_bytes),
		cmocka_unit_test(test_growing),
		cmocka_unit_test(test_without_memory),
		cmocka_unit_test(test_read_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

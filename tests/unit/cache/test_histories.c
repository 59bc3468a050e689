/* SPDX-License-Identifier: ISC */
/* test_histories.c - what is in memory, what is read from the store and when, and who waits. Bounds: test_histories_memory.c. */
#include "config.h"

#include "shared-cache/cache/histories.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"

#define A "a.example"
#define B "b.example"

static const int64_t now = INT64_C(1754740800);	/* 2025-08-09 12:00:00 UTC */

/* The store: the latest request. */
static struct {
	unsigned asked;
	char domain[64];
	uint64_t ticket;
	bool refuses;
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
	assert_ptr_equal(arg, &store);
	store.asked++;
	snprintf(store.domain, sizeof(store.domain), "%s", domain);
	store.ticket = ticket;
	return !store.refuses;
}

static struct sts_histories *
make(size_t max, bool with_store)
{
	struct sts_histories *h;

	memset(&store, 0, sizeof(store));
	store.clock_ms = 1000;
	assert_int_equal(sts_histories_new(max, fake_clock, &h), STS_OK);
	if (with_store)
		sts_histories_attach(h, load, &store);
	return h;
}

static struct sts_history_days
of(unsigned tls)
{
	struct sts_history_days days = { 0 };

	while (tls-- > 0)
		sts_history_add(&days, now, STS_TLS_SECURED);
	return days;
}

/* Messages over TLS today; -1: the history is not here. */
static int
here(struct sts_histories *h, const char *domain)
{
	struct sts_history_days days;

	return sts_histories_get(h, domain, &days) ? (int)sts_history_at(&days, sts_history_day(now)).tls : -1;
}

static void
answer(struct sts_histories *h, unsigned tls)
{
	struct sts_history_days found = of(tls);

	sts_histories_read(h, store.domain, store.ticket, &found);
}

static void
test_asked_once(void **state)
{
	struct sts_histories *h = make(10, true);

	(void)state;
	sts_histories_want(h, A);
	sts_histories_want(h, A);
	assert_int_equal(store.asked, 1);
	assert_string_equal(store.domain, A);
	assert_int_equal(here(h, A), 0);
	answer(h, 5);
	assert_int_equal(here(h, A), 5);
	sts_histories_want(h, A);
	assert_int_equal(store.asked, 1);
	/* Read again after a while: what was counted here stays, and what other nodes counted is added. */
	sts_histories_add(h, A, now, STS_TLS_SECURED);
	assert_int_equal(here(h, A), 6);
	store.clock_ms += STS_HISTORIES_REREAD_MS;
	sts_histories_want(h, A);
	assert_int_equal(store.asked, 2);
	answer(h, 5);
	assert_int_equal(here(h, A), 6);
	store.clock_ms += STS_HISTORIES_REREAD_MS;
	sts_histories_want(h, A);
	answer(h, 9);
	assert_int_equal(here(h, A), 9);
	sts_histories_free(&h);
	assert_null(h);
}

static void
test_store_away(void **state)
{
	struct sts_histories *h = make(10, true);

	(void)state;
	sts_histories_want(h, A);
	sts_histories_read(h, A, store.ticket, NULL);
	sts_histories_wait(h, A, INT64_MAX / 2);	/* nothing will come any more */
	sts_histories_want(h, A);
	assert_int_equal(store.asked, 1);
	store.clock_ms += STS_HISTORIES_RETRY_MS;
	store.refuses = true;
	sts_histories_want(h, A);
	assert_int_equal(store.asked, 2);
	sts_histories_wait(h, A, INT64_MAX / 2);
	sts_histories_want(h, A);
	assert_int_equal(store.asked, 2);
	store.refuses = false;
	store.clock_ms += STS_HISTORIES_RETRY_MS;
	sts_histories_want(h, A);
	answer(h, 3);
	assert_int_equal(here(h, A), 3);
	sts_histories_free(&h);
}

/* The result of a read that was in progress is not used after a forget, not even for a new request. */
static void
test_forgotten(void **state)
{
	struct sts_histories *h = make(10, true);
	struct sts_history_days old = of(7);
	uint64_t old_ticket;

	(void)state;
	sts_histories_want(h, A);
	old_ticket = store.ticket;
	sts_histories_forget(h, A);
	assert_int_equal(here(h, A), -1);
	sts_histories_read(h, A, old_ticket, &old);
	assert_int_equal(here(h, A), -1);
	sts_histories_want(h, A);
	sts_histories_read(h, A, old_ticket, &old);
	assert_int_equal(here(h, A), 0);
	answer(h, 1);
	assert_int_equal(here(h, A), 1);
	sts_histories_want(h, B);
	sts_histories_forget(h, "c.example");
	assert_int_equal(sts_histories_count(h), 2);
	sts_histories_forget_all(h);
	assert_int_equal(sts_histories_count(h), 0);
	sts_histories_free(&h);
}

static void
test_without_store(void **state)
{
	struct sts_histories *h = make(10, false);

	(void)state;
	sts_histories_want(h, A);
	assert_int_equal(sts_histories_count(h), 0);
	sts_histories_wait(h, A, INT64_MAX / 2);
	sts_histories_add(h, A, now, STS_TLS_UNKNOWN);
	assert_int_equal(sts_histories_count(h), 0);
	sts_histories_add(h, A, now, STS_TLS_SECURED);
	assert_int_equal(here(h, A), 1);
	sts_histories_free(&h);
}

/* ---- waiting ---- */

struct waiter {
	struct sts_histories *h;
	int got;
};

static void *
wait_for_it(void *arg)
{
	struct waiter *w = arg;

	sts_histories_wait(w->h, A, sts_clock_mono_ms() + 60000);
	w->got = here(w->h, A);
	return NULL;
}

static void
test_waiting(void **state)
{
	struct waiter w = { .h = make(10, true) };
	pthread_t thread;

	(void)state;
	sts_histories_want(w.h, A);
	sts_histories_wait(w.h, A, 0);	/* in the past */
	assert_int_equal(pthread_create(&thread, NULL, wait_for_it, &w), 0);
	answer(w.h, 4);
	pthread_join(thread, NULL);
	assert_int_equal(w.got, 4);
	/* A history that is here once is not waited for, even while it is read again. */
	store.clock_ms += STS_HISTORIES_REREAD_MS;
	sts_histories_want(w.h, A);
	wait_for_it(&w);
	assert_int_equal(w.got, 4);
	sts_histories_free(&w.h);
}

/* Each of these ends a wait without a result. */
static void
test_waiting_in_vain(void **state)
{
	for (int i = 0; i < 3; i++) {
		struct waiter w = { .h = make(10, true) };
		pthread_t thread;

		sts_histories_want(w.h, A);
		assert_int_equal(pthread_create(&thread, NULL, wait_for_it, &w), 0);
		if (i == 0)
			sts_histories_forget(w.h, A);
		else if (i == 1)
			sts_histories_attach(w.h, NULL, NULL);
		else
			sts_histories_read(w.h, A, store.ticket, NULL);
		pthread_join(thread, NULL);
		assert_int_equal(w.got, i == 0 ? -1 : 0);
		sts_histories_free(&w.h);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_once),
		cmocka_unit_test(test_store_away),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_without_store),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_waiting_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * test_dane_cache.c - waiters that ask again from their callback. The names cannot be encoded in DNS, so they are known not to
 * exist without a query; the server does not exist.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared-cache/dane/dane_cache.h"

/* Asks for the next domain from its callback. */
struct asker {
	struct sts_dane_waiter waiter;
	struct sts_dane_cache *cache;
	const char *next;
	enum sts_dane answer, next_answer;
	int answers;
};

static void
on_answer(struct sts_dane_waiter *waiter, enum sts_dane dane)
{
	struct asker *a = (struct asker *)(void *)waiter;

	a->answer = dane;
	if (++a->answers == 1)
		a->next_answer = sts_dane_cache_ask(a->cache, a->next, &a->waiter);
}

static struct sts_dane_cache *
new_cache(size_t entries)
{
	const struct sts_dane_cache_params params = { .dns_servers = "127.0.0.1:1", .dns_timeout_ms = 10000, .smtp_port = 25,
		.entries = entries, .concurrency = 1 };
	struct sts_dane_cache *cache;

	assert_int_equal(sts_dane_cache_new(&params, &cache), STS_OK);
	return cache;
}

/* The table is full, and the entry whose waiters are being called stays until all have been called. */
static void
asks_where_there_is_no_room(void **state)
{
	struct asker a = { .waiter = { .answer = on_answer }, .cache = new_cache(1), .next = "another..test" };
	struct sts_dane_cache_state after;

	(void)state;
	assert_int_equal(sts_dane_cache_ask(a.cache, "one..test", &a.waiter), STS_DANE_PENDING);
	while (a.answers == 0)
		sts_dane_cache_process(a.cache, 0);
	assert_int_equal(a.next_answer, STS_DANE_OFF);
	sts_dane_cache_state(a.cache, &after);
	assert_int_equal(after.entries, 1);
	assert_int_equal(after.lookups, 0);
	/* Then its place is free. */
	assert_int_equal(sts_dane_cache_ask(a.cache, "another..test", &a.waiter), STS_DANE_PENDING);
	while (a.answers == 1)
		sts_dane_cache_process(a.cache, 0);
	sts_dane_cache_free(&a.cache);
}

/* With or without room, the second domain gets its own answer. */
static void
asks_where_there_is_room(void **state)
{
	struct asker a = { .waiter = { .answer = on_answer }, .cache = new_cache(2), .next = "another..test" };

	(void)state;
	assert_int_equal(sts_dane_cache_ask(a.cache, "one..test", &a.waiter), STS_DANE_PENDING);
	while (a.answers < 2)
		sts_dane_cache_process(a.cache, 0);
	assert_int_equal(a.next_answer, STS_DANE_PENDING);
	sts_dane_cache_free(&a.cache);
}

/* The domain was forgotten while its look-up was in progress: whoever asks after that needs a new one. */
static void
asks_for_what_was_forgotten(void **state)
{
	struct asker a = { .waiter = { .answer = on_answer }, .cache = new_cache(2), .next = "one..test" };

	(void)state;
	assert_int_equal(sts_dane_cache_ask(a.cache, "one..test", &a.waiter), STS_DANE_PENDING);
	sts_dane_cache_forget(a.cache, "one..test");
	sts_dane_cache_process(a.cache, 0);
	assert_int_equal(a.answers, 1);
	assert_int_equal(a.next_answer, STS_DANE_PENDING);
	while (a.answers < 2)
		sts_dane_cache_process(a.cache, 0);
	sts_dane_cache_free(&a.cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_where_there_is_no_room),
		cmocka_unit_test(asks_where_there_is_room),
		cmocka_unit_test(asks_for_what_was_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

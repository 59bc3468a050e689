/* SPDX-License-Identifier: ISC */
/* test_cache.c - the cache with its threads: who waits for what. test_resolver.c tests the decisions about domains. */
#include "config.h"

#include "shared-cache/cache/cache.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "tests/fake/fake_netloop.h"
#include "tests/fake/fake_store.h"
#include "tests/unit/cache/cache_world.h"

enum { TOGETHER = 8, ROUNDS = 100, DOMAINS = 20 };

static void
test_network_then_memory(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_NONE);
	struct sts_cache_state figures;
	struct sts_lookup *lookup;

	(void)state;
	find(cache, D, "1", STS_SOURCE_NETWORK);
	lookup = look_up(cache, D);
	/* an answer without waiting */
	assert_non_null(wait_for(lookup, -1000).entry);
	expect(lookup, "1", STS_SOURCE_MEMORY);
	sts_lookup_release(&lookup);
	UNTIL(state_of(cache).resolver.fetches == 1);
	figures = state_of(cache);
	assert_int_equal(figures.memory.entries, 1);
	assert_int_equal(figures.memory.hits, 1);
	assert_int_equal(figures.memory.misses, 1);
	assert_int_equal(figures.resolver.overloads, 0);
	sts_cache_stop(&cache);
	assert_null(cache);
	assert_int_equal(fake_netloop_world()->txt_asked, 1);
	assert_int_equal(fake_store_calls(), 0);
}

static void
test_pending(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_NONE);
	struct sts_lookup *lookup;
	int64_t began_ms = sts_clock_mono_ms();

	(void)state;
	fake_netloop_hold(true);
	lookup = look_up(cache, D);
	expect_nothing(lookup, -1, STS_REASON_PENDING);
	expect_nothing(lookup, 20, STS_REASON_PENDING);
	assert_true(sts_clock_mono_ms() - began_ms >= 20);
	fake_netloop_hold(false);
	/* a caller that got no answer in time may ask the same lookup again */
	expect(lookup, "1", STS_SOURCE_NETWORK);
	sts_lookup_release(&lookup);
	sts_cache_stop(&cache);
}

static void
test_released_early_the_flight_goes_on(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_NONE);
	struct sts_lookup *lookup;

	(void)state;
	fake_netloop_hold(true);
	lookup = look_up(cache, D);
	sts_lookup_release(&lookup);
	fake_netloop_hold(false);
	UNTIL(state_of(cache).memory.entries == 1);
	find(cache, D, "1", STS_SOURCE_MEMORY);
	sts_lookup_release(&lookup);
	sts_cache_stop(&cache);
}

static void
test_too_long_a_name(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_NONE);
	struct sts_lookup *lookup;
	char name[STS_DOMAIN_CAP + 1];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(sts_cache_lookup(cache, name, NULL, &lookup), STS_EINVAL);
	assert_null(lookup);
	sts_cache_stop(&cache);
}

static void
test_a_hit_that_is_due_refreshes(void **state)
{
	struct sts_cache_params params = params_with(STS_ENDPOINT_NONE);
	struct sts_cache *cache;

	(void)state;
	params.refresh_s = 0;
	cache = start(&params);
	find(cache, D, "1", STS_SOURCE_NETWORK);
	find(cache, D, "1", STS_SOURCE_MEMORY);
	UNTIL(state_of(cache).resolver.fetches == 2);
	sts_cache_stop(&cache);
	assert_int_equal(fake_netloop_world()->txt_asked, 2);
}

static void
test_mailbox_is_bounded(void **state)
{
	struct sts_cache_params params = params_with(STS_ENDPOINT_NONE);
	struct sts_lookup *lookups[200];
	unsigned refused = 0;
	struct sts_cache *cache;
	char domain[32];

	(void)state;
	params.fetch_concurrency = 2;
	params.dns_concurrency = 2;
	fake_netloop_freeze(true);
	cache = start(&params);
	for (int i = 0; i < 200; i++) {
		snprintf(domain, sizeof(domain), "n%d.example", i);
		lookups[i] = look_up(cache, domain);
		refused += wait_for(lookups[i], -1).reason == STS_REASON_OVERLOAD;
	}
	/* the thread may have taken some before it hung */
	assert_true(refused >= 200 - 2 * 64 && refused <= 200 - 64);
	fake_netloop_freeze(false);
	UNTIL(state_of(cache).resolver.overloads + state_of(cache).rejected >= refused);
	for (int i = 0; i < 200; i++) {
		struct sts_answer answer = wait_for(lookups[i], PATIENCE_MS);

		assert_true(answer.entry != NULL || answer.reason == STS_REASON_OVERLOAD);
		sts_lookup_release(&lookups[i]);
	}
	sts_cache_stop(&cache);
}

/* ---- many threads ---- */

struct mailer {
	pthread_t thread;
	struct sts_cache *cache;
	unsigned good;
};

static void *
send_mail(void *arg)
{
	struct mailer *m = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct sts_answer answer;
		struct sts_lookup *lookup;
		char domain[32];

		snprintf(domain, sizeof(domain), "n%d.example", i % DOMAINS);
		if (sts_cache_lookup(m->cache, domain, NULL, &lookup) != STS_OK)
			continue;
		/* every third does not want the answer */
		if (i % 3 != 0) {
			sts_lookup_wait(lookup, sts_clock_mono_ms() + PATIENCE_MS, &answer);
			m->good += answer.entry != NULL && strcmp(answer.entry->domain, domain) == 0;
		} else {
			m->good++;
		}
		sts_lookup_release(&lookup);
	}
	return NULL;
}

static void
test_many_threads(void **state)
{
	static const enum sts_endpoint_kind stores[] = { STS_ENDPOINT_NONE, STS_ENDPOINT_TCP };

	for (size_t s = 0; s < 2; s++) {
		struct mailer mailers[TOGETHER] = { 0 };
		struct sts_cache *cache;

		world_open(state);
		cache = start_with(stores[s]);
		for (int i = 0; i < TOGETHER; i++) {
			mailers[i].cache = cache;
			assert_int_equal(pthread_create(&mailers[i].thread, NULL, send_mail, &mailers[i]), 0);
		}
		for (int i = 0; i < TOGETHER; i++) {
			pthread_join(mailers[i].thread, NULL);
			assert_int_equal(mailers[i].good, ROUNDS);
		}
		sts_cache_stop(&cache);
		/* one flight a domain, whoever asks */
		assert_int_equal(fake_netloop_world()->txt_asked, DOMAINS);
		assert_int_equal(fake_netloop_world()->fetch_asked, DOMAINS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_network_then_memory),
		TEST(test_pending),
		TEST(test_released_early_the_flight_goes_on),
		TEST(test_too_long_a_name),
		TEST(test_a_hit_that_is_due_refreshes),
		TEST(test_mailbox_is_bounded),
		TEST(test_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

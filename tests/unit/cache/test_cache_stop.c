/* SPDX-License-Identifier: ISC */
/* test_cache_stop.c - stopping the cache: while others use it, before it was started, or half started. */
#include "config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fake/fake_netloop.h"
#include "tests/fake/fake_store.h"
#include "tests/unit/cache/cache_world.h"

static void
test_stopped_under_way(void **state)
{
	struct sts_lookup *lookup;
	struct sts_cache *cache;
	char domain[32];

	(void)state;
	fake_netloop_world()->mute_web = true;
	cache = start_with(STS_ENDPOINT_TCP);
	for (int i = 0; i < 30; i++) {
		snprintf(domain, sizeof(domain), "n%d.example", i);
		lookup = look_up(cache, domain);
		sts_lookup_release(&lookup);
	}
	/* without waiters, they leave half of the slots free */
	UNTIL(fake_store_locks() == 4);
	sts_cache_stop(&cache);
	/* other nodes need not wait for our locks to expire */
	assert_int_equal(fake_store_locks(), 0);
}

static void *
stop(void *arg)
{
	sts_cache_stop(arg);
	return NULL;
}

/* The store replies when the resolver's thread no longer listens. */
static void
test_stopped_before_the_store_answers(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_TCP);
	struct sts_lookup *lookup;
	pthread_t stopper;

	(void)state;
	fake_netloop_hold(true);
	fake_store_hang(true);
	lookup = look_up(cache, D);
	UNTIL(fake_store_calls() == 1);
	fake_netloop_freeze(true);
	fake_store_hang(false);
	UNTIL(fake_netloop_wakeups() >= 2);
	assert_int_equal(pthread_create(&stopper, NULL, stop, &cache), 0);
	UNTIL(fake_netloop_wakeups() >= 3);
	fake_netloop_freeze(false);
	pthread_join(stopper, NULL);
	expect_nothing(lookup, -1, STS_REASON_PENDING);
	sts_lookup_release(&lookup);
}

static void
test_never_started(void **state)
{
	struct sts_cache_params params = params_with(STS_ENDPOINT_TCP);
	struct sts_cache *cache;

	(void)state;
	assert_int_equal(sts_cache_new(&params, &cache), STS_OK);
	sts_cache_stop(&cache);
	sts_cache_stop(&cache);
}

static void
test_half_way(void **state)
{
	struct sts_cache_params params = params_with(STS_ENDPOINT_TCP);
	struct sts_cache *cache;

	(void)state;
	for (int threads = 0; threads < 2; threads++) {
		threads_until_failure = threads;
		assert_int_equal(sts_cache_new(&params, &cache), STS_OK);
		assert_int_equal(sts_cache_start(cache), STS_ESYS);
		sts_cache_stop(&cache);
	}
	fake_store_fail();
	assert_int_equal(sts_cache_new(&params, &cache), STS_ENOMEM);
	assert_null(cache);
	fake_netloop_fail();
	assert_int_equal(sts_cache_new(&params, &cache), STS_ENOMEM);
	assert_null(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stopped_under_way),
		TEST(test_stopped_before_the_store_answers),
		TEST(test_never_started),
		TEST(test_half_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

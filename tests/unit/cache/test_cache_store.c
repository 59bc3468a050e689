/* SPDX-License-Identifier: ISC */
/* test_cache_store.c - the cache and its store: a working one, one that is away or hangs, notices from other nodes. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "tests/fake/fake_netloop.h"
#include "tests/fake/fake_store.h"
#include "tests/unit/cache/cache_world.h"

static struct sts_entry *
entry_of(const char *domain, const char *id, int64_t age_s)
{
	int64_t then = sts_clock_now() - age_s;
	struct sts_entry_spec spec = { .domain = domain, .state = STS_STATE_POLICY, .id = id, .fetched = then,
		.checked = then, .expires = then + 86400 };
	struct sts_entry *entry;
	char text[FAKE_TEXT_CAP];

	fake_policy_text("testing", 86400, text);
	spec.text = text;
	spec.text_len = strlen(text);
	assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
	return entry;
}

static void
test_store(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_TCP);

	(void)state;
	fake_store_set(entry_of("kept.example", "7", 10));
	find(cache, "kept.example", "7", STS_SOURCE_STORE);
	find(cache, "kept.example", "7", STS_SOURCE_MEMORY);
	find(cache, D, "1", STS_SOURCE_NETWORK);
	UNTIL(fake_store_has(D) && fake_store_locks() == 0);
	UNTIL(state_of(cache).resolver.store_hits == 1 && state_of(cache).resolver.fetches == 1);
	fake_store_down(true);
	find(cache, "other.example", "1", STS_SOURCE_NETWORK);
	sts_cache_stop(&cache);
	assert_int_equal(fake_netloop_world()->txt_asked, 2);
}

/* A store that hangs delays new domains, but not those in memory, and not the resolver's thread. */
static void
test_store_hangs(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_TCP);
	struct sts_lookup *lookup;
	unsigned calls;

	(void)state;
	find(cache, D, "1", STS_SOURCE_NETWORK);
	UNTIL(fake_store_locks() == 0);
	calls = fake_store_calls();
	fake_store_hang(true);
	lookup = look_up(cache, "new.example");
	UNTIL(fake_store_calls() > calls);
	find(cache, D, "1", STS_SOURCE_MEMORY);
	expect_nothing(lookup, 0, STS_REASON_PENDING);
	fake_store_hang(false);
	expect(lookup, "1", STS_SOURCE_NETWORK);
	sts_lookup_release(&lookup);
	sts_cache_stop(&cache);
}

/* Notices from other nodes reach memory. */
static void
test_invalidation(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_TCP);

	(void)state;
	find(cache, D, "1", STS_SOURCE_NETWORK);
	UNTIL(fake_store_has(D) && fake_store_locks() == 0);
	fake_store_set(entry_of(D, "2", 10));
	fake_store_invalidate("other.example");
	find(cache, D, "1", STS_SOURCE_MEMORY);
	fake_store_invalidate(D);
	find(cache, D, "2", STS_SOURCE_STORE);
	find(cache, D, "2", STS_SOURCE_MEMORY);
	fake_store_set(entry_of(D, "3", 10));
	fake_store_invalidate(NULL);
	find(cache, D, "3", STS_SOURCE_STORE);
	/* purged: looked up anew */
	fake_store_forget(D);
	fake_store_invalidate(D);
	find(cache, D, "1", STS_SOURCE_NETWORK);
	assert_false(fake_store_published(D));
	sts_cache_stop(&cache);
}

/* Histories are read on request, and forgotten with the policy. */
static void
test_histories(void **state)
{
	struct sts_cache_params params = params_with(STS_ENDPOINT_TCP);
	struct sts_history_days found;
	struct sts_cache *cache;

	(void)state;
	assert_int_equal(sts_histories_new(10, sts_clock_mono_ms, &params.histories), STS_OK);
	cache = start(&params);
	sts_histories_want(params.histories, D);
	sts_histories_wait(params.histories, D, sts_clock_mono_ms() + PATIENCE_MS);
	assert_true(sts_histories_get(params.histories, D, &found));
	assert_true(found.last > 0);
	fake_store_invalidate("other.example");
	assert_int_equal(sts_histories_count(params.histories), 1);
	fake_store_invalidate(D);
	assert_int_equal(sts_histories_count(params.histories), 0);
	/* The store is away: nobody waits, nothing is known. */
	fake_store_down(true);
	sts_histories_want(params.histories, D);
	sts_histories_wait(params.histories, D, sts_clock_mono_ms() + PATIENCE_MS);
	assert_true(sts_histories_get(params.histories, D, &found));
	assert_int_equal(found.last, 0);
	fake_store_invalidate(NULL);
	assert_int_equal(sts_histories_count(params.histories), 0);
	/* A history that is requested while everything stops. */
	fake_store_hang(true);
	sts_histories_want(params.histories, D);
	fake_store_hang(false);
	sts_cache_stop(&cache);
	sts_histories_wait(params.histories, D, sts_clock_mono_ms() + PATIENCE_MS);
	sts_histories_want(params.histories, "later.example");
	assert_int_equal(sts_histories_count(params.histories), 1);
	sts_histories_free(&params.histories);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_store),
		TEST(test_store_hangs),
		TEST(test_invalidation),
		TEST(test_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

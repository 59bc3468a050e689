/* SPDX-License-Identifier: ISC */
/*
 * test_cache.c - the front door with its threads; network, store and the starting of threads replaced at link time.
 * What is decided about domains is in test_resolver.c; here it is who waits for whom.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/cache/cache.h"
#include "shared-cache/runtime/thread.h"
#include "tests/fake/fake_netloop.h"
#include "tests/fake/fake_store.h"

enum { PATIENCE_MS = 20000, TOGETHER = 8, ROUNDS = 100, DOMAINS = 20 };

#define D "d.example"

/* ---- threads that do not start ---- */

static int threads_until_failure = -1;

enum sts_status
sts_thread_start(const char *name, void *(*fn)(void *arg), void *arg, pthread_t *out)
{
	(void)name;
	if (threads_until_failure == 0)
		return STS_ESYS;
	if (threads_until_failure > 0)
		threads_until_failure--;
	return pthread_create(out, NULL, fn, arg) == 0 ? STS_OK : STS_ESYS;
}

/* ---- a cache in a world where every domain has a policy ---- */

static int
reset(void **state)
{
	(void)state;
	threads_until_failure = -1;
	fake_netloop_reset();
	fake_store_reset();
	fake_net_set_records(fake_netloop_world(), "v=STSv1; id=1;");
	fake_net_set_policy(fake_netloop_world(), "enforce", 604800);
	return 0;
}

static int
check_all_is_given_back(void **state)
{
	(void)state;
	fake_store_reset();
	return fake_store_open() == 0 && fake_netloop_world()->under_way == 0 ? 0 : -1;
}

static struct sts_cache_params
params_with(enum sts_endpoint_kind store)
{
	return (struct sts_cache_params){
		.net = { .dns_servers = "", .ca_file = "", .dns_timeout_ms = 5000, .fetch_timeout_ms = 10000 },
		.store = { .endpoint = { .kind = store }, .timeout_ms = 250 },
		.entries = 1000,
		.dns_concurrency = 8,
		.dns_rate = 10000,
		.fetch_concurrency = 8,
		.fetch_rate = 10000,
		.fetch_per_host = 8,
		.negative_ttl_min_s = 300,
		.negative_ttl_max_s = 3600,
		.failure_ttl_s = 300,
		.refresh_s = 86400,
		.recheck_s = 3600,
	};
}

static struct sts_cache *
start(const struct sts_cache_params *params)
{
	struct sts_cache *cache;

	assert_int_equal(sts_cache_new(params, &cache), STS_OK);
	assert_int_equal(sts_cache_start(cache), STS_OK);
	return cache;
}

static struct sts_cache *
start_with(enum sts_endpoint_kind store)
{
	struct sts_cache_params params = params_with(store);

	return start(&params);
}

static struct sts_lookup *
look_up(struct sts_cache *cache, const char *domain)
{
	struct sts_lookup *lookup;

	assert_int_equal(sts_cache_lookup(cache, domain, NULL, &lookup), STS_OK);
	assert_non_null(lookup);
	return lookup;
}

/* deadline: from now. */
static struct sts_answer
wait_for(struct sts_lookup *lookup, int64_t ms)
{
	struct sts_answer answer;

	sts_lookup_wait(lookup, sts_clock_mono_ms() + ms, &answer);
	return answer;
}

static void
expect(struct sts_lookup *lookup, const char *id, enum sts_source source)
{
	struct sts_answer answer = wait_for(lookup, PATIENCE_MS);

	assert_non_null(answer.entry);
	assert_string_equal(answer.entry->id, id);
	assert_string_equal(sts_source_name(answer.source), sts_source_name(source));
	assert_int_equal(answer.reason, STS_REASON_NONE);
}

static void
expect_nothing(struct sts_lookup *lookup, int64_t ms, enum sts_reason reason)
{
	struct sts_answer answer = wait_for(lookup, ms);

	assert_null(answer.entry);
	assert_string_equal(sts_reason_name(answer.reason), sts_reason_name(reason));
	assert_int_equal(answer.source, STS_SOURCE_NOWHERE);
}

static void
find(struct sts_cache *cache, const char *domain, const char *id, enum sts_source source)
{
	struct sts_lookup *lookup = look_up(cache, domain);

	expect(lookup, id, source);
	sts_lookup_release(&lookup);
	assert_null(lookup);
}

static struct sts_cache_state
state_of(struct sts_cache *cache)
{
	struct sts_cache_state state;

	sts_cache_state(cache, &state);
	return state;
}

/* Polls; the threads are at work. */
#define UNTIL(condition) do {                                                     \
		int64_t give_up_ms = sts_clock_mono_ms() + PATIENCE_MS;           \
		while (!(condition)) {                                            \
			if (sts_clock_mono_ms() > give_up_ms)                     \
				fail_msg("never: %s", #condition);                \
			sched_yield();                                            \
		}                                                                 \
	} while (0)

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

/* ---- tests ---- */

static void
test_network_then_memory(void **state)
{
	struct sts_cache *cache = start_with(STS_ENDPOINT_NONE);
	struct sts_cache_state figures;
	struct sts_lookup *lookup;

	(void)state;
	find(cache, D, "1", STS_SOURCE_NETWORK);
	lookup = look_up(cache, D);
	/* there without waiting */
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
	/* who did not get it in time may ask the same lookup again */
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
	/* nobody waits for them: they leave half of the places free */
	UNTIL(fake_store_locks() == 4);
	sts_cache_stop(&cache);
	/* nobody else has to wait for our locks to pass */
	assert_int_equal(fake_store_locks(), 0);
}

static void *
stop(void *arg)
{
	sts_cache_stop(arg);
	return NULL;
}

/* The store's answer comes when the resolver's thread no longer listens. */
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

/* A store that hangs holds up new domains, not those in memory, and not the resolver's thread. */
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

/* What other nodes say reaches memory. */
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
	/* purged: asked anew */
	fake_store_forget(D);
	fake_store_invalidate(D);
	find(cache, D, "1", STS_SOURCE_NETWORK);
	assert_false(fake_store_published(D));
	sts_cache_stop(&cache);
}

/* Histories are read for who wants one, and forgotten with the policy. */
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
	/* One that is asked for while all ends. */
	fake_store_hang(true);
	sts_histories_want(params.histories, D);
	fake_store_hang(false);
	sts_cache_stop(&cache);
	sts_histories_wait(params.histories, D, sts_clock_mono_ms() + PATIENCE_MS);
	sts_histories_want(params.histories, "later.example");
	assert_int_equal(sts_histories_count(params.histories), 1);
	sts_histories_free(&params.histories);
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
	/* the thread may have taken some before it got stuck, once */
	assert_true(refused >= 200 - 2 * 64 && refused <= 200 - 64);
	fake_netloop_freeze(false);
	UNTIL(state_of(cache).resolver.overloads + state_of(cache).turned_away >= refused);
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
		/* every third does not care for the answer */
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

		reset(state);
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
		/* one flight a domain, whoever asked */
		assert_int_equal(fake_netloop_world()->txt_asked, DOMAINS);
		assert_int_equal(fake_netloop_world()->fetch_asked, DOMAINS);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, check_all_is_given_back)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_network_then_memory),
		TEST(test_pending),
		TEST(test_released_early_the_flight_goes_on),
		TEST(test_stopped_under_way),
		TEST(test_stopped_before_the_store_answers),
		TEST(test_never_started),
		TEST(test_half_way),
		TEST(test_too_long_a_name),
		TEST(test_store),
		TEST(test_store_hangs),
		TEST(test_invalidation),
		TEST(test_histories),
		TEST(test_a_hit_that_is_due_refreshes),
		TEST(test_mailbox_is_bounded),
		TEST(test_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

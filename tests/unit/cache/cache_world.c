/* SPDX-License-Identifier: ISC */
/* cache_world.c - see cache_world.h. */
#include "config.h"

#include "tests/unit/cache/cache_world.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/runtime/thread.h"
#include "tests/fake/fake_netloop.h"
#include "tests/fake/fake_store.h"

/* ---- threads that do not start ---- */

int threads_until_failure = -1;

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

int
world_open(void **state)
{
	(void)state;
	threads_until_failure = -1;
	fake_netloop_reset();
	fake_store_reset();
	fake_net_set_records(fake_netloop_world(), "v=STSv1; id=1;");
	fake_net_set_policy(fake_netloop_world(), "enforce", 604800);
	return 0;
}

int
world_close(void **state)
{
	(void)state;
	fake_store_reset();
	return fake_store_open() == 0 && fake_netloop_world()->under_way == 0 ? 0 : -1;
}

struct sts_cache_params
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

struct sts_cache *
start(const struct sts_cache_params *params)
{
	struct sts_cache *cache;

	assert_int_equal(sts_cache_new(params, &cache), STS_OK);
	assert_int_equal(sts_cache_start(cache), STS_OK);
	return cache;
}

struct sts_cache *
start_with(enum sts_endpoint_kind store)
{
	struct sts_cache_params params = params_with(store);

	return start(&params);
}

/* ---- look-ups ---- */

struct sts_lookup *
look_up(struct sts_cache *cache, const char *domain)
{
	struct sts_lookup *lookup;

	assert_int_equal(sts_cache_lookup(cache, domain, NULL, &lookup), STS_OK);
	assert_non_null(lookup);
	return lookup;
}

struct sts_answer
wait_for(struct sts_lookup *lookup, int64_t ms)
{
	struct sts_answer answer;

	sts_lookup_wait(lookup, sts_clock_mono_ms() + ms, &answer);
	return answer;
}

void
expect(struct sts_lookup *lookup, const char *id, enum sts_source source)
{
	struct sts_answer answer = wait_for(lookup, PATIENCE_MS);

	assert_non_null(answer.entry);
	assert_string_equal(answer.entry->id, id);
	assert_string_equal(sts_source_name(answer.source), sts_source_name(source));
	assert_int_equal(answer.reason, STS_REASON_NONE);
}

void
expect_nothing(struct sts_lookup *lookup, int64_t ms, enum sts_reason reason)
{
	struct sts_answer answer = wait_for(lookup, ms);

	assert_null(answer.entry);
	assert_string_equal(sts_reason_name(answer.reason), sts_reason_name(reason));
	assert_int_equal(answer.source, STS_SOURCE_NOWHERE);
}

void
find(struct sts_cache *cache, const char *domain, const char *id, enum sts_source source)
{
	struct sts_lookup *lookup = look_up(cache, domain);

	expect(lookup, id, source);
	sts_lookup_release(&lookup);
	assert_null(lookup);
}

struct sts_cache_state
state_of(struct sts_cache *cache)
{
	struct sts_cache_state state;

	sts_cache_state(cache, &state);
	return state;
}

/* SPDX-License-Identifier: ISC */
/*
 * cache_world.h - a cache with its threads, in a world where every domain has a policy with the id 1. Network, store
 * (fake_netloop.h, fake_store.h) and the start of threads are replaced at link time.
 *
 * One world a process.
 */
#ifndef CACHE_WORLD_H
#define CACHE_WORLD_H

#include <sched.h>
#include <stdint.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/cache/cache.h"

enum { PATIENCE_MS = 20000 };

#define D "d.example"

/* The number of threads that start before one fails; negative: none fails. */
extern int threads_until_failure;

/* cmocka's setup and teardown; the latter checks that everything was released. */
int world_open(void **state);
int world_close(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)

/* A cache with or without a store; started, and to be stopped by the test. */
struct sts_cache_params params_with(enum sts_endpoint_kind store);
struct sts_cache *start(const struct sts_cache_params *params);
struct sts_cache *start_with(enum sts_endpoint_kind store);
struct sts_cache_state state_of(struct sts_cache *cache);

/* The test releases it. */
struct sts_lookup *look_up(struct sts_cache *cache, const char *domain);
/* ms: from now. */
struct sts_answer wait_for(struct sts_lookup *lookup, int64_t ms);
/* Expects the policy with that id from that source; or nothing within so many milliseconds, for that reason. */
void expect(struct sts_lookup *lookup, const char *id, enum sts_source source);
void expect_nothing(struct sts_lookup *lookup, int64_t ms, enum sts_reason reason);
/* A complete look-up. */
void find(struct sts_cache *cache, const char *domain, const char *id, enum sts_source source);

/* Polls, while the threads work. Needs cmocka.h. */
#define UNTIL(condition) do {                                                     \
		int64_t give_up_ms = sts_clock_mono_ms() + PATIENCE_MS;           \
		while (!(condition)) {                                            \
			if (sts_clock_mono_ms() > give_up_ms)                     \
				fail_msg("never: %s", #condition);                \
			sched_yield();                                            \
		}                                                                 \
	} while (0)

#endif

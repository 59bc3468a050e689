/* SPDX-License-Identifier: ISC */
/* fixture.h - what the store tests share: a server, a store, an entry. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <time.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/store/store.h"

#include "redis_server.h"

enum { NOW = 1754740800, DAYS = 90, DAY_S = 86400 };	/* 2025-08-09 12:00:00 UTC */

/* Polls for a minute at most, for the work of threads and servers. Needs cmocka.h. */
#define UNTIL(condition) do {                                                     \
		const struct timespec pause = { .tv_nsec = 1000000 };             \
		int64_t give_up_ms = sts_clock_mono_ms() + 60000;                 \
		while (!(condition)) {                                            \
			if (sts_clock_mono_ms() > give_up_ms)                     \
				fail_msg("never: %s", #condition);                \
			nanosleep(&pause, NULL);                                  \
		}                                                                 \
	} while (0)

extern struct redis_server *fixture_server;

struct sts_store_params fixture_params(struct redis_server *server);
struct sts_store *fixture_open(const struct sts_store_params *params);
/* An entry for a.example. */
struct sts_entry *fixture_entry(enum sts_entry_state what, int64_t fetched, int64_t checked);

/* Empties the server, and opens a store on it in *state, which must log no outage until the teardown. */
int fixture_setup(void **state);
int fixture_teardown(void **state);
#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* The groups of tests; each returns how many failed. */
int policies(void);
int counters(void);
int evidence(void);
int histories(void);
int fleet(void);
int connecting(void);
int broken_servers(void);
int sentinel(void);
int cluster(void);
int over_tls(void);
int trouble(void);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * test_metrics_response.c - requests and their responses, with states of cache and writer that the test makes up (linked in place
 * of the real ones).
 */
#include "config.h"

#include "milter/monitor/metrics_response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"

static struct {
	struct service service;
	struct sts_cache_state cache;
	struct sts_writer_state writer;
} w;

void
sts_cache_state(struct sts_cache *cache, struct sts_cache_state *out)
{
	(void)cache;
	*out = w.cache;
}

void
sts_writer_state(struct sts_writer *writer, struct sts_writer_state *out)
{
	(void)writer;
	*out = w.writer;
}

static int
setup(void **state)
{
	struct sts_conf *conf;

	(void)state;
	memset(&w, 0, sizeof(w));
	w.cache.turn_ms = w.writer.turn_ms = sts_clock_mono_ms();
	if (sts_conf_load(NULL, NULL, 0, stderr, &conf) != STS_OK)
		return -1;
	service_init(&w.service, conf);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	service_fini(&w.service);
	return 0;
}

static void
test_requests(void **state)
{
	static const struct {
		const char *method, *path;
		unsigned status;
		const char *begins;
	} rows[] = {
		{ "GET", "/metrics", 200, "# HELP mta_sts_milter_" }, { "HEAD", "/metrics", 200, "# HELP mta_sts_milter_" },
		{ "GET", "/healthz", 200, "ok\n" }, { "HEAD", "/healthz", 200, "ok\n" },
		{ "POST", "/metrics", 405, "only GET and HEAD\n" }, { "get", "/healthz", 405, "only GET and HEAD\n" },
		{ "DELETE", "/", 405, "only GET and HEAD\n" }, { "GET", "/", 404, "there are " },
		{ "GET", "", 404, "there are " },
		{ "GET", "/metrics/", 404, "there are " }, { "GET", "/metrics\"\n", 404, "there are " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct metrics_response answer;

		metrics_response(&w.service, rows[i].method, rows[i].path, &answer);
		if (answer.status != rows[i].status || strncmp(answer.body, rows[i].begins, strlen(rows[i].begins)) != 0)
			fail_msg("%s %s: %u %s", rows[i].method, rows[i].path, answer.status, answer.body);
		assert_int_equal(answer.len, strlen(answer.body));
		assert_int_equal(strstr(answer.type, "version=0.0.4") != NULL,
		    rows[i].status == 200 && strcmp(rows[i].path, "/metrics") == 0);
		free(answer.body);
	}
}

static void
test_unhealthy(void **state)
{
	struct metrics_response answer;

	(void)state;
	atomic_store(&w.service.stopping, true);
	w.writer.folding = true;
	metrics_response(&w.service, "GET", "/healthz", &answer);
	assert_int_equal(answer.status, 503);
	assert_non_null(strstr(answer.body, "stopping: "));
	assert_non_null(strstr(answer.body, "\ncounters: "));
	free(answer.body);
	metrics_response(&w.service, "GET", "/metrics", &answer);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\nmta_sts_milter_unhealthy{reason=\"stopping\"} 1\n"));
	assert_non_null(strstr(answer.body, "\nmta_sts_milter_unhealthy{reason=\"writer\"} 0\n"));
	free(answer.body);
}

/* Each value of the states is served under its name. */
static void
test_states(void **state)
{
	static const char *const lines[] = {
		"cache_entries 1\n", "cache_bytes 2\n", "cache_hits_total 3\n", "cache_misses_total 4\n",
		"cache_evicted_total 5\n", "fetch_process_up 1\n", "fetch_process_deaths_total 0\n",
		"policy_lookups_in_flight 6\n", "policy_lookups_refused_total 15\n", "store_up{connection=\"policies\"} 1\n",
		"dns_lookups_total{outcome=\"ok\"} 9\n", "dns_lookups_total{outcome=\"dns-timeout\"} 10\n",
		"policy_fetches_total{outcome=\"fetch-tls\"} 11\n", "policy_fetches_total{outcome=\"other\"} 12\n",
		"policy_lookup_seconds_sum{source=\"store\"} 0.013\n", "policy_lookup_seconds_sum{source=\"network\"} 0.014\n",
		"store_up{connection=\"counters\"} 0\n", "counters_pending_rows 16\n", "counters_room 24\n", "counters_pending_messages 17\n",
		"counters_folded_messages_total 18\n", "counters_held_messages 19\n", "evidence_dropped_total 20\n",
		"counters_lost_messages_total 21\n", "batches_written_total 22\n", "batches_retried_total 23\n",
		"spool_bytes 25\n", "spool_messages_total 26\n", "spool_late_messages_total 27\n", "spool_missed_messages_total 28\n",
		"build_info{version=\"" PACKAGE_VERSION "\"} 1\n", "config_last_reload_refused 1\n",
	};
	struct metrics_response answer;

	(void)state;
	w.cache.memory = (struct sts_l1_state){ 1, 2, 3, 4, 5 };
	w.cache.resolver = (struct sts_resolver_state){ .flights = 6, .overloads = 7, .store_ms = { .sum_ms = 13 },
		.network_ms = { .sum_ms = 14 } };
	w.cache.resolver.lookup_results[STS_REASON_NONE] = 9;
	w.cache.resolver.lookup_results[STS_REASON_DNS_TIMEOUT] = 10;
	w.cache.resolver.fetch_results[STS_REASON_FETCH_TLS] = 11;
	w.cache.resolver.fetch_results[STS_REASON_PENDING] = 12;
	w.cache.rejected = 8;
	w.cache.store_up = true;
	w.writer = (struct sts_writer_state){ .pending_rows = 16, .pending_messages = 17, .folded_messages = 18,
		.held_strangers = 19, .dropped_stream = 20, .uncounted = 21, .batches = 22, .retried = 23, .room = 24, .spool_bytes = 25, .spool_messages = 26,
		.spool_late = 27, .spool_missed = 28 };
	atomic_store(&w.service.reload_refused, true);
	metrics_response(&w.service, "GET", "/metrics", &answer);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char line[160];

		snprintf(line, sizeof(line), "\nmta_sts_milter_%s", lines[i]);
		if (strstr(answer.body, line) == NULL)
			fail_msg("no line %s", lines[i]);
	}
	free(answer.body);
}

/* What the kernel tells about this process. */
static void
test_process(void **state)
{
	static const char *const names[] = { "process_start_time_seconds", "process_resident_memory_bytes", "process_open_fds",
		"process_max_fds", "process_threads" };
	struct metrics_response answer;

	(void)state;
	metrics_response(&w.service, "GET", "/metrics", &answer);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char line[160];
		const char *found;

		snprintf(line, sizeof(line), "\nmta_sts_milter_%s ", names[i]);
		found = strstr(answer.body, line);
		assert_non_null(found);
		if (strtod(found + strlen(line), NULL) < 1)
			fail_msg("%s is nothing", names[i]);
	}
	free(answer.body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unhealthy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_process, setup, teardown),
	};

	return cmocka_run_group_tests_name("metrics_response", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* metrics_collect.c - turns the states of all parts into metrics, and into the facts for health.h. */
#include "config.h"

#include "milter/monitor/metrics_collect.h"

#include "milter/monitor/process_stats.h"
#include "milter/record/metrics_table.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/cache/cache.h"
#include "shared-cache/fetcher/fetcher.h"
#include "shared-cache/writer/writer.h"

static void
put_resolver(struct metrics_snapshot *out, const struct sts_resolver_state *state)
{
	metrics_put(out, METRICS_FLIGHTS, 0, state->flights);
	metrics_put(out, METRICS_WAITING_LOOKUPS, METRICS_QUEUE_DNS, state->dns_waiting);
	metrics_put(out, METRICS_WAITING_LOOKUPS, METRICS_QUEUE_HTTPS, state->fetch_waiting);
	metrics_put(out, METRICS_REFUSED_LOOKUPS, 0, state->overloads);
	for (unsigned i = 0; i < STS_REASON_COUNT; i++) {
		metrics_put(out, METRICS_DNS, metrics_dns_outcome((enum sts_reason)i), state->lookup_results[i]);
		metrics_put(out, METRICS_FETCHES, metrics_fetch_outcome((enum sts_reason)i), state->fetch_results[i]);
	}
	metrics_put_histogram(out, METRICS_LOOKUP_TIME, METRICS_TIME_STORE, &state->store_ms);
	metrics_put_histogram(out, METRICS_LOOKUP_TIME, METRICS_TIME_NETWORK, &state->network_ms);
}

static void
collect_cache(struct sts_cache *cache, struct metrics_snapshot *out, struct health_facts *health)
{
	struct sts_cache_state state;

	sts_cache_state(cache, &state);
	metrics_put(out, METRICS_CACHE_ENTRIES, 0, state.memory.entries);
	metrics_put(out, METRICS_CACHE_BYTES, 0, state.memory.bytes);
	metrics_put(out, METRICS_CACHE_HITS, 0, state.memory.hits);
	metrics_put(out, METRICS_CACHE_MISSES, 0, state.memory.misses);
	metrics_put(out, METRICS_CACHE_EVICTED, 0, state.memory.evicted);
	metrics_put(out, METRICS_REFUSED_LOOKUPS, 0, state.rejected);
	metrics_put(out, METRICS_STORE_UP, METRICS_STORE_POLICIES, state.store_up);
	put_resolver(out, &state.resolver);
	health->resolver_ms = state.turn_ms;
}

/* Without a fetch process, none is missing. */
static void
collect_fetcher(const struct sts_fetcher *fetcher, struct metrics_snapshot *out)
{
	struct sts_fetcher_state state = { .up = true };

	if (fetcher != NULL)
		sts_fetcher_state(fetcher, &state);
	metrics_put(out, METRICS_FETCHER_UP, 0, state.up);
	metrics_put(out, METRICS_FETCHER_DEATHS, 0, state.deaths);
}

static void
collect_writer(struct sts_writer *writer, struct metrics_snapshot *out, struct health_facts *health)
{
	struct sts_writer_state state;

	sts_writer_state(writer, &state);
	metrics_put(out, METRICS_STORE_UP, METRICS_STORE_COUNTERS, state.store_up);
	metrics_put(out, METRICS_PENDING_ROWS, 0, state.pending_rows);
	metrics_put(out, METRICS_ROOM, 0, state.room);
	metrics_put(out, METRICS_PENDING_MESSAGES, 0, state.pending_messages);
	metrics_put(out, METRICS_HELD_MESSAGES, 0, state.held_strangers);
	metrics_put(out, METRICS_FOLDED, 0, state.folded_messages);
	metrics_put(out, METRICS_UNCOUNTED, 0, state.uncounted);
	metrics_put(out, METRICS_BATCHES, 0, state.batches);
	metrics_put(out, METRICS_BATCHES_RETRIED, 0, state.retried);
	metrics_put(out, METRICS_EVIDENCE_DROPPED, 0, state.dropped_stream);
	metrics_put(out, METRICS_SPOOL_BYTES, 0, state.spool_bytes);
	metrics_put(out, METRICS_SPOOL_MESSAGES, 0, state.spool_messages);
	metrics_put(out, METRICS_SPOOL_LATE, 0, state.spool_late);
	metrics_put(out, METRICS_SPOOL_MISSED, 0, state.spool_missed);
	health->writer_ms = state.turn_ms;
	health->folding = state.folding;
}

static void
collect_tripwire(struct service *service, struct metrics_snapshot *out, struct health_facts *health)
{
	struct service_tripwire wire;

	service_tripwire(service, &wire);
	metrics_put(out, METRICS_TRIPPED, 0, wire.tripped_at != 0);
	metrics_put(out, METRICS_TRIPS, 0, wire.trips);
	health->tripped = wire.tripped_at != 0;
}

static void
collect_process(const struct service *service, struct metrics_snapshot *out, struct health_facts *health)
{
	struct process_stats figures;

	process_stats_read(&figures);
	metrics_put(out, METRICS_BUILD, 0, 1);
	metrics_put(out, METRICS_RELOAD_FAILED, 0, atomic_load(&service->reload_refused));
	metrics_put(out, METRICS_LOG_LOST, 0, sts_log_lost());
	metrics_put(out, METRICS_START_TIME, 0, service->started_ms);
	metrics_put(out, METRICS_CPU, 0, figures.cpu_ms);
	metrics_put(out, METRICS_RSS, 0, figures.rss_bytes);
	metrics_put(out, METRICS_OPEN_FILES, 0, figures.open_files);
	metrics_put(out, METRICS_MAX_FILES, 0, figures.max_files);
	metrics_put(out, METRICS_THREADS, 0, figures.threads);
	health->open_files = figures.open_files;
	health->max_files = figures.max_files;
}

void
metrics_collect(struct service *service, struct metrics_snapshot *out, struct health_facts *health)
{
	*health = (struct health_facts){ .stopping = atomic_load(&service->stopping) };
	metrics_read(&service->metrics, out);
	collect_cache(service->cache, out, health);
	collect_fetcher(service->fetcher, out);
	collect_writer(service->writer, out, health);
	collect_tripwire(service, out, health);
	collect_process(service, out, health);
	/* Taken after the threads' times, which could otherwise seem to be in the future. */
	health->now_ms = sts_clock_mono_ms();
	for (unsigned i = 0; i < HEALTH_CONDITIONS; i++)
		metrics_put(out, METRICS_UNHEALTHY, i, health_is_bad(health, i));
}

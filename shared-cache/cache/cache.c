/* SPDX-License-Identifier: ISC */
/*
 * cache.c - the library's front door: reads memory on the caller's thread, and hands everything else to the resolver's thread.
 *
 * Ties the threads together; decides nothing about domains. The mailbox is the only way into the resolver's thread.
 */
#include "config.h"

#include "shared-cache/cache/cache_private.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/hash.h"
#include "shared-cache/base/log.h"
#include "shared-cache/cache/lookup_private.h"
#include "shared-cache/runtime/thread.h"

enum {
	ENTRY_BYTES = 2048,		/* of memory, on average */
	MAILBOX_PER_SLOT = 16,		/* lookups that the resolver has not seen yet, for each concurrent DNS lookup or fetch */
	STORE_CALLS_PER_SLOT = 32,
	/* A flood of invented senders that lasts an hour leaves 190,000 names in the store, some 60 MB. */
	NEGATIVE_PUTS = 50, NEGATIVE_BURST = 10000,
	OVERLOAD_LOG_MS = 60000,
};

/* ---- from a lookup to the resolver ---- */

static struct sts_lookup *
lookup_of_task(struct sts_task *task)
{
	return (struct sts_lookup *)(void *)((char *)task - offsetof(struct sts_lookup, task));
}

/* From here on: the resolver's thread. Drops the reference that went with the lookup. */
static void
on_answer(struct sts_waiter *waiter, struct sts_entry *entry, enum sts_reason reason, enum sts_source source)
{
	struct sts_lookup *l = (struct sts_lookup *)(void *)((char *)waiter - offsetof(struct sts_lookup, waiter));

	sts_lookup_done(l, entry, reason, source);
	sts_lookup_release(&l);
}

/* The caller holds a reference until he gives up. */
static bool
is_wanted(const struct sts_waiter *waiter)
{
	const struct sts_lookup *l = (const struct sts_lookup *)(const void *)((const char *)waiter -
	    offsetof(struct sts_lookup, waiter));

	return atomic_load_explicit(&l->refs, memory_order_relaxed) > 1;
}

static void
ask(struct sts_task *task)
{
	struct sts_lookup *l = lookup_of_task(task);

	l->waiter.answer = on_answer;
	l->waiter.is_wanted = is_wanted;
	sts_resolver_ask(l->cache->resolver, l->domain, &l->waiter);
}

/* The lookup is already answered, and only carries the name. */
static void
refresh(struct sts_task *task)
{
	struct sts_lookup *l = lookup_of_task(task);

	sts_resolver_ask(l->cache->resolver, l->domain, NULL);
	sts_lookup_release(&l);
}

static enum sts_status
post(struct sts_lookup *l, void (*run)(struct sts_task *task))
{
	struct sts_lookup *extra = sts_lookup_ref(l);
	enum sts_status status;

	l->task.run = run;
	status = sts_queue_offer(l->cache->mailbox, &l->task);
	if (status == STS_OK)
		sts_net_loop_wakeup(l->cache->loop);
	else
		sts_lookup_release(&extra);
	return status;
}

static void
reject(struct sts_lookup *l)
{
	struct sts_cache *cache = l->cache;
	unsigned long held = 0;
	bool log;

	sts_lookup_done(l, NULL, STS_REASON_OVERLOAD, STS_SOURCE_NOWHERE);
	pthread_mutex_lock(&cache->mutex);
	cache->rejected++;
	log = sts_log_allowed(&cache->overload_log, sts_clock_mono_ms(), OVERLOAD_LOG_MS, &held);
	pthread_mutex_unlock(&cache->mutex);
	if (log)
		sts_warn("cache overload: the resolver does not keep up unreported=%lu", held);
}

enum sts_status
sts_cache_lookup(struct sts_cache *cache, const char *domain, const struct sts_ipaddr *client, struct sts_lookup **out)
{
	struct sts_entry *entry;
	bool claimed;

	*out = NULL;
	if (strlen(domain) >= STS_DOMAIN_CAP)
		return STS_EINVAL;
	entry = sts_l1_get(cache->l1, domain, sts_clock_now(), &claimed);
	if ((*out = sts_lookup_new(cache, domain, entry)) == NULL) {
		sts_entry_unref(&entry);
		return STS_ENOMEM;
	}
	if (entry == NULL)
		(*out)->waiter.client = sts_client_network(client);
	if (entry == NULL && post(*out, ask) != STS_OK)
		reject(*out);
	if (claimed)
		(void)post(*out, refresh);
	return STS_OK;
}

uint32_t
sts_cache_stamp(const struct sts_cache *cache, uint32_t place)
{
	return sts_l1_stamp(cache->l1, place);
}

/* ---- rechecking a policy's id ---- */

struct recheck {
	struct sts_task task;		/* on its way to the resolver */
	struct sts_cache *cache;
	int64_t max_age_s;
	char domain[STS_DOMAIN_CAP];
};

static void
recheck(struct sts_task *task)
{
	struct recheck *r = (struct recheck *)(void *)((char *)task - offsetof(struct recheck, task));

	sts_resolver_recheck(r->cache->resolver, r->domain, r->max_age_s);
	free(r);
}

/* Without memory, or when the resolver does not keep up, only the ordinary recheck_s applies. */
void
sts_cache_recheck(struct sts_cache *cache, const char *domain, int64_t max_age_s)
{
	struct recheck *r = strlen(domain) < STS_DOMAIN_CAP ? calloc(1, sizeof(*r)) : NULL;

	if (r == NULL)
		return;
	r->task.run = recheck;
	r->cache = cache;
	r->max_age_s = max_age_s;
	memcpy(r->domain, domain, strlen(domain) + 1);
	if (sts_queue_offer(cache->mailbox, &r->task) == STS_OK)
		sts_net_loop_wakeup(cache->loop);
	else
		free(r);
}

/* ---- threads ---- */

static int64_t
time_mono_ms(void *self)
{
	(void)self;
	return sts_clock_mono_ms();
}

static int64_t
time_now(void *self)
{
	(void)self;
	return sts_clock_now();
}

static void
wakeup(void *arg)
{
	sts_net_loop_wakeup(arg);
}

static void
publish_state(struct sts_cache *cache)
{
	pthread_mutex_lock(&cache->mutex);
	sts_resolver_state(cache->resolver, &cache->seen);
	cache->turn_ms = sts_clock_mono_ms();
	pthread_mutex_unlock(&cache->mutex);
}

static void *
thread_main(void *arg)
{
	struct sts_cache *cache = arg;

	while (!atomic_load(&cache->stopping)) {
		int64_t wait_ms;

		sts_queue_run(cache->mailbox);
		wait_ms = sts_resolver_run(cache->resolver);
		publish_state(cache);
		sts_net_loop_run_once(cache->loop, wait_ms);
	}
	return NULL;
}

static size_t
slots(const struct sts_cache_params *params)
{
	return (size_t)(params->dns_concurrency < 1 ? 1 : params->dns_concurrency) +
	    (size_t)(params->fetch_concurrency < 1 ? 1 : params->fetch_concurrency);
}

static struct sts_resolver_params
resolver_params(const struct sts_cache_params *params)
{
	static const char salt[] = "sts_cache";

	return (struct sts_resolver_params){
		.rules = {
			.negative_ttl_min_s = params->negative_ttl_min_s,
			.negative_ttl_max_s = params->negative_ttl_max_s,
			.failure_ttl_s = params->failure_ttl_s,
			.intervals = {
				.refresh_s = params->refresh_s,
				.recheck_s = params->recheck_s,
				/* The table's random seed makes the salt different in each process. */
				.salt = sts_hash_bytes(salt, sizeof(salt)),
			},
		},
		.dns_concurrency = params->dns_concurrency,
		.dns_rate = params->dns_rate,
		.fetch_concurrency = params->fetch_concurrency,
		.fetch_rate = params->fetch_rate,
		.fetch_per_host = params->fetch_per_host,
		.negative_puts = NEGATIVE_PUTS,
		.negative_burst = NEGATIVE_BURST,
		.dns_timeout_ms = params->net.dns_timeout_ms,
		.fetch_timeout_ms = params->net.fetch_timeout_ms,
	};
}

static enum sts_status
new_store(struct sts_cache *cache, const struct sts_cache_params *params)
{
	struct sts_reply_to reply_to = { .queue = cache->mailbox, .wakeup = wakeup, .arg = cache->loop };
	struct sts_subscription_events events = { .invalid = sts_cache_invalid, .all_invalid = sts_cache_all_invalid,
		.told = sts_cache_command, .arg = cache };
	enum sts_status status;

	if (params->store.endpoint.kind == STS_ENDPOINT_NONE)
		return STS_OK;
	status = sts_store_thread_new(&params->store, &reply_to, slots(params) * STORE_CALLS_PER_SLOT, &cache->store);
	if (status == STS_OK && cache->histories != NULL)
		sts_store_thread_serve(cache->store, cache->histories);
	return status == STS_OK ? sts_subscription_new(&params->store, &events, &cache->subscription) : status;
}

static enum sts_status
new_resolver(struct sts_cache *cache, const struct sts_cache_params *params)
{
	struct sts_resolver_params resolver = resolver_params(params);
	struct sts_resolver_env env = {
		.l1 = cache->l1,
		.organisations = cache->organisations,
		.net = sts_net_loop_net(cache->loop),
		.store = cache->store != NULL ? sts_store_thread_store(cache->store) : NULL,
		.time = &cache->time,
	};

	return sts_resolver_new(&resolver, &env, &cache->resolver);
}

enum sts_status
sts_cache_new(const struct sts_cache_params *params, struct sts_cache **out)
{
	struct sts_cache *cache = calloc(1, sizeof(*cache));
	enum sts_status status;

	*out = NULL;
	if (cache == NULL)
		return STS_ENOMEM;
	if (pthread_mutex_init(&cache->mutex, NULL) != 0) {
		free(cache);
		return STS_ENOMEM;
	}
	atomic_init(&cache->stopping, false);
	cache->histories = params->histories;
	cache->on_command = params->on_command;
	cache->command_arg = params->command_arg;
	cache->invalid = params->invalid;
	cache->invalid_arg = params->invalid_arg;
	cache->turn_ms = sts_clock_mono_ms();
	cache->time = (struct sts_resolver_time){ NULL, time_mono_ms, time_now };
	status = sts_organisations_new(&cache->organisations);
	if (status == STS_OK || status == STS_ENOTFOUND)
		status = sts_l1_new(params->entries, params->entries * ENTRY_BYTES, cache->organisations, &cache->l1);
	if (status == STS_OK)
		status = sts_queue_new(slots(params) * MAILBOX_PER_SLOT, &cache->mailbox);
	if (status == STS_OK)
		status = sts_net_loop_new(&params->net, &cache->loop);
	if (status == STS_OK)
		status = new_store(cache, params);
	if (status == STS_OK)
		status = new_resolver(cache, params);
	if (status == STS_OK)
		*out = cache;
	else
		sts_cache_stop(&cache);
	return status;
}

enum sts_status
sts_cache_start(struct sts_cache *cache)
{
	enum sts_status status = STS_OK;

	if (cache->store != NULL)
		status = sts_store_thread_start(cache->store);
	if (status == STS_OK)
		status = sts_thread_start("sts-resolver", thread_main, cache, &cache->pthread);
	cache->running = status == STS_OK;
	if (status != STS_OK && cache->store != NULL)
		sts_store_thread_stop(cache->store);
	/* The mailbox has its reader now. Without the subscription, the node notices changes late, but is not wrong. */
	if (status == STS_OK && cache->subscription != NULL && sts_subscription_start(cache->subscription) != STS_OK)
		sts_warn("cache: cannot start the thread for other nodes' news: changed policies are noticed only at the next recheck");
	return status;
}

static void
end_thread(struct sts_cache *cache)
{
	if (!cache->running)
		return;
	atomic_store(&cache->stopping, true);
	sts_net_loop_wakeup(cache->loop);
	pthread_join(cache->pthread, NULL);
	cache->running = false;
}

/* From here on, this thread is the resolver's. Each step may still call into what later steps free. */
static void
end_flights(struct sts_cache *cache)
{
	sts_resolver_stop(cache->resolver);
	if (cache->store != NULL)
		sts_store_thread_stop(cache->store);
	sts_queue_run(cache->mailbox);
}

/* Lookups are refused first, so that none enters a mailbox that nobody reads. The loop stays: whoever has just put one in wakes
 * it. */
void
sts_cache_end(struct sts_cache *cache)
{
	if (cache->ended)
		return;
	cache->ended = true;
	if (cache->mailbox != NULL)
		sts_queue_close(cache->mailbox);
	sts_subscription_stop(&cache->subscription);
	end_thread(cache);
	if (cache->resolver != NULL)
		end_flights(cache);
}

void
sts_cache_stop(struct sts_cache **cache)
{
	struct sts_cache *c = *cache;

	*cache = NULL;
	if (c == NULL)
		return;
	sts_cache_end(c);
	if (c->loop != NULL)
		sts_net_loop_free(&c->loop);
	sts_resolver_free(&c->resolver);
	sts_store_thread_free(&c->store);
	sts_queue_free(&c->mailbox);
	sts_l1_free(&c->l1);
	sts_organisations_free(&c->organisations);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

void
sts_cache_state(struct sts_cache *cache, struct sts_cache_state *out)
{
	sts_l1_state(cache->l1, &out->memory);
	out->store_up = cache->store == NULL || sts_store_thread_is_up(cache->store);
	pthread_mutex_lock(&cache->mutex);
	out->resolver = cache->seen;
	out->rejected = cache->rejected;
	out->turn_ms = cache->turn_ms;
	pthread_mutex_unlock(&cache->mutex);
}

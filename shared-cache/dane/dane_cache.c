/* SPDX-License-Identifier: ISC */
/* dane_cache.c - a table of DANE states, and a queue of look-ups. What a look-up asks is in dane_lookup.c. */
#include "config.h"

#include "shared-cache/dane/dane_cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/hash.h"
#include "shared-cache/base/log.h"

enum {
	PROBE_MS = 60000,	/* between checks whether the resolver validates by now */
	REFRESH_PART = 5,	/* a fifth: the last part of an entry's life, in which a hit refreshes it */
};

TAILQ_HEAD(waiter_list, sts_dane_waiter);

struct entry {
	struct sts_dane_cache *cache;
	char domain[STS_DOMAIN_CAP];
	enum sts_dane dane;		/* PENDING until the first result */
	int64_t expires_ms, refresh_ms;
	bool is_asked, is_queued;	/* a look-up is in progress; it waits for its turn */
	bool forgotten;			/* the result of the look-up in progress is only for those who wait now */
	struct waiter_list waiters;
	TAILQ_ENTRY(entry) by_use;
	TAILQ_ENTRY(entry) in_queue;
	UT_hash_handle hh;
};
TAILQ_HEAD(entry_list, entry);

struct sts_dane_cache {
	struct sts_dns *dns;
	struct sts_dane_net net;
	size_t max_entries, max_lookups, lookups;
	struct entry *table;
	struct entry_list by_use;	/* most recently used first */
	struct entry_list queue;
	enum sts_validation validation;
	bool is_probing;
	int64_t probe_at_ms;
};

/* ---- DNS ---- */

static int64_t
mono_ms(void *self)
{
	(void)self;
	return sts_clock_mono_ms();
}

/* Without memory for more than STS_DNS_DEFERRED questions, a caller could not be called back: abort. */
static void
must_be_ok(enum sts_status status)
{
	if (status == STS_OK)
		return;
	sts_fatal("dane: out of memory");
	abort();
}

static void
ask_dns(void *self, const char *name, enum sts_dns_type type, int64_t deadline_ms, sts_dns_fn *fn, void *arg)
{
	struct sts_dane_cache *c = self;

	must_be_ok(sts_dns_ask(c->dns, name, type, deadline_ms, fn, arg));
}

/* ---- whether the resolver validates ---- */

static void
set_validation(struct sts_dane_cache *c, enum sts_validation validation)
{
	if (c->validation == validation)
		return;
	c->validation = validation;
	if (validation == STS_VALIDATION_YES)
		sts_info("dane: the resolver validates");
	else
		sts_info("dane: the resolver does not validate DNSSEC: TLSA records are not looked up");
}

static void
on_probe(void *arg, const struct sts_dns_reply *reply)
{
	struct sts_dane_cache *c = arg;

	c->is_probing = false;
	c->probe_at_ms = sts_clock_mono_ms() + PROBE_MS;
	/* A failure says nothing; an unauthenticated answer does. */
	if (!sts_dns_reply_failed(reply))
		set_validation(c, reply->authentic ? STS_VALIDATION_YES : STS_VALIDATION_NO);
}

static void
probe(struct sts_dane_cache *c, int64_t now_ms)
{
	if (c->validation == STS_VALIDATION_YES || c->is_probing || now_ms < c->probe_at_ms)
		return;
	c->is_probing = true;
	ask_dns(c, ".", STS_DNS_SOA, now_ms + c->net.timeout_ms, on_probe, c);
}

/* ---- entries ---- */

static struct entry *
find(const struct sts_dane_cache *c, const char *domain)
{
	struct entry *e;

	HASH_FIND(hh, c->table, domain, (unsigned)strlen(domain), e);
	return e;
}

static void
drop(struct entry *e)
{
	struct sts_dane_cache *c = e->cache;

	TAILQ_REMOVE(&c->by_use, e, by_use);
	if (e->is_queued)
		TAILQ_REMOVE(&c->queue, e, in_queue);
	HASH_DEL(c->table, e);
	free(e);
}

static void
make_room(struct sts_dane_cache *c)
{
	struct entry *e = TAILQ_LAST(&c->by_use, entry_list);

	while (e != NULL && HASH_COUNT(c->table) >= c->max_entries) {
		struct entry *before = TAILQ_PREV(e, entry_list, by_use);

		if (!e->is_asked && TAILQ_EMPTY(&e->waiters))
			drop(e);
		e = before;
	}
}

/* NULL: no memory, or no room. */
static struct entry *
add(struct sts_dane_cache *c, const char *domain)
{
	struct entry *e;

	make_room(c);
	if (HASH_COUNT(c->table) >= c->max_entries || strlen(domain) >= STS_DOMAIN_CAP)
		return NULL;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return NULL;
	e->cache = c;
	e->dane = STS_DANE_PENDING;
	TAILQ_INIT(&e->waiters);
	memcpy(e->domain, domain, strlen(domain) + 1);
	HASH_ADD_KEYPTR(hh, c->table, e->domain, strlen(e->domain), e);
	if (e->hh.tbl == NULL) {
		free(e);
		return NULL;
	}
	TAILQ_INSERT_HEAD(&c->by_use, e, by_use);
	return e;
}

/* ---- look-ups ---- */

static void start_queued(struct sts_dane_cache *c);

/* A waiter's callback may ask again at once: for this domain, whose result belongs to another look-up then, or for another that
 * evicts an entry. So a mark ends the list of those to be told now; as long as it is there, the entry is not freed. */
static void
tell_waiters(struct entry *e)
{
	struct sts_dane_waiter mark = { .answer = NULL }, *waiter;

	TAILQ_INSERT_TAIL(&e->waiters, &mark, link);
	while ((waiter = TAILQ_FIRST(&e->waiters)) != &mark) {
		TAILQ_REMOVE(&e->waiters, waiter, link);
		waiter->answer(waiter, e->dane);
	}
	TAILQ_REMOVE(&e->waiters, &mark, link);
}

static void
on_result(void *arg, const struct sts_dane_result *result)
{
	struct entry *e = arg;
	struct sts_dane_cache *c = e->cache;
	int64_t now_ms = sts_clock_mono_ms(), life_ms = (int64_t)result->ttl_s * 1000;

	c->lookups--;
	e->is_asked = false;
	if (result->validates)
		set_validation(c, STS_VALIDATION_YES);
	/* Failures of a resolver that was never seen to validate say nothing about DANE. */
	e->dane = result->dane == STS_DANE_UNKNOWN && c->validation != STS_VALIDATION_YES ? STS_DANE_OFF : result->dane;
	e->expires_ms = e->forgotten ? now_ms : now_ms + life_ms;
	e->refresh_ms = e->expires_ms - life_ms / REFRESH_PART;
	e->forgotten = false;
	sts_debug("dane domain=%s state=%s ttl=%u", e->domain, sts_dane_name(e->dane), (unsigned)result->ttl_s);
	tell_waiters(e);
	start_queued(c);
}

static void
start_queued(struct sts_dane_cache *c)
{
	struct entry *e;

	while (c->lookups < c->max_lookups && (e = TAILQ_FIRST(&c->queue)) != NULL) {
		TAILQ_REMOVE(&c->queue, e, in_queue);
		e->is_queued = false;
		e->is_asked = sts_dane_lookup(&c->net, e->domain, on_result, e) == STS_OK;
		c->lookups += e->is_asked;
	}
}

static void
look_up(struct entry *e)
{
	if (e->is_asked || e->is_queued)
		return;
	e->is_queued = true;
	TAILQ_INSERT_TAIL(&e->cache->queue, e, in_queue);
	start_queued(e->cache);
}

enum sts_dane
sts_dane_cache_ask(struct sts_dane_cache *c, const char *domain, struct sts_dane_waiter *waiter)
{
	int64_t now_ms = sts_clock_mono_ms();
	struct entry *e;

	if (c->validation == STS_VALIDATION_NO)
		return STS_DANE_OFF;
	e = find(c, domain);
	if (e == NULL)
		e = add(c, domain);
	if (e == NULL)
		return STS_DANE_OFF;
	if (e != TAILQ_FIRST(&c->by_use)) {
		TAILQ_REMOVE(&c->by_use, e, by_use);
		TAILQ_INSERT_HEAD(&c->by_use, e, by_use);
	}
	if (e->dane == STS_DANE_PENDING || now_ms >= e->refresh_ms)
		look_up(e);
	if (e->dane != STS_DANE_PENDING && now_ms < e->expires_ms)
		return e->dane;
	TAILQ_INSERT_TAIL(&e->waiters, waiter, link);
	return STS_DANE_PENDING;
}

int64_t
sts_dane_cache_until_ms(const struct sts_dane_cache *c, const char *domain)
{
	const struct entry *e = find(c, domain);

	if (c->validation == STS_VALIDATION_NO)
		return c->probe_at_ms;
	return e == NULL || e->dane == STS_DANE_PENDING ? 0 : e->refresh_ms;
}

void
sts_dane_cache_cancel(struct sts_dane_cache *c, const char *domain, struct sts_dane_waiter *waiter)
{
	struct entry *e = find(c, domain);

	if (e != NULL)
		TAILQ_REMOVE(&e->waiters, waiter, link);
}

void
sts_dane_cache_forget(struct sts_dane_cache *c, const char *domain)
{
	struct entry *e = find(c, domain);

	if (e == NULL)
		return;
	e->expires_ms = e->refresh_ms = 0;
	e->forgotten = e->is_asked;
}

/* ---- for the event loop ---- */

size_t
sts_dane_cache_sockets(const struct sts_dane_cache *c, struct pollfd out[STS_DNS_SOCKETS])
{
	return sts_dns_sockets(c->dns, out);
}

int64_t
sts_dane_cache_wait_ms(const struct sts_dane_cache *c, int64_t now_ms)
{
	int64_t wait_ms = sts_dns_wait_ms(c->dns, now_ms), probe_ms;

	if (c->validation == STS_VALIDATION_YES || c->is_probing)
		return wait_ms;
	probe_ms = c->probe_at_ms > now_ms ? c->probe_at_ms - now_ms : 0;
	return wait_ms < 0 || probe_ms < wait_ms ? probe_ms : wait_ms;
}

void
sts_dane_cache_process(struct sts_dane_cache *c, int64_t now_ms)
{
	probe(c, now_ms);
	sts_dns_process(c->dns, now_ms);
}

/* ---- life cycle ---- */

enum sts_status
sts_dane_cache_new(const struct sts_dane_cache_params *params, struct sts_dane_cache **out)
{
	struct sts_dane_cache *c = calloc(1, sizeof(*c));
	enum sts_status status = c == NULL ? STS_ENOMEM : sts_dns_new(params->dns_servers, params->dns_timeout_ms, &c->dns);

	*out = NULL;
	if (status != STS_OK) {
		free(c);
		return status;
	}
	c->net = (struct sts_dane_net){ .self = c, .ask = ask_dns, .mono_ms = mono_ms, .timeout_ms = params->dns_timeout_ms,
		.port = params->smtp_port };
	c->max_entries = params->entries;
	c->max_lookups = params->concurrency;
	TAILQ_INIT(&c->by_use);
	TAILQ_INIT(&c->queue);
	*out = c;
	return STS_OK;
}

void
sts_dane_cache_free(struct sts_dane_cache **cache)
{
	struct sts_dane_cache *c = *cache;
	struct entry *e, *next;

	*cache = NULL;
	if (c == NULL)
		return;
	/* Look-ups in progress end and call back; no new ones start. */
	c->max_lookups = 0;
	sts_dns_stop(c->dns);
	while (!sts_dns_is_idle(c->dns))
		sts_dns_process(c->dns, sts_clock_mono_ms());
	HASH_ITER(hh, c->table, e, next)
		drop(e);
	sts_dns_free(&c->dns);
	free(c);
}

void
sts_dane_cache_state(const struct sts_dane_cache *c, struct sts_dane_cache_state *out)
{
	*out = (struct sts_dane_cache_state){ HASH_COUNT(c->table), c->lookups, c->validation };
}

/* SPDX-License-Identifier: ISC */
/*
 * memory.c - measures the memory cache: what it costs per domain, what it keeps when thousands of one-time domains pass, and how fast
 * it is read; and what a domain's history costs.
 *
 * Bytes are those that malloc has handed out, including its own headers. The hit rate is that of a realistic trace (Zipf) in which up to
 * nine of ten lookups are for domains that never come again, from the beginning or from its middle on, compared with a plain LRU of the
 * same number of entries.
 */
#include "config.h"

#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/hash.h"
#include "shared-cache/cache/histories.h"
#include "shared-cache/memory/l1.h"
#include "tests/bench/zipf.h"

enum {
	NOW = 1700000000,
	MILLION = 1000000,
	HOSTERS = 50,			/* publish the same file for each of their domains */
	TRACE = 2000000, KNOWN = 100000, ROOM = 20000,
	READS = 2000000, THREADS_MAX = 4,
	NAME_CAP = 64,
	HISTORIES = 100000,		/* the default of cache_entries */
};

static void
require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "memory: %s\n", what);
	exit(1);
}

static uint32_t
mix(uint32_t n)
{
	n = (n ^ n >> 16) * 0x7feb352du;
	n = (n ^ n >> 15) * 0x846ca68bu;
	return n ^ n >> 16;
}

/* Names as long as those in real mail: five to fourteen letters and a suffix, one in four of them with a host in front. */
static void
name_of(uint32_t n, char out[NAME_CAP])
{
	static const char *const suffixes[] = { ".com", ".com", ".com", ".net", ".org", ".de", ".co.uk", ".info" };
	uint32_t h = mix(n);
	size_t len = 5 + h % 10, at = 0;

	if (h >> 8 & 1 && h >> 9 & 1)
		at = (size_t)snprintf(out, NAME_CAP, "%s", h >> 10 & 1 ? "mail." : "news.");
	/* the number first, so that each name is unique; then letters */
	for (size_t i = 0; i < len; i++) {
		out[at++] = (char)('a' + n % 26);
		n /= 26;
		if (n == 0 && i >= 4)
			n = mix(h + (uint32_t)i) | 1;
	}
	snprintf(out + at, NAME_CAP - at, "%s", suffixes[h >> 12 & 7]);
}

static double
processor_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- bytes ---- */

static void
put_absent(struct sts_l1 *l1, const char *domain)
{
	const struct sts_entry_spec spec = { .domain = domain, .state = STS_STATE_ABSENT, .checked = NOW, .expires = NOW + 3600 };
	struct sts_entry *entry;

	require(sts_entry_new(&spec, &entry) == STS_OK, "entry");
	require(sts_l1_put(l1, entry, NOW + 3600, NOW) == STS_OK, "put");
	sts_entry_unref(&entry);
}

/* Four of five use one of the big mail hosters. */
static void
put_policy(struct sts_l1 *l1, const char *domain, uint32_t n)
{
	struct sts_entry_spec spec = { .domain = domain, .state = STS_STATE_POLICY, .id = "20250809T120000", .fetched = NOW,
		.checked = NOW, .expires = NOW + 604800 };
	struct sts_entry *entry;
	char text[512];

	if (mix(n) % 5 > 0)
		snprintf(text, sizeof(text), "version: STSv1\r\nmode: enforce\r\nmx: mx1.hoster%u.example\r\nmx: mx2.hoster%u.example\r\n"
		    "mx: *.mail.hoster%u.example\r\nmax_age: 604800\r\n", n % HOSTERS, n % HOSTERS, n % HOSTERS);
	else
		snprintf(text, sizeof(text), "version: STSv1\r\nmode: enforce\r\nmx: mx1.%s\r\nmx: mx2.%s\r\nmax_age: 604800\r\n", domain,
		    domain);
	spec.text = text;
	spec.text_len = strlen(text);
	require(sts_entry_new(&spec, &entry) == STS_OK, "entry");
	require(sts_l1_put(l1, entry, NOW + 86400, NOW) == STS_OK, "put");
	sts_entry_unref(&entry);
}

static size_t
allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void
measure(const char *what, unsigned policies_in_thousand)
{
	size_t before = allocated(), letters = 0;
	struct sts_l1_state state;
	double began, took;
	struct sts_l1 *l1;
	char name[NAME_CAP];
	bool claimed;

	require(sts_l1_new(MILLION + MILLION / 10, (size_t)MILLION * 2048, NULL, &l1) == STS_OK, "cache");
	for (uint32_t i = 0; i < MILLION; i++) {
		name_of(i, name);
		letters += strlen(name);
		if (mix(i + 7) % 1000 < policies_in_thousand)
			put_policy(l1, name, i);
		else
			put_absent(l1, name);
	}
	sts_l1_state(l1, &state);
	began = processor_seconds();
	for (uint32_t i = 0; i < MILLION; i++) {
		struct sts_entry *entry;

		name_of(mix(i) % MILLION, name);
		entry = sts_l1_get(l1, name, NOW, &claimed);
		sts_entry_unref(&entry);
	}
	took = processor_seconds() - began;
	printf("%-34s %8zu domains  %6.1f bytes a domain  names %4.1f letters  look-up %4.0f ns\n", what, state.entries,
	    (double)(allocated() - before) / (double)state.entries, (double)letters / MILLION, took / MILLION * 1e9);
	sts_l1_free(&l1);
	malloc_trim(0);
}

/* ---- histories ---- */

/* The store: records what is asked about a domain, and answers at once. */
struct past {
	struct sts_history_days days;
	uint64_t ticket;
};

static bool
load(void *arg, const char *domain, uint64_t ticket)
{
	(void)domain;
	((struct past *)arg)->ticket = ticket;
	return true;
}

static void
measure_histories(const char *what, int days, unsigned tls, unsigned plaintext)
{
	struct past past = { .ticket = 0 };
	struct sts_histories *histories;
	size_t before = allocated();
	char name[NAME_CAP];

	for (int day = days - 1; day >= 0; day--) {
		for (unsigned i = 0; i < tls; i++)
			sts_history_add(&past.days, NOW - (int64_t)day * STS_HISTORY_DAY_S, STS_TLS_SECURED);
		for (unsigned i = 0; i < plaintext; i++)
			sts_history_add(&past.days, NOW - (int64_t)day * STS_HISTORY_DAY_S, STS_TLS_NONE);
	}
	require(sts_histories_new(HISTORIES, sts_clock_mono_ms, &histories) == STS_OK, "histories");
	sts_histories_attach(histories, load, &past);
	for (uint32_t i = 0; i < HISTORIES; i++) {
		name_of(i, name);
		sts_histories_want(histories, name);
		sts_histories_read(histories, name, past.ticket, &past.days);
	}
	printf("%-34s %8zu domains  %6.1f bytes a domain\n", what, sts_histories_count(histories),
	    (double)(allocated() - before) / (double)sts_histories_count(histories));
	sts_histories_free(&histories);
	malloc_trim(0);
}

/* ---- hit rate ---- */

struct lru_slot {
	uint32_t key;
	TAILQ_ENTRY(lru_slot) link;
	UT_hash_handle hh;
};

struct lru {
	TAILQ_HEAD(lru_list, lru_slot) order;
	struct lru_slot *table;
};

static bool
lru_use(struct lru *lru, uint32_t key)
{
	struct lru_slot *slot;

	HASH_FIND(hh, lru->table, &key, (unsigned)sizeof(key), slot);
	if (slot != NULL) {
		TAILQ_REMOVE(&lru->order, slot, link);
		TAILQ_INSERT_HEAD(&lru->order, slot, link);
		return true;
	}
	slot = calloc(1, sizeof(*slot));
	require(slot != NULL, "memory");
	slot->key = key;
	TAILQ_INSERT_HEAD(&lru->order, slot, link);
	HASH_ADD(hh, lru->table, key, (unsigned)sizeof(slot->key), slot);
	if (HASH_COUNT(lru->table) > ROOM) {
		slot = TAILQ_LAST(&lru->order, lru_list);
		TAILQ_REMOVE(&lru->order, slot, link);
		HASH_DEL(lru->table, slot);
		free(slot);
	}
	return false;
}

static void
lru_free(struct lru *lru)
{
	struct lru_slot *slot, *next;

	HASH_ITER(hh, lru->table, slot, next) {
		HASH_DEL(lru->table, slot);
		free(slot);
	}
}

static bool
l1_use(struct sts_l1 *l1, uint32_t key)
{
	struct sts_entry *entry;
	char name[NAME_CAP];
	bool claimed, found;

	name_of(key, name);
	entry = sts_l1_get(l1, name, NOW, &claimed);
	found = entry != NULL;
	sts_entry_unref(&entry);
	if (!found)
		put_absent(l1, name);
	return found;
}

/* Of ten lookups, how many are for domains that never come again, in each half of a trace. */
struct noise {
	unsigned first, second;
};

/* Counts, in the second half, the lookups of domains that come again, the same number whatever comes between, and those that hit. */
static void
trace(const struct zipf *zipf, struct noise noises, double *ours, double *theirs)
{
	unsigned known = 0, asked = 0, hits = 0, lru_hits = 0;
	struct lru lru = { .table = NULL };
	struct sts_l1 *l1;

	TAILQ_INIT(&lru.order);
	require(sts_l1_new(ROOM, (size_t)ROOM * 2048, NULL, &l1) == STS_OK, "cache");
	for (uint32_t i = 0; known < TRACE; i++) {
		bool noise = mix(i) % 10 < (known < TRACE / 2 ? noises.first : noises.second);
		uint32_t key = noise ? KNOWN + i : zipf_pick(zipf, i);
		bool hit = l1_use(l1, key), lru_hit = lru_use(&lru, key);

		known += !noise;
		if (noise || known <= TRACE / 2)
			continue;
		asked++;
		hits += hit;
		lru_hits += lru_hit;
	}
	*ours = 100.0 * hits / asked;
	*theirs = 100.0 * lru_hits / asked;
	lru_free(&lru);
	sts_l1_free(&l1);
}

/* ---- reading ---- */

struct reader {
	pthread_t thread;
	struct sts_l1 *l1;
	const char *domain;
};

static void *
read_on(void *arg)
{
	struct reader *r = arg;
	struct sts_entry *entry;
	bool claimed;

	for (int i = 0; i < READS; i++) {
		entry = sts_l1_get(r->l1, r->domain, NOW, &claimed);
		sts_entry_unref(&entry);
	}
	return NULL;
}

static void
measure_readers(const char *what, bool policy)
{
	struct reader readers[THREADS_MAX];
	struct sts_l1 *l1;

	require(sts_l1_new(ROOM, (size_t)ROOM * 2048, NULL, &l1) == STS_OK, "cache");
	if (policy)
		put_policy(l1, "popular.example", 1);
	else
		put_absent(l1, "popular.example");
	printf("%-34s", what);
	for (int n = 1; n <= THREADS_MAX; n *= 2) {
		double began = processor_seconds();

		for (int i = 0; i < n; i++) {
			readers[i] = (struct reader){ .l1 = l1, .domain = "popular.example" };
			require(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]) == 0, "thread");
		}
		for (int i = 0; i < n; i++)
			pthread_join(readers[i].thread, NULL);
		printf("  %d thread%s %4.0f ns", n, n == 1 ? ": " : "s:", (processor_seconds() - began) / READS / n * 1e9);
	}
	printf("\n");
	sts_l1_free(&l1);
}

int
main(void)
{
	static const struct noise noises[] = { { 0, 0 }, { 5, 5 }, { 9, 9 }, { 0, 9 } };
	double ours, theirs;
	struct zipf zipf;

	printf("== bytes of memory ==\n");
	measure("nothing is published", 0);
	measure("one in twenty has a policy", 50);
	measure("all have a policy", 1000);
	printf("\n== histories, room for %d ==\n", HISTORIES);
	measure_histories("1 day", 1, 5, 0);
	measure_histories("5 days", 5, 5, 0);
	measure_histories("60 days", 60, 5, 0);
	measure_histories("60 days, 1000 messages each", 60, 1000, 0);
	measure_histories("the same, also in plaintext", 60, 1000, 1000);
	printf("\n== hit rate of %d domains (Zipf), room for %d ==\n", KNOWN, ROOM);
	require(zipf_init(&zipf, KNOWN), "memory");
	for (size_t i = 0; i < sizeof(noises) / sizeof(noises[0]); i++) {
		trace(&zipf, noises[i], &ours, &theirs);
		printf("%u of 10 look-ups never come again%-20s this cache %5.1f %%   plain LRU %5.1f %%\n", noises[i].second,
		    noises[i].first != noises[i].second ? ", since a while" : "", ours, theirs);
	}
	zipf_fini(&zipf);
	printf("\n== one popular domain, read by many: processor time for one look-up ==\n");
	measure_readers("nothing is published", false);
	measure_readers("a policy", true);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* recheck_queue.c - a timer wheel: each domain is in the slot of the second when it is due, modulo the number of slots. */
#include "config.h"

#include "shared-cache/outbound/recheck_queue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "shared-cache/base/hash.h"

enum {
	SLOTS = 512,
	RECENT = 1 << 16,	/* entries of the cache of recently added domains; a power of 2 */
	RECENT_S = 60,		/* resolution of `served' */
};

struct item {
	char domain[STS_DOMAIN_CAP];
	int64_t due, served;
	TAILQ_ENTRY(item) link;
	UT_hash_handle hh;
};
TAILQ_HEAD(item_list, item);

/* Saves the table lookup for a domain that is served all the time. Domains whose hashes collide are just looked up more often. */
struct recent {
	uint32_t hash;
	uint32_t until;		/* second, in 32 bits: the clock is that of the process */
};

struct sts_recheck_queue {
	size_t max;
	int64_t turned_to;	/* the wheel has passed all seconds before this one; 0: nothing was ever added */
	struct item *table;
	struct item_list slots[SLOTS];
	struct recent recent[RECENT];
};

static struct item_list *
slot_of(struct sts_recheck_queue *r, int64_t second)
{
	return &r->slots[(uint64_t)second % SLOTS];
}

enum sts_status
sts_recheck_queue_new(size_t max, struct sts_recheck_queue **out)
{
	struct sts_recheck_queue *r = calloc(1, sizeof(*r));

	*out = r;
	if (r == NULL)
		return STS_ENOMEM;
	r->max = max;
	for (size_t i = 0; i < SLOTS; i++)
		TAILQ_INIT(&r->slots[i]);
	return STS_OK;
}

static void
drop(struct sts_recheck_queue *r, struct item *item)
{
	TAILQ_REMOVE(slot_of(r, item->due), item, link);
	HASH_DEL(r->table, item);
	free(item);
}

void
sts_recheck_queue_free(struct sts_recheck_queue **queue)
{
	struct item *item, *next;

	if (*queue == NULL)
		return;
	HASH_ITER(hh, (*queue)->table, item, next)
		drop(*queue, item);
	free(*queue);
	*queue = NULL;
}

void
sts_recheck_queue_add(struct sts_recheck_queue *r, const char *domain, int64_t due, int64_t now)
{
	size_t len = strlen(domain);
	unsigned hash = sts_hash_bytes(domain, len);
	struct recent *recent = &r->recent[hash % RECENT];
	struct item *item;

	if (recent->hash == hash && (int64_t)recent->until > now)
		return;
	*recent = (struct recent){ hash, (uint32_t)(now + RECENT_S) };
	HASH_FIND_BYHASHVALUE(hh, r->table, domain, (unsigned)len, hash, item);
	if (item != NULL)
		item->served = now;
	if (item != NULL || HASH_COUNT(r->table) >= r->max || len >= STS_DOMAIN_CAP)
		return;
	item = calloc(1, sizeof(*item));
	if (item == NULL)
		return;
	memcpy(item->domain, domain, len + 1);
	item->served = now;
	/* A second that the wheel has passed would come up only after a whole turn. */
	if (r->turned_to == 0)
		r->turned_to = now;
	item->due = due > r->turned_to ? due : r->turned_to;
	HASH_ADD_KEYPTR(hh, r->table, item->domain, strlen(item->domain), item);
	if (item->hh.tbl == NULL) {
		free(item);
		return;
	}
	TAILQ_INSERT_TAIL(slot_of(r, item->due), item, link);
}

static void
put_back(struct sts_recheck_queue *r, struct item *item, int64_t due)
{
	TAILQ_REMOVE(slot_of(r, item->due), item, link);
	item->due = due;
	TAILQ_INSERT_TAIL(slot_of(r, item->due), item, link);
}

bool
sts_recheck_queue_take(struct sts_recheck_queue *r, int64_t now, int64_t interval_s, char domain[STS_DOMAIN_CAP])
{
	struct item *item;

	if (HASH_COUNT(r->table) == 0)
		return false;
	/* After a jump of the clock, one turn visits every slot. */
	if (now - r->turned_to > SLOTS)
		r->turned_to = now - SLOTS;
	for (; r->turned_to <= now; r->turned_to++) {
		TAILQ_FOREACH(item, slot_of(r, r->turned_to), link) {
			if (item->due > now)
				continue;
			memcpy(domain, item->domain, strlen(item->domain) + 1);
			if (now - item->served < STS_RECHECK_WINDOW_S)
				put_back(r, item, now + (interval_s > 0 ? interval_s : 1));
			else
				drop(r, item);
			return true;
		}
		if (r->turned_to == now)
			break;
	}
	return false;
}

size_t
sts_recheck_queue_count(const struct sts_recheck_queue *queue)
{
	return HASH_COUNT(queue->table);
}

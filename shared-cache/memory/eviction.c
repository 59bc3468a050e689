/* SPDX-License-Identifier: ISC */
/* eviction.c - the three queues and the ghosts. Knows neither tables nor names. */
#include "config.h"

#include "shared-cache/memory/eviction.h"

#include <stdlib.h>

enum {
	SMALL_PART = 10,		/* one part in 10, of all but policies, for domains not seen before */
	POLICY_EIGHTHS = 7,		/* of the room, for policies that nothing else evicts */
	GHOSTS_PER_SLOT = 2,
	SMALL_USES = 2,			/* uses that it takes to move to the main queue */
	GONE_MIN = 64,			/* slots that may be gone before a sweep */
};

static void
list_init(struct sts_slot_list *list)
{
	*list = (struct sts_slot_list){ .first = NULL, .end = &list->first };
}

static void
push(struct sts_eviction *e, enum sts_slot_queue queue, struct sts_slot *slot)
{
	struct sts_slot_list *list = &e->queues[queue];

	sts_slot_set_queue(slot, queue);
	slot->next = NULL;
	*list->end = slot;
	list->end = &slot->next;
	list->count++;
}

/* The first slot that is not gone; frees those before it. */
static struct sts_slot *
pop(struct sts_eviction *e, enum sts_slot_queue queue)
{
	struct sts_slot_list *list = &e->queues[queue];
	struct sts_slot *slot;

	while ((slot = list->first) != NULL) {
		list->first = slot->next;
		if (list->first == NULL)
			list->end = &list->first;
		if ((slot->flags & STS_SLOT_GONE) == 0) {
			list->count--;
			return slot;
		}
		e->gone--;
		sts_slot_free(slot);
	}
	return NULL;
}

enum sts_status
sts_eviction_init(struct sts_eviction *eviction, size_t max)
{
	eviction->max = max == 0 ? 1 : max;
	eviction->gone = 0;
	for (int i = 0; i < STS_SLOT_QUEUES; i++)
		list_init(&eviction->queues[i]);
	eviction->ghost_count = eviction->max * GHOSTS_PER_SLOT;
	eviction->ghosts = calloc(eviction->ghost_count, sizeof(*eviction->ghosts));
	return eviction->ghosts == NULL ? STS_ENOMEM : STS_OK;
}

void
sts_eviction_fini(struct sts_eviction *eviction)
{
	struct sts_slot *slot;

	for (enum sts_slot_queue i = 0; i < STS_SLOT_QUEUES; i++) {
		while ((slot = pop(eviction, i)) != NULL)
			sts_slot_free(slot);
	}
	free(eviction->ghosts);
	eviction->ghosts = NULL;
}

/* ---- ghosts ---- */

/* The lookup table uses the upper bits of the hash; this spreads the rest. */
static uint8_t *
ghost_of(struct sts_eviction *e, uint32_t hash)
{
	return &e->ghosts[(uint64_t)(hash * 2654435761u) * e->ghost_count >> 32];
}

/* A different domain in the same place matches by chance once in 255. */
static uint8_t
ghost_bits(uint32_t hash)
{
	return (uint8_t)(1 + (hash >> 8) % UINT8_MAX);
}

static bool
take_ghost(struct sts_eviction *e, uint32_t hash)
{
	uint8_t *ghost = ghost_of(e, hash);

	if (*ghost != ghost_bits(hash))
		return false;
	*ghost = 0;
	return true;
}

void
sts_eviction_ghost(struct sts_eviction *eviction, const struct sts_slot *slot, uint32_t hash)
{
	if (sts_slot_queue(slot) == STS_QUEUE_SMALL)
		*ghost_of(eviction, hash) = ghost_bits(hash);
}

/* ---- adding and dropping ---- */

void
sts_eviction_add(struct sts_eviction *eviction, struct sts_slot *slot, uint32_t hash)
{
	if (sts_slot_is_policy(slot))
		push(eviction, STS_QUEUE_POLICY, slot);
	else
		push(eviction, take_ghost(eviction, hash) ? STS_QUEUE_MAIN : STS_QUEUE_SMALL, slot);
}

/* Frees all slots that are gone, so that entries that are replaced again and again do not pile up while nothing is evicted. */
static void
sweep_gone(struct sts_eviction *e)
{
	for (enum sts_slot_queue i = 0; i < STS_SLOT_QUEUES; i++) {
		struct sts_slot **p = &e->queues[i].first, *slot;

		while ((slot = *p) != NULL) {
			if ((slot->flags & STS_SLOT_GONE) == 0) {
				p = &slot->next;
				continue;
			}
			*p = slot->next;
			sts_slot_free(slot);
		}
		e->queues[i].end = p;
	}
	e->gone = 0;
}

void
sts_eviction_drop(struct sts_eviction *eviction, struct sts_slot *slot)
{
	size_t in = 0;

	eviction->queues[sts_slot_queue(slot)].count--;
	eviction->gone++;
	for (int i = 0; i < STS_SLOT_QUEUES; i++)
		in += eviction->queues[i].count;
	if (eviction->gone > GONE_MIN && eviction->gone > in / 8)
		sweep_gone(eviction);
}

static unsigned
uses(const struct sts_slot *slot)
{
	return atomic_load_explicit(&slot->uses, memory_order_relaxed);
}

static void
set_uses(struct sts_slot *slot, unsigned n)
{
	atomic_store_explicit(&slot->uses, (unsigned char)n, memory_order_relaxed);
}

static struct sts_slot *
choose_small(struct sts_eviction *e)
{
	struct sts_slot *slot;

	while ((slot = pop(e, STS_QUEUE_SMALL)) != NULL && uses(slot) >= SMALL_USES) {
		set_uses(slot, 0);
		push(e, STS_QUEUE_MAIN, slot);
	}
	return slot;
}

/* Ends, because each round takes one use from a slot. */
static struct sts_slot *
choose_round(struct sts_eviction *e, enum sts_slot_queue queue, int64_t now)
{
	struct sts_slot *slot;

	while ((slot = pop(e, queue)) != NULL && uses(slot) > 0 && sts_slot_end(slot) > now) {
		set_uses(slot, uses(slot) - 1);
		push(e, queue, slot);
	}
	return slot;
}

struct sts_slot *
sts_eviction_choose(struct sts_eviction *eviction, int64_t now)
{
	const struct sts_slot_list *q = eviction->queues;
	size_t others = q[STS_QUEUE_SMALL].count + q[STS_QUEUE_MAIN].count;
	struct sts_slot *slot = NULL;

	if (others == 0 || q[STS_QUEUE_POLICY].count > eviction->max / 8 * POLICY_EIGHTHS + eviction->max % 8 * POLICY_EIGHTHS / 8)
		slot = choose_round(eviction, STS_QUEUE_POLICY, now);
	if (slot == NULL && (q[STS_QUEUE_SMALL].count > others / SMALL_PART || q[STS_QUEUE_MAIN].count == 0))
		slot = choose_small(eviction);
	if (slot == NULL)
		slot = choose_round(eviction, STS_QUEUE_MAIN, now);
	return slot;
}

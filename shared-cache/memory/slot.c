/* SPDX-License-Identifier: ISC */
/* slot.c - packs and unpacks entries. Knows neither tables nor locks. */
#include "config.h"

#include "shared-cache/memory/slot.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_AT = offsetof(struct sts_slot, len) + 1, QUEUE_BITS = 2, CHUNK = 16, CHUNK_HEAD = 8 };

_Static_assert(NAME_AT == 20, "no holes");
_Static_assert(STS_REASON_COUNT << QUEUE_BITS <= 256, "a reason and a queue fit into a byte");

static struct sts_full_slot *
full(const struct sts_slot *slot)
{
	return (struct sts_full_slot *)(uintptr_t)slot;
}

static bool
is_full(const struct sts_slot *slot)
{
	return (slot->flags & STS_SLOT_FULL) != 0;
}

unsigned
sts_slot_time(int64_t t)
{
	return t < 0 ? 0 : t > UINT32_MAX ? UINT32_MAX : (unsigned)t;
}

static bool
fits_time(int64_t t)
{
	return t >= 0 && t <= UINT32_MAX;
}

/* What a small slot can hold: "nothing published", or a failure whose retry time is its expiry; and no refresh before that. */
static bool
is_small(const struct sts_entry *e, int64_t due)
{
	bool plain = e->state == STS_STATE_ABSENT ? e->retry == 0 : e->state == STS_STATE_FAILED && e->retry == e->expires;

	return plain && e->id[0] == '\0' && e->fetched == 0 && due >= e->expires && fits_time(e->checked) && fits_time(e->expires);
}

static void
set_reason(struct sts_slot *slot, enum sts_reason reason)
{
	slot->reason_and_queue = (uint8_t)((unsigned)reason << QUEUE_BITS | (unsigned)sts_slot_queue(slot));
}

static void
fill_small(struct sts_slot *slot, const struct sts_entry *entry)
{
	slot->checked = (uint32_t)entry->checked;
	slot->expires = (uint32_t)entry->expires;
	slot->flags = entry->state == STS_STATE_FAILED ? STS_SLOT_FAILED : 0;
	set_reason(slot, entry->reason);
}

static struct sts_slot *
new_small(const struct sts_entry *entry)
{
	size_t len = strlen(entry->domain);
	size_t size = NAME_AT + len;
	struct sts_slot *slot = malloc(size < sizeof(*slot) ? sizeof(*slot) : size);

	if (slot == NULL)
		return NULL;
	slot->next = NULL;
	atomic_init(&slot->uses, 0);
	slot->reason_and_queue = 0;
	slot->len = (uint8_t)len;
	memcpy((char *)slot + NAME_AT, entry->domain, len);
	fill_small(slot, entry);
	return slot;
}

struct sts_slot *
sts_slot_new(struct sts_entry *entry, int64_t due, int64_t now)
{
	struct sts_full_slot *f;

	if (is_small(entry, due))
		return new_small(entry);
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return NULL;
	f->slot.flags = STS_SLOT_FULL;
	atomic_init(&f->slot.uses, 0);
	atomic_init(&f->due, sts_slot_time(due));
	atomic_init(&f->used, sts_slot_time(now));
	f->entry = sts_entry_ref(entry);
	return &f->slot;
}

void
sts_slot_free(struct sts_slot *slot)
{
	if (is_full(slot))
		sts_entry_unref(&full(slot)->entry);
	free(slot);
}

bool
sts_slot_update(struct sts_slot *slot, struct sts_entry *entry, int64_t due, struct sts_entry **old)
{
	*old = NULL;
	if (is_full(slot) == is_small(entry, due))
		return false;
	if (!is_full(slot)) {
		fill_small(slot, entry);
		return true;
	}
	if (sts_slot_is_policy(slot) != (entry->state == STS_STATE_POLICY))
		return false;
	*old = full(slot)->entry;
	full(slot)->entry = sts_entry_ref(entry);
	atomic_store_explicit(&full(slot)->due, sts_slot_time(due), memory_order_relaxed);
	return true;
}

void
sts_slot_release(struct sts_slot *slot, struct sts_entry **old)
{
	*old = NULL;
	if (is_full(slot)) {
		*old = full(slot)->entry;
		full(slot)->entry = NULL;
	}
	slot->flags |= STS_SLOT_GONE;
}

const char *
sts_slot_name(const struct sts_slot *slot, size_t *len)
{
	if (is_full(slot)) {
		*len = strlen(full(slot)->entry->domain);
		return full(slot)->entry->domain;
	}
	*len = slot->len;
	return (const char *)slot + NAME_AT;
}

bool
sts_slot_is_policy(const struct sts_slot *slot)
{
	return is_full(slot) && full(slot)->entry != NULL && full(slot)->entry->state == STS_STATE_POLICY;
}

enum sts_slot_queue
sts_slot_queue(const struct sts_slot *slot)
{
	return (enum sts_slot_queue)(slot->reason_and_queue & ((1u << QUEUE_BITS) - 1));
}

void
sts_slot_set_queue(struct sts_slot *slot, enum sts_slot_queue queue)
{
	slot->reason_and_queue = (uint8_t)((slot->reason_and_queue & ~((1u << QUEUE_BITS) - 1)) | (unsigned)queue);
}

int64_t
sts_slot_end(const struct sts_slot *slot)
{
	const struct sts_entry *e;

	if (!is_full(slot))
		return slot->expires;
	e = full(slot)->entry;
	return e->expires > e->retry ? e->expires : e->retry;
}

/* Rounded up as glibc's malloc does. */
static size_t
chunk(size_t size)
{
	return (size + CHUNK_HEAD + CHUNK - 1) / CHUNK * CHUNK;
}

size_t
sts_slot_charge(const struct sts_slot *slot)
{
	if (is_full(slot))
		return chunk(sizeof(struct sts_full_slot)) + chunk(sts_entry_size(full(slot)->entry));
	return chunk(NAME_AT + (size_t)slot->len);
}

size_t
sts_slot_bytes(const struct sts_slot *slot)
{
	const struct sts_policy_text *text = is_full(slot) ? sts_entry_policy_text(full(slot)->entry) : NULL;

	return sts_slot_charge(slot) - (text != NULL ? sts_policy_text_size(text) : 0);
}

void
sts_slot_copy(const struct sts_slot *slot, struct sts_slot_copy *out)
{
	*out = (struct sts_slot_copy){ .entry = NULL };
	if (is_full(slot)) {
		out->entry = sts_entry_ref(full(slot)->entry);
		return;
	}
	out->checked = slot->checked;
	out->expires = slot->expires;
	out->state = slot->flags & STS_SLOT_FAILED ? STS_STATE_FAILED : STS_STATE_ABSENT;
	out->reason = (enum sts_reason)(slot->reason_and_queue >> QUEUE_BITS);
}

struct sts_entry *
sts_slot_copy_entry(const struct sts_slot_copy *copy, const char *domain)
{
	const struct sts_entry_spec spec = {
		.domain = domain,
		.state = copy->state,
		.reason = copy->reason,
		.checked = copy->checked,
		.expires = copy->expires,
		.retry = copy->state == STS_STATE_FAILED ? copy->expires : 0,
	};

	return copy->entry != NULL ? copy->entry : sts_entry_again(&spec);
}

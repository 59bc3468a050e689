/* SPDX-License-Identifier: ISC */
/* fake_fleet.c - keeps pending calls in a list, entries in an array. */
#include "config.h"

#include "tests/fake/fake_fleet.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/names/domain.h"

struct fake_call {
	struct fake_call *next;
	enum { GET, LOCK, UNLOCK } kind;
	char domain[STS_DOMAIN_CAP];
	sts_stored_fn *fn;
	void *arg;
};

static enum sts_status
call(struct fake_fleet *fleet, const char *domain, const struct fake_call *fill)
{
	struct fake_call *c;

	if (fleet->deaf)
		return STS_EFULL;
	c = calloc(1, sizeof(*c));
	assert(c != NULL);
	*c = *fill;
	snprintf(c->domain, sizeof(c->domain), "%s", domain);
	*fleet->end = c;
	fleet->end = &c->next;
	return STS_OK;
}

static enum sts_status
fleet_get(void *self, const char *domain, sts_stored_fn *fn, void *arg)
{
	struct fake_call fill = { .kind = GET, .fn = fn, .arg = arg };
	struct fake_fleet *fleet = self;

	fleet->gets++;
	return call(fleet, domain, &fill);
}

static enum sts_status
fleet_lock(void *self, const char *domain, int64_t ttl_ms, sts_stored_fn *fn, void *arg)
{
	struct fake_call fill = { .kind = LOCK, .fn = fn, .arg = arg };
	struct fake_fleet *fleet = self;

	fleet->locks++;
	fleet->last_ttl_ms = ttl_ms;
	return call(fleet, domain, &fill);
}

static size_t
slot_of(const struct fake_fleet *fleet, const char *domain)
{
	size_t i = 0;

	while (i < FAKE_FLEET_ENTRIES && fleet->entries[i] != NULL && strcmp(fleet->entries[i]->domain, domain) != 0)
		i++;
	assert(i < FAKE_FLEET_ENTRIES);
	return i;
}

void
fake_fleet_set(struct fake_fleet *fleet, struct sts_entry *entry)
{
	size_t i = slot_of(fleet, entry->domain);

	sts_entry_unref(&fleet->entries[i]);
	fleet->entries[i] = entry;
}

static void
fleet_put(void *self, struct sts_entry *entry)
{
	struct fake_fleet *fleet = self;

	fleet->puts++;
	if (!fleet->down && !fleet->forgets)
		fake_fleet_set(fleet, sts_entry_ref(entry));
}

static void
fleet_publish(void *self, const char *domain)
{
	struct fake_fleet *fleet = self;

	assert(domain[0] != '\0');
	fleet->published++;
}

static void
fleet_unlock(void *self, const char *domain)
{
	struct fake_call fill = { .kind = UNLOCK };
	struct fake_fleet *fleet = self;

	fleet->unlocks++;
	(void)call(fleet, domain, &fill);
}

void
fake_fleet_init(struct fake_fleet *fleet)
{
	memset(fleet, 0, sizeof(*fleet));
	fleet->store = (struct sts_resolver_store){ fleet, fleet_get, fleet_lock, fleet_put, fleet_unlock,
		fleet_publish };
	fleet->end = &fleet->first;
}

void
fake_fleet_fini(struct fake_fleet *fleet)
{
	assert(fleet->first == NULL);
	for (size_t i = 0; i < FAKE_FLEET_ENTRIES; i++)
		sts_entry_unref(&fleet->entries[i]);
	sts_entry_unref(&fleet->late);
}

static struct sts_entry *
copy_for(const struct sts_entry *e, const char *domain)
{
	const struct sts_entry_spec spec = { .domain = domain, .state = e->state, .reason = e->reason, .id = e->id, .text = e->text,
		.text_len = e->text_len, .fetched = e->fetched, .checked = e->checked, .expires = e->expires, .retry = e->retry };
	struct sts_entry *copy;
	enum sts_status status = sts_entry_new(&spec, &copy);

	assert(status == STS_OK);
	return status == STS_OK ? copy : NULL;
}

static void
answer(struct fake_fleet *fleet, struct fake_call *c)
{
	struct sts_entry *entry = NULL;

	if (c->kind == UNLOCK) {
		if (fleet->locks_held > 0)
			fleet->locks_held--;
	} else if (fleet->down) {
		c->fn(c->arg, STS_EUNAVAILABLE, NULL);
	} else if (c->kind == LOCK) {
		if (!fleet->locked_by_other)
			fleet->locks_held++;
		if (fleet->late != NULL)
			fake_fleet_set(fleet, fleet->late);
		fleet->late = NULL;
		c->fn(c->arg, fleet->locked_by_other ? STS_EFULL : STS_OK, NULL);
	} else {
		entry = fleet->same_for_all ? copy_for(fleet->entries[0], c->domain) : fleet->entries[slot_of(fleet, c->domain)];
		c->fn(c->arg, entry != NULL ? STS_OK : STS_ENOTFOUND, entry);
		if (fleet->same_for_all)
			sts_entry_unref(&entry);
	}
}

size_t
fake_fleet_deliver(struct fake_fleet *fleet)
{
	struct fake_call *c = fleet->first, *next;
	size_t count = 0;

	fleet->first = NULL;
	fleet->end = &fleet->first;
	for (; c != NULL; c = next) {
		next = c->next;
		count++;
		answer(fleet, c);
		free(c);
	}
	return count;
}

/* SPDX-License-Identifier: ISC */
/* fake_cache.c - see fake_cache.h. Small tables, searched from the start; nothing here is meant to be fast. */
#include "config.h"

#include "tests/fake/fake_cache.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOMAINS = 64, FIELDS = 40, NAME_CAP = 128, VALUE_CAP = 512 };

struct sts_lookup {
	char domain[STS_DOMAIN_CAP];
};

struct known {
	char domain[STS_DOMAIN_CAP], id[STS_ID_CAP];
	struct sts_entry entry;
	struct sts_policy policy;
	char mx_text[STS_DOMAIN_CAP];
	char *mx[1];
	int64_t from_ms;
};

static struct {
	struct known known[DOMAINS];
	size_t known_count;
	char asked[2 * DOMAINS][STS_DOMAIN_CAP];
	size_t lookups, open, waits;
	bool lookup_fails;
	size_t records;
	char record_domain[STS_DOMAIN_CAP];
	char total[FIELDS][NAME_CAP], domain[FIELDS][NAME_CAP];
	char names[STS_STREAM_FIELDS][NAME_CAP], values[STS_STREAM_FIELDS][VALUE_CAP];
	size_t entry_count;
} world;

void
fake_reset(void)
{
	memset(&world, 0, sizeof(world));
}

static struct known *
find(const char *domain)
{
	for (size_t i = 0; i < world.known_count; i++) {
		if (strcmp(world.known[i].entry.domain, domain) == 0)
			return &world.known[i];
	}
	return NULL;
}

static struct known *
learn(const char *domain, enum sts_entry_state state)
{
	struct known *k = find(domain);

	if (k == NULL) {
		assert(world.known_count < DOMAINS);
		k = &world.known[world.known_count++];
	}
	memset(k, 0, sizeof(*k));
	snprintf(k->domain, sizeof(k->domain), "%s", domain);
	k->entry.domain = k->domain;
	k->entry.id = k->id;
	k->entry.state = state;
	return k;
}

void
fake_policy(const char *domain, enum sts_mode mode, const char *id, const char *mx)
{
	struct known *k = learn(domain, STS_STATE_POLICY);

	snprintf(k->id, sizeof(k->id), "%s", id);
	snprintf(k->mx_text, sizeof(k->mx_text), "%s", mx);
	k->mx[0] = k->mx_text;
	k->policy = (struct sts_policy){ .mode = mode, .max_age_s = 86400, .mx_count = 1, .mx = k->mx };
	k->entry.policy = &k->policy;
}

void
fake_absent(const char *domain)
{
	learn(domain, STS_STATE_ABSENT);
}

void
fake_failed(const char *domain, enum sts_reason reason)
{
	learn(domain, STS_STATE_FAILED)->entry.reason = reason;
}

void
fake_known_from(const char *domain, int64_t at_ms)
{
	find(domain)->from_ms = at_ms;
}

void
fake_confirmed(const char *domain, int64_t at)
{
	find(domain)->entry.checked = at;
}

void
fake_lookup_fails(void)
{
	world.lookup_fails = true;
}

size_t
fake_waits(void)
{
	return world.waits;
}

size_t
fake_lookups(void)
{
	return world.lookups;
}

size_t
fake_open_lookups(void)
{
	return world.open;
}

bool
fake_asked(const char *domain)
{
	for (size_t i = 0; i < world.lookups; i++) {
		if (strcmp(world.asked[i], domain) == 0)
			return true;
	}
	return false;
}

enum sts_status
sts_cache_lookup(struct sts_cache *cache, const char *domain, const struct sts_ipaddr *client, struct sts_lookup **out)
{
	(void)cache, (void)client;
	*out = NULL;
	if (world.lookup_fails) {
		world.lookup_fails = false;
		return STS_ENOMEM;
	}
	assert(world.lookups < 2 * DOMAINS && domain[0] != '\0');
	*out = calloc(1, sizeof(**out));
	assert(*out != NULL);
	snprintf((*out)->domain, sizeof((*out)->domain), "%s", domain);
	snprintf(world.asked[world.lookups++], STS_DOMAIN_CAP, "%s", domain);
	world.open++;
	return STS_OK;
}

void
sts_lookup_wait(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out)
{
	struct known *k = find(lookup->domain);

	world.waits++;
	*out = (struct sts_answer){ NULL, STS_REASON_PENDING, STS_SOURCE_NOWHERE };
	if (k == NULL || deadline_ms < k->from_ms)
		return;
	/* Once it is there, it is there for all look-ups. */
	k->from_ms = 0;
	*out = (struct sts_answer){ &k->entry, STS_REASON_NONE, STS_SOURCE_MEMORY };
}

void
sts_lookup_release(struct sts_lookup **lookup)
{
	if (*lookup == NULL)
		return;
	free(*lookup);
	*lookup = NULL;
	world.open--;
}

static void
copy_fields(const char *const *fields, char out[FIELDS][NAME_CAP])
{
	memset(out, 0, sizeof(char[FIELDS][NAME_CAP]));
	for (size_t i = 0; fields != NULL && fields[i] != NULL; i++) {
		assert(i < FIELDS);
		snprintf(out[i], NAME_CAP, "%s", fields[i]);
	}
}

void
sts_writer_record(struct sts_writer *writer, const struct sts_counts_message *message, struct sts_stream_entry *entry)
{
	(void)writer;
	world.records++;
	snprintf(world.record_domain, sizeof(world.record_domain), "%s", message->domain != NULL ? message->domain : "");
	copy_fields(message->total_fields, world.total);
	copy_fields(message->domain_fields, world.domain);
	world.entry_count = entry != NULL ? entry->field_count : 0;
	for (size_t i = 0; i < world.entry_count; i++) {
		snprintf(world.names[i], NAME_CAP, "%s", entry->fields[i].name);
		snprintf(world.values[i], VALUE_CAP, "%s", entry->fields[i].value);
	}
	if (entry != NULL)
		free(entry->block);
}

void
sts_writer_take(struct sts_writer *writer, struct sts_mail_record *record)
{
	if (record->entry.field_count > 0) {
		sts_writer_record(writer, &record->message, &record->entry);
		return;
	}
	sts_writer_record(writer, &record->message, NULL);
	free(record);
}

size_t
fake_records(void)
{
	return world.records;
}

const char *
fake_record_domain(void)
{
	return world.record_domain;
}

static bool
has_field(char fields[FIELDS][NAME_CAP], const char *field)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (strcmp(fields[i], field) == 0)
			return true;
	}
	return false;
}

bool
fake_counted(const char *field)
{
	return has_field(world.total, field);
}

bool
fake_counted_for_domain(const char *field)
{
	return has_field(world.domain, field);
}

const char *
fake_entry_field(const char *name)
{
	for (size_t i = 0; i < world.entry_count; i++) {
		if (strcmp(world.names[i], name) == 0)
			return world.values[i];
	}
	return NULL;
}

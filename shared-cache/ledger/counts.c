/* SPDX-License-Identifier: ISC */
/*
 * counts.c - which rows a message is counted in: one table is live, one is frozen. Knows neither the store nor
 * locks. Field names are stored once for all rows.
 */
#include "config.h"

#include "shared-cache/ledger/counts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/ledger/counts_table.h"
#include "shared-cache/ledger/known_domains.h"

enum {
	NAMES_MAX = 2000,	/* different fields; the MTA names the ciphers, but there are not that many */
	MESSAGE_FIELDS_MAX = 64,
	KNOWN_PER_DOMAIN = 4,	/* a known domain costs a tenth of a row */
	HOLD_S = 86400,		/* time for the second message of a stranger to come */
	STALE_PER_MESSAGE = 2,
	DAY_S = 86400,
};

struct name {
	UT_hash_handle hh;
	char text[];
};

struct sts_counts_spent {
	struct sts_counts_table table;
};

struct sts_counts {
	size_t max_domains;
	struct name *names;
	const char *trusted;		/* sts_counts_trust_names */
	size_t trusted_size;
	struct sts_known_domains *known;
	struct sts_counts_table live, frozen;
	struct sts_counts_table held;		/* sums of the held messages, under `other' */
	struct sts_counts_batch batch;	/* of frozen; sequence is that of the last batch */
	bool has_batch;
	struct sts_counts_spent *spare;	/* allocated beforehand, so that done cannot fail */
	uint64_t folded, strangers;
	int64_t day_number;		/* the day as a number */
	char day[STS_DAY_CAP];
};

/* ---- names ---- */

static struct name *
find_name(const struct sts_counts *c, const char *text, size_t len)
{
	struct name *name;

	HASH_FIND(hh, c->names, text, len, name);
	return name;
}

static struct name *
add_name(struct sts_counts *c, const char *text, size_t len)
{
	struct name *name = calloc(1, sizeof(*name) + len + 1);

	if (name == NULL)
		return NULL;
	memcpy(name->text, text, len);
	HASH_ADD_KEYPTR(hh, c->names, name->text, len, name);
	if (name->hh.tbl != NULL)
		return name;
	free(name);
	return NULL;
}

/* The only copy of a field's name; `other` when there are too many names, or no memory for one more. */
static const char *
intern(struct sts_counts *c, const char *text)
{
	size_t len;
	struct name *name;

	if ((uintptr_t)text - (uintptr_t)c->trusted < c->trusted_size)
		return text;
	len = strnlen(text, STS_COUNT_FIELD_CAP - 1);
	name = find_name(c, text, len);
	if (name == NULL && HASH_COUNT(c->names) < NAMES_MAX)
		name = add_name(c, text, len);
	return name != NULL ? name->text : STS_COUNTS_OTHER;
}

static void
free_names(struct sts_counts *c)
{
	struct name *name, *next;

	HASH_ITER(hh, c->names, name, next) {
		HASH_DEL(c->names, name);
		free(name);
	}
}

static const char *const *
fields_for(const struct sts_counts_message *m, const char *domain)
{
	return domain[0] == '\0' ? m->total_fields : m->domain_fields;
}

static size_t
count_fields(const char *const *fields)
{
	size_t count = 0;

	while (fields != NULL && fields[count] != NULL && count < MESSAGE_FIELDS_MAX)
		count++;
	return count;
}

/* Whether the row is the message's own domain: neither the totals nor `other' have a history. */
static bool
is_of(const char *domain, const struct sts_counts_message *m)
{
	return domain[0] != '\0' && m->domain != NULL && strcmp(domain, m->domain) == 0;
}

/* Adds the message to the row of domain, completely or not at all. */
static bool
add_to_row(struct sts_counts *c, const struct sts_counts_message *m, const char *day, const char *domain)
{
	const char *const *fields = fields_for(m, domain);
	const struct sts_counts_row times = { .first_seen = m->now, .last_seen = m->now,
		.last_plaintext = m->plaintext ? m->now : 0, .messages = 1 };
	size_t count = count_fields(fields);
	struct sts_counts_slot *slot = sts_counts_table_find_or_add(&c->live, day, domain);

	if (slot == NULL || !sts_counts_table_reserve(&c->live, slot, count))
		return false;
	for (size_t i = 0; i < count; i++)
		sts_counts_table_add(&c->live, slot, intern(c, fields[i]), 1);
	slot->listed = slot->listed || !m->stranger;
	sts_counts_table_times(&c->live.rows[slot->index], &times);
	if (is_of(domain, m)) {
		c->live.rows[slot->index].own_tls += m->own_tls;
		c->live.rows[slot->index].own_plaintext += m->own_plaintext;
	}
	return true;
}

/* ---- days ---- */

static int64_t
day_number_of(int64_t now)
{
	return now / DAY_S - (now % DAY_S < 0);
}

void
sts_day_of(int64_t now, char out[STS_DAY_CAP])
{
	time_t t = (time_t)now;
	struct tm tm;

	/* Only a broken clock has a year with more than four digits; use some valid day. */
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		strcpy(out, "1970-01-01");
	else
		strftime(out, STS_DAY_CAP, "%Y-%m-%d", &tm);
}

static void
set_day(struct sts_counts *c, int64_t now)
{
	int64_t number = day_number_of(now);

	if (c->day[0] != '\0' && number == c->day_number)
		return;
	sts_day_of(now, c->day);
	c->day_number = number;
}

/* ---- life ---- */

static enum sts_status
draw_incarnation(char out[33])
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return STS_ESYS;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return STS_OK;
}

enum sts_status
sts_counts_new(size_t max_domains, struct sts_counts **out)
{
	struct sts_counts *c = calloc(1, sizeof(*c));
	enum sts_status status;

	*out = NULL;
	if (c == NULL)
		return STS_ENOMEM;
	c->max_domains = max_domains;
	status = draw_incarnation(c->batch.incarnation);
	if (status == STS_OK)
		status = sts_known_domains_new(max_domains, KNOWN_PER_DOMAIN * max_domains, &c->known);
	if (status == STS_OK)
		*out = c;
	else
		sts_counts_free(&c);
	return status;
}

void
sts_counts_free(struct sts_counts **counts)
{
	struct sts_counts *c = *counts;

	if (c == NULL)
		return;
	sts_counts_table_fini(&c->live);
	sts_counts_table_fini(&c->frozen);
	sts_counts_table_fini(&c->held);
	sts_known_domains_free(&c->known);
	free_names(c);
	free(c->spare);
	free(c);
	*counts = NULL;
}

void
sts_counts_trust_names(struct sts_counts *counts, const char *begin, size_t size)
{
	counts->trusted = begin;
	counts->trusted_size = size;
}

/* ---- adding ---- */

static bool
has_room_for(struct sts_counts *c, const char *day, const char *domain)
{
	if (c->live.domain_count < c->max_domains || sts_counts_table_find(&c->live, day, domain) != NULL)
		return true;
	c->folded += sts_counts_table_fold(&c->live);
	return c->live.domain_count < c->max_domains;
}

/* If there is no memory even for this row, the message is in the totals only. */
static void
add_to_other(struct sts_counts *c, const struct sts_counts_message *m, const char *day)
{
	(void)add_to_row(c, m, day, STS_COUNTS_OTHER);
	c->folded++;
}

static void
add_to_domain(struct sts_counts *c, const struct sts_counts_message *m, const char *day)
{
	if (!has_room_for(c, day, m->domain) || !add_to_row(c, m, day, m->domain))
		add_to_other(c, m, day);
}

static void
add_to_strangers(struct sts_counts *c, const struct sts_counts_message *m, const char *day)
{
	(void)add_to_row(c, m, day, STS_COUNTS_OTHER);
	c->strangers++;
}

/* Adds a held message to the sums of the held ones (n = 1), or takes it out (-1). Without memory, they lack it. */
static void
sum_held(struct sts_counts *c, const struct sts_held_message *held, int64_t n)
{
	const struct sts_counts_row times = { .first_seen = held->now, .last_seen = held->now,
		.last_plaintext = held->plaintext ? held->now : 0, .messages = n > 0 };
	size_t count = count_fields(held->fields);
	struct sts_counts_slot *slot;
	char day[STS_DAY_CAP];

	sts_day_of(held->now, day);
	slot = sts_counts_table_find_or_add(&c->held, day, STS_COUNTS_OTHER);
	if (slot == NULL || !sts_counts_table_reserve(&c->held, slot, count))
		return;
	for (size_t i = 0; i < count; i++)
		sts_counts_table_add(&c->held, slot, held->fields[i], n);
	if (n > 0)
		sts_counts_table_times(&c->held.rows[slot->index], &times);
}

/* Counts a held message by add, and frees it. */
static void
release(struct sts_counts *c, struct sts_held_message *held,
    void (*add)(struct sts_counts *c, const struct sts_counts_message *m, const char *day))
{
	const struct sts_counts_message m = { .domain = held->domain, .now = held->now, .plaintext = held->plaintext,
		.stranger = true, .domain_fields = held->fields };
	char day[STS_DAY_CAP];

	sts_day_of(held->now, day);
	add(c, &m, day);
	sum_held(c, held, -1);
	free(held);
	if (sts_known_domains_held_count(c->known) == 0)
		sts_counts_table_fini(&c->held);
}

/* True when the message is now held: then nothing else is to be done for it. */
static bool
hold(struct sts_counts *c, const struct sts_counts_message *m)
{
	const char *names[MESSAGE_FIELDS_MAX + 1] = { NULL };
	const struct sts_held_message message = { m->now, m->plaintext, names, m->domain };
	size_t count = count_fields(m->domain_fields);

	for (size_t i = 0; i < count; i++)
		names[i] = intern(c, m->domain_fields[i]);
	if (sts_known_domains_hold(c->known, &message) != STS_OK)
		return false;
	sum_held(c, &message, 1);
	return true;
}

static void
settle_stale(struct sts_counts *c, int64_t now)
{
	struct sts_held_message *stale;

	for (int i = 0; i < STALE_PER_MESSAGE; i++) {
		if ((stale = sts_known_domains_take_stale(c->known, now - HOLD_S)) == NULL)
			return;
		release(c, stale, add_to_strangers);
	}
}

static void
add_domain(struct sts_counts *c, const struct sts_counts_message *m)
{
	struct sts_held_message *first = sts_known_domains_take_held(c->known, m->domain);

	if (m->stranger && first == NULL && !sts_known_domains_contains(c->known, m->domain) && hold(c, m))
		return;
	if (first != NULL)
		release(c, first, add_to_domain);
	sts_known_domains_add(c->known, m->domain);
	add_to_domain(c, m, c->day);
}

enum sts_status
sts_counts_add(struct sts_counts *counts, const struct sts_counts_message *message)
{
	const char *domain = message->domain != NULL ? message->domain : "";

	assert(strlen(domain) < STS_DOMAIN_CAP);
	set_day(counts, message->now);
	if (!add_to_row(counts, message, counts->day, ""))
		return STS_ENOMEM;
	counts->live.messages++;
	if (domain[0] != '\0')
		add_domain(counts, message);
	settle_stale(counts, message->now);
	return STS_OK;
}

void
sts_counts_settle(struct sts_counts *counts)
{
	struct sts_held_message *held;

	while ((held = sts_known_domains_take_stale(counts->known, INT64_MAX)) != NULL)
		release(counts, held, add_to_strangers);
}

/* ---- what an earlier process counted ---- */

size_t
sts_counts_loose(const struct sts_counts *counts, const struct sts_counts_row **out)
{
	*out = counts->live.rows;
	return counts->live.row_count;
}

size_t
sts_counts_held(const struct sts_counts *counts, const struct sts_counts_row **out)
{
	*out = counts->held.rows;
	return counts->held.row_count;
}

enum sts_status
sts_counts_restore(struct sts_counts *counts, const struct sts_counts_row *row)
{
	bool fits = strcmp(row->domain, STS_COUNTS_OTHER) == 0 || row->domain[0] == '\0' || has_room_for(counts, row->day, row->domain);
	struct sts_counts_slot *slot = sts_counts_table_find_or_add(&counts->live, row->day, fits ? row->domain : STS_COUNTS_OTHER);
	struct sts_counts_row *into;

	if (slot == NULL || !sts_counts_table_reserve(&counts->live, slot, row->field_count))
		return STS_ENOMEM;
	for (size_t i = 0; i < row->field_count; i++)
		sts_counts_table_add(&counts->live, slot, intern(counts, row->fields[i].field), row->fields[i].n);
	into = &counts->live.rows[slot->index];
	sts_counts_table_times(into, row);
	if (row->domain[0] == '\0')
		counts->live.messages += row->messages;
	else if (fits && strcmp(row->domain, STS_COUNTS_OTHER) != 0) {
		slot->listed = true;
		into->own_tls += row->own_tls;
		into->own_plaintext += row->own_plaintext;
		sts_known_domains_add(counts->known, row->domain);
	}
	return STS_OK;
}

/* ---- batches ---- */

enum sts_status
sts_counts_freeze(struct sts_counts *counts, const struct sts_counts_batch **out)
{
	*out = NULL;
	if (!counts->has_batch && counts->live.row_count > 0) {
		if (counts->spare == NULL && (counts->spare = calloc(1, sizeof(*counts->spare))) == NULL)
			return STS_ENOMEM;
		counts->frozen = counts->live;
		memset(&counts->live, 0, sizeof(counts->live));
		counts->batch.sequence++;
		counts->batch.row_count = counts->frozen.row_count;
		counts->batch.rows = counts->frozen.rows;
		counts->has_batch = true;
	}
	if (counts->has_batch)
		*out = &counts->batch;
	return STS_OK;
}

void
sts_counts_done(struct sts_counts *counts, struct sts_counts_spent **out)
{
	assert(counts->has_batch);
	*out = counts->spare;
	(*out)->table = counts->frozen;
	counts->spare = NULL;
	memset(&counts->frozen, 0, sizeof(counts->frozen));
	counts->has_batch = false;
}

void
sts_counts_spent_free(struct sts_counts_spent **spent)
{
	if (*spent == NULL)
		return;
	sts_counts_table_fini(&(*spent)->table);
	free(*spent);
	*spent = NULL;
}

void
sts_counts_pending(const struct sts_counts *counts, size_t *rows, uint64_t *messages)
{
	*rows = counts->live.row_count + counts->frozen.row_count;
	*messages = counts->live.messages + counts->frozen.messages;
}

size_t
sts_counts_room(const struct sts_counts *counts)
{
	return counts->live.domain_count < counts->max_domains ? counts->max_domains - counts->live.domain_count : 0;
}

uint64_t
sts_counts_folded(const struct sts_counts *counts)
{
	return counts->folded;
}

void
sts_counts_strangers(const struct sts_counts *counts, size_t *held, uint64_t *settled)
{
	*held = sts_known_domains_held_count(counts->known);
	*settled = counts->strangers;
}

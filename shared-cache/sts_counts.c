/* SPDX-License-Identifier: ISC */
/*
 * sts_counts.c - rows of counters: one table that is added to, one that is frozen. Knows neither the store nor locks.
 *
 * The rows stand in an array in the very form the store reads, so that freezing is a swap. Field names are kept once for all
 * rows; a row's fields are few, and their names are compared as pointers.
 */
#include "config.h"

#include "shared-cache/sts_counts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "shared-cache/sts_hash.h"

enum {
	NAMES_MAX = 2000,	/* different fields; ciphers are the MTA's words, and there are not that many */
	MESSAGE_FIELDS_MAX = 64,
	FIRST_ROWS = 64,
	FIRST_FIELDS = 16,
	DAY_S = 86400,
};

static const char other[] = "other";

struct name {
	UT_hash_handle hh;
	char text[];
};

/* Finds a row. The key is the day and, after it, the domain. */
struct slot {
	UT_hash_handle hh;
	size_t index;		/* into the table's rows */
	size_t cap;		/* of fields */
	struct sts_count *fields;
	char key[];
};

struct table {
	struct slot *slots;
	struct sts_counts_row *rows;
	size_t row_count, row_cap, domain_count;
	uint64_t messages;
};

struct sts_counts_spent {
	struct table table;
};

struct sts_counts {
	size_t max_domains;
	struct name *names;
	struct table live, frozen;
	struct sts_counts_batch batch;	/* of frozen; sequence is that of the last one made */
	bool has_batch;
	struct sts_counts_spent *spare;	/* there before it is needed, so that done cannot fail */
	uint64_t folded;
	int64_t day_number;		/* of day */
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

/* The one copy of a field's name; `other` when there are too many names, or no memory for one more. */
static const char *
intern(struct sts_counts *c, const char *text)
{
	size_t len = strnlen(text, STS_COUNT_FIELD_CAP - 1);
	struct name *name = find_name(c, text, len);

	if (name == NULL && HASH_COUNT(c->names) < NAMES_MAX)
		name = add_name(c, text, len);
	return name != NULL ? name->text : other;
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

/* ---- rows ---- */

static void
table_fini(struct table *t)
{
	struct slot *slot, *next;

	HASH_ITER(hh, t->slots, slot, next) {
		HASH_DEL(t->slots, slot);
		free(slot->fields);
		free(slot);
	}
	free(t->rows);
	memset(t, 0, sizeof(*t));
}

static bool
reserve_row(struct table *t)
{
	size_t cap = t->row_cap == 0 ? FIRST_ROWS : 2 * t->row_cap;
	struct sts_counts_row *grown;

	if (t->row_count < t->row_cap)
		return true;
	grown = realloc(t->rows, cap * sizeof(*grown));
	if (grown == NULL)
		return false;
	t->rows = grown;
	t->row_cap = cap;
	return true;
}

static size_t
make_key(const char *day, const char *domain, char key[STS_DAY_CAP + STS_DOMAIN_CAP])
{
	return (size_t)(stpcpy(stpcpy(key, day), domain) - key);
}

static struct slot *
find_slot(const struct table *t, const char *day, const char *domain)
{
	char key[STS_DAY_CAP + STS_DOMAIN_CAP];
	size_t len = make_key(day, domain, key);
	struct slot *slot;

	HASH_FIND(hh, t->slots, key, len, slot);
	return slot;
}

static struct slot *
add_slot(struct table *t, const char *day, const char *domain)
{
	char key[STS_DAY_CAP + STS_DOMAIN_CAP];
	size_t len = make_key(day, domain, key);
	struct sts_counts_row *row;
	struct slot *slot;

	if (!reserve_row(t) || (slot = calloc(1, sizeof(*slot) + len + 1)) == NULL)
		return NULL;
	memcpy(slot->key, key, len);
	HASH_ADD_KEYPTR(hh, t->slots, slot->key, len, slot);
	if (slot->hh.tbl == NULL) {
		free(slot);
		return NULL;
	}
	slot->index = t->row_count++;
	row = &t->rows[slot->index];
	memset(row, 0, sizeof(*row));
	strcpy(row->domain, domain);
	strcpy(row->day, day);
	t->domain_count += domain[0] != '\0';
	return slot;
}

static bool
reserve_fields(struct table *t, struct slot *slot, size_t more)
{
	struct sts_counts_row *row = &t->rows[slot->index];
	size_t cap = slot->cap == 0 ? FIRST_FIELDS : slot->cap;
	struct sts_count *grown;

	while (cap < row->field_count + more)
		cap *= 2;
	if (cap == slot->cap)
		return true;
	grown = realloc(slot->fields, cap * sizeof(*grown));
	if (grown == NULL)
		return false;
	row->fields = slot->fields = grown;
	slot->cap = cap;
	return true;
}

static void
add_field(struct table *t, struct slot *slot, const char *name)
{
	struct sts_counts_row *row = &t->rows[slot->index];

	for (size_t i = 0; i < row->field_count; i++) {
		if (slot->fields[i].field == name) {
			slot->fields[i].n++;
			return;
		}
	}
	assert(row->field_count < slot->cap);
	slot->fields[row->field_count++] = (struct sts_count){ name, 1 };
}

static void
add_times(struct sts_counts_row *row, const struct sts_counts_message *m)
{
	if (row->messages == 0 || m->now < row->first_seen)
		row->first_seen = m->now;
	if (m->now > row->last_seen)
		row->last_seen = m->now;
	if (m->plaintext && m->now > row->last_plaintext)
		row->last_plaintext = m->now;
}

/* The message into the row of domain, whole or not at all. */
static bool
add_to_row(struct sts_counts *c, const struct sts_counts_message *m, const char *domain)
{
	const char *const *fields = domain[0] == '\0' ? m->total_fields : m->domain_fields;
	struct slot *slot = find_slot(&c->live, c->day, domain);
	size_t count = 0;

	while (fields != NULL && fields[count] != NULL && count < MESSAGE_FIELDS_MAX)
		count++;
	if (slot == NULL)
		slot = add_slot(&c->live, c->day, domain);
	if (slot == NULL || !reserve_fields(&c->live, slot, count))
		return false;
	for (size_t i = 0; i < count; i++)
		add_field(&c->live, slot, intern(c, fields[i]));
	add_times(&c->live.rows[slot->index], m);
	c->live.rows[slot->index].messages++;
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

	/* A year of more than four digits is nobody's; the clock is broken, and some day has to be named. */
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
	table_fini(&c->live);
	table_fini(&c->frozen);
	free_names(c);
	free(c->spare);
	free(c);
	*counts = NULL;
}

/* ---- adding ---- */

static bool
is_bounded_out(const struct sts_counts *c, const char *domain)
{
	return c->live.domain_count >= c->max_domains && find_slot(&c->live, c->day, domain) == NULL;
}

enum sts_status
sts_counts_add(struct sts_counts *counts, const struct sts_counts_message *message)
{
	const char *domain = message->domain != NULL ? message->domain : "";

	assert(strlen(domain) < STS_DOMAIN_CAP);
	set_day(counts, message->now);
	if (!add_to_row(counts, message, ""))
		return STS_ENOMEM;
	counts->live.messages++;
	if (domain[0] == '\0')
		return STS_OK;
	if (!is_bounded_out(counts, domain) && add_to_row(counts, message, domain))
		return STS_OK;
	/* Without memory even for this row, the totals are all that is kept. */
	(void)add_to_row(counts, message, other);
	counts->folded++;
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
	table_fini(&(*spent)->table);
	free(*spent);
	*spent = NULL;
}

void
sts_counts_pending(const struct sts_counts *counts, size_t *rows, uint64_t *messages)
{
	*rows = counts->live.row_count + counts->frozen.row_count;
	*messages = counts->live.messages + counts->frozen.messages;
}

uint64_t
sts_counts_folded(const struct sts_counts *counts)
{
	return counts->folded;
}

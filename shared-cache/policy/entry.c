/* SPDX-License-Identifier: ISC */
/* entry.c - cache entries: creation, reference counts, ageing, encoding. Knows nothing of Redis, caches or clocks. */
#include "config.h"

#include "shared-cache/policy/entry.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

enum {
	CLOCK_SKEW_S = 300,		/* between the clocks of a fleet, at most */
	NEGATIVE_MAX_S = 86400,		/* no negative entry lives longer, whoever wrote it */
	TIME_DIGITS = 12,
};

/* The whole of an entry; the public part comes first. */
struct counted_entry {
	struct sts_entry entry;
	struct sts_policy_text *text;	/* one reference, or NULL */
	atomic_uint refs;
	char names[];			/* domain and id, each NUL-terminated */
};

static struct counted_entry *
counted(const struct sts_entry *entry)
{
	return (struct counted_entry *)(uintptr_t)entry;
}

static bool
is_id(const char *id)
{
	size_t len = strlen(id);

	for (size_t i = 0; i < len; i++)
		if (!sts_ascii_is_alnum(id[i]))
			return false;
	return len <= STS_ID_MAX;
}

static bool
is_domain(const char *name)
{
	char normal[STS_DOMAIN_CAP];

	return sts_domain_normalise(name, strlen(name), normal) == STS_DOMAIN_OK && strcmp(name, normal) == 0;
}

/* Reasons that concern a domain; "pending" and those that concern a session are never cached. */
static bool
is_domain_reason(enum sts_reason reason)
{
	return reason >= STS_REASON_DNS_TIMEOUT && reason < STS_REASON_COUNT;
}

static bool
state_fits(const struct sts_entry_spec *spec)
{
	const char *id = spec->id != NULL ? spec->id : "";

	switch (spec->state) {
	case STS_STATE_POLICY:
		return id[0] != '\0' && spec->fetched > 0 && spec->text_len > 0 &&
		    (spec->reason == STS_REASON_NONE || is_domain_reason(spec->reason));
	case STS_STATE_ABSENT:
		return spec->reason == STS_REASON_NONE && spec->fetched == 0 && spec->text_len == 0;
	case STS_STATE_FAILED:
		return is_domain_reason(spec->reason) && spec->fetched == 0 && spec->text_len == 0;
	}
	return false;
}

static bool
spec_is_sound(const struct sts_entry_spec *spec)
{
	return is_domain(spec->domain) && (spec->id == NULL || is_id(spec->id)) && state_fits(spec) &&
	    spec->checked > 0 && spec->expires > 0 && spec->retry >= 0;
}

static enum sts_status
parse_text(const struct sts_entry_spec *spec, struct sts_policy_text **out)
{
	enum sts_status status;

	*out = NULL;
	if (spec->state != STS_STATE_POLICY)
		return STS_OK;
	if ((status = sts_policy_text_new(spec->text, spec->text_len, NULL, out)) != STS_OK)
		return status;
	if (spec->expires - spec->fetched <= (int64_t)(*out)->policy->max_age_s)
		return STS_OK;
	sts_policy_text_unref(out);
	return STS_EINVAL;
}

/* Takes over the reference to text, which may be NULL, even when it returns NULL (out of memory). */
static struct sts_entry *
build(const struct sts_entry_spec *spec, struct sts_policy_text *text)
{
	const char *id = spec->id != NULL ? spec->id : "";
	size_t domain_size = strlen(spec->domain) + 1, id_size = strlen(id) + 1;
	struct counted_entry *c = malloc(sizeof(*c) + domain_size + id_size);

	if (c == NULL) {
		sts_policy_text_unref(&text);
		return NULL;
	}
	memcpy(c->names, spec->domain, domain_size);
	memcpy(c->names + domain_size, id, id_size);
	c->entry = (struct sts_entry){
		.domain = c->names,
		.id = c->names + domain_size,
		.state = spec->state,
		.reason = spec->reason,
		.fetched = spec->fetched,
		.checked = spec->checked,
		.expires = spec->expires,
		.retry = spec->retry,
	};
	c->text = text;
	if (text != NULL) {
		c->entry.policy = text->policy;
		c->entry.text = text->text;
		c->entry.text_len = text->len;
	}
	atomic_init(&c->refs, 1);
	return &c->entry;
}

enum sts_status
sts_entry_new(const struct sts_entry_spec *spec, struct sts_entry **out)
{
	struct sts_policy_text *text;
	enum sts_status status;

	*out = NULL;
	if (!spec_is_sound(spec))
		return STS_EINVAL;
	if ((status = parse_text(spec, &text)) != STS_OK)
		return status;
	*out = build(spec, text);
	return *out == NULL ? STS_ENOMEM : STS_OK;
}

struct sts_entry *
sts_entry_again(const struct sts_entry_spec *spec)
{
	return build(spec, NULL);
}

struct sts_policy_text *
sts_entry_policy_text(const struct sts_entry *entry)
{
	return counted(entry)->text;
}

struct sts_entry *
sts_entry_with_text(const struct sts_entry *entry, struct sts_policy_text *text)
{
	const struct sts_entry_spec spec = { .domain = entry->domain, .state = entry->state, .reason = entry->reason, .id = entry->id,
		.fetched = entry->fetched, .checked = entry->checked, .expires = entry->expires, .retry = entry->retry };

	return build(&spec, sts_policy_text_ref(text));
}

struct sts_entry *
sts_entry_ref(struct sts_entry *entry)
{
	atomic_fetch_add_explicit(&counted(entry)->refs, 1, memory_order_relaxed);
	return entry;
}

void
sts_entry_unref(struct sts_entry **entry)
{
	struct counted_entry *c;

	if (*entry == NULL)
		return;
	c = counted(*entry);
	*entry = NULL;
	/* Release: this thread's reads happen before the free. Acquire: the thread that frees sees those of all others. */
	if (atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
		return;
	sts_policy_text_unref(&c->text);
	free(c);
}

size_t
sts_entry_size(const struct sts_entry *entry)
{
	size_t size = sizeof(struct counted_entry) + strlen(entry->domain) + strlen(entry->id) + 2;
	const struct sts_policy_text *text = counted(entry)->text;

	return text == NULL ? size : size + sts_policy_text_size(text);
}

bool
sts_entry_is_live(const struct sts_entry *entry, int64_t now)
{
	return now < entry->expires && entry->fetched <= now + CLOCK_SKEW_S && entry->checked <= now + CLOCK_SKEW_S;
}

/* The interval, shortened by up to 10 %. FNV-1a, because the answer must be the same in every process and after a restart, while
 * hash.h draws a new seed. Nobody gains anything by choosing a name for its jitter. */
static int64_t
jittered(int64_t interval, const struct sts_entry *entry, uint32_t salt)
{
	uint32_t h = 2166136261u;

	for (int i = 0; i < 4; i++)
		h = (h ^ (salt >> (8 * i) & 0xff)) * 16777619u;
	for (const char *p = entry->domain; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	h ^= h >> 16;
	return interval - interval / 10 * (int64_t)(h & 1023) / 1024;
}

static int64_t
fetch_due_at(const struct sts_entry *entry, const struct sts_entry_intervals *intervals)
{
	int64_t interval = (int64_t)entry->policy->max_age_s * 3 / 4;

	if (intervals->refresh_s < interval)
		interval = intervals->refresh_s;
	return entry->fetched + jittered(interval, entry, intervals->salt);
}

int64_t
sts_entry_due(const struct sts_entry *entry, const struct sts_entry_intervals *intervals)
{
	int64_t due = entry->expires;

	if (entry->state == STS_STATE_POLICY) {
		int64_t fetch = fetch_due_at(entry, intervals);
		int64_t recheck = entry->checked + jittered(intervals->recheck_s, entry, intervals->salt);

		due = fetch < recheck ? fetch : recheck;
	}
	return due > entry->retry ? due : entry->retry;
}

bool
sts_entry_fetch_due(const struct sts_entry *entry, const struct sts_entry_intervals *intervals, int64_t now)
{
	return entry->state != STS_STATE_POLICY || now >= fetch_due_at(entry, intervals);
}

static const char *const state_names[] = {
	[STS_STATE_POLICY] = "policy",
	[STS_STATE_ABSENT] = "absent",
	[STS_STATE_FAILED] = "failed",
};
enum { STATE_COUNT = sizeof(state_names) / sizeof(state_names[0]) };

const char *
sts_entry_state_name(enum sts_entry_state state)
{
	return (unsigned)state < STATE_COUNT ? state_names[state] : "";
}

/* ---- encoding ---- */

enum field { SCHEMA, STATE, ID, MODE, MX, MAX_AGE, FETCHED, CHECKED, EXPIRES, TEXT, REASON, RETRY };

static const char *const field_names[STS_ENTRY_FIELDS] = {
	[SCHEMA] = "schema", [STATE] = "state", [ID] = "id", [MODE] = "mode", [MX] = "mx", [MAX_AGE] = "max_age",
	[FETCHED] = "fetched", [CHECKED] = "checked", [EXPIRES] = "expires", [TEXT] = "text", [REASON] = "reason",
	[RETRY] = "retry",
};

static void
put_text(struct sts_entry_field *field, const char *value)
{
	field->value = value;
	field->len = strlen(value);
}

static void
put_number(struct sts_entry_field *fields, enum field which, int64_t n, struct sts_entry_scratch *scratch)
{
	snprintf(scratch->numbers[which], sizeof(scratch->numbers[which]), "%lld", (long long)n);
	put_text(&fields[which], scratch->numbers[which]);
}

/* The mx joined by spaces; the caller frees it. NULL when out of memory. */
static char *
join_mx(const struct sts_policy *policy)
{
	size_t size = 1;
	char *joined, *end;

	for (size_t i = 0; i < policy->mx_count; i++)
		size += strlen(policy->mx[i]) + 1;
	if ((joined = end = malloc(size)) == NULL)
		return NULL;
	for (size_t i = 0; i < policy->mx_count; i++) {
		if (i > 0)
			*end++ = ' ';
		end = stpcpy(end, policy->mx[i]);
	}
	*end = '\0';
	return joined;
}

enum sts_status
sts_entry_encode(const struct sts_entry *entry, struct sts_entry_field fields[STS_ENTRY_FIELDS],
    struct sts_entry_scratch *scratch)
{
	memset(scratch, 0, sizeof(*scratch));
	for (size_t i = 0; i < STS_ENTRY_FIELDS; i++)
		fields[i] = (struct sts_entry_field){ field_names[i], "", 0 };
	put_number(fields, SCHEMA, STS_ENTRY_SCHEMA, scratch);
	put_text(&fields[STATE], sts_entry_state_name(entry->state));
	put_text(&fields[ID], entry->id);
	put_number(fields, FETCHED, entry->fetched, scratch);
	put_number(fields, CHECKED, entry->checked, scratch);
	put_number(fields, EXPIRES, entry->expires, scratch);
	put_text(&fields[REASON], sts_reason_name(entry->reason));
	put_number(fields, RETRY, entry->retry, scratch);
	if (entry->policy == NULL)
		return STS_OK;
	if ((scratch->mx = join_mx(entry->policy)) == NULL)
		return STS_ENOMEM;
	put_text(&fields[MODE], sts_mode_name(entry->policy->mode));
	put_text(&fields[MX], scratch->mx);
	put_number(fields, MAX_AGE, entry->policy->max_age_s, scratch);
	fields[TEXT].value = entry->text;
	fields[TEXT].len = entry->text_len;
	return STS_OK;
}

void
sts_entry_scratch_fini(struct sts_entry_scratch *scratch)
{
	free(scratch->mx);
	scratch->mx = NULL;
}

/* ---- decoding: any byte may come from somebody else ---- */

static bool
find_fields(const struct sts_entry_field *given, size_t count, struct sts_entry_field found[STS_ENTRY_FIELDS])
{
	for (size_t i = 0; i < STS_ENTRY_FIELDS; i++) {
		size_t k = 0;

		while (k < count && strcmp(given[k].name, field_names[i]) != 0)
			k++;
		if (k == count)
			return false;
		found[i] = given[k];
	}
	return true;
}

static bool
field_is(const struct sts_entry_field *field, const char *text)
{
	return field->len == strlen(text) && memcmp(field->value, text, field->len) == 0;
}

static bool
get_state(const struct sts_entry_field *field, enum sts_entry_state *out)
{
	for (unsigned i = 0; i < STATE_COUNT; i++) {
		if (field_is(field, state_names[i])) {
			*out = (enum sts_entry_state)i;
			return true;
		}
	}
	return false;
}

static bool
get_number(const struct sts_entry_field *field, int64_t *out)
{
	unsigned long long n;

	if (!sts_text_parse_u64(field->value, field->len, TIME_DIGITS, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static bool
get_id(const struct sts_entry_field *field, char id[STS_ID_CAP])
{
	if (field->len > STS_ID_MAX || memchr(field->value, '\0', field->len) != NULL)
		return false;
	memcpy(id, field->value, field->len);
	id[field->len] = '\0';
	return true;
}

/* Rejects times that would keep an entry longer than its author can have meant. */
static bool
times_are_sane(const struct sts_entry_spec *spec, int64_t now)
{
	return spec->fetched <= now + CLOCK_SKEW_S && spec->checked <= now + CLOCK_SKEW_S &&
	    spec->retry <= now + NEGATIVE_MAX_S &&
	    (spec->state == STS_STATE_POLICY || spec->expires <= now + NEGATIVE_MAX_S);
}

/* mode, mx and max_age are for people and scripts; only the text counts. If one of them differs from it, somebody has
 * edited the entry, and nobody knows which one is meant. */
static enum sts_status
compare_with_text(const struct sts_entry *entry, const struct sts_entry_field found[STS_ENTRY_FIELDS])
{
	struct sts_entry_field expected[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;
	enum sts_status status = sts_entry_encode(entry, expected, &scratch);

	for (enum field i = MODE; i <= MAX_AGE && status == STS_OK; i++)
		if (found[i].len != expected[i].len || memcmp(found[i].value, expected[i].value, found[i].len) != 0)
			status = STS_EINVAL;
	sts_entry_scratch_fini(&scratch);
	return status;
}

enum sts_status
sts_entry_decode(const char *domain, const struct sts_entry_field *fields, size_t count, int64_t now, struct sts_entry **out)
{
	struct sts_entry_field found[STS_ENTRY_FIELDS];
	struct sts_entry_spec spec = { .domain = domain };
	char id[STS_ID_CAP], schema[16];
	enum sts_status status;

	*out = NULL;
	snprintf(schema, sizeof(schema), "%d", STS_ENTRY_SCHEMA);
	if (!find_fields(fields, count, found) || !field_is(&found[SCHEMA], schema) || !get_id(&found[ID], id) ||
	    !get_state(&found[STATE], &spec.state) ||
	    !sts_reason_parse(found[REASON].value, found[REASON].len, &spec.reason) ||
	    !get_number(&found[FETCHED], &spec.fetched) || !get_number(&found[CHECKED], &spec.checked) ||
	    !get_number(&found[EXPIRES], &spec.expires) || !get_number(&found[RETRY], &spec.retry) ||
	    !times_are_sane(&spec, now))
		return STS_EINVAL;
	spec.id = id;
	spec.text = found[TEXT].value;
	spec.text_len = found[TEXT].len;
	if ((status = sts_entry_new(&spec, out)) != STS_OK)
		return status;
	if ((status = compare_with_text(*out, found)) != STS_OK)
		sts_entry_unref(out);
	return status;
}

/* SPDX-License-Identifier: ISC */
/* spool_parse.c - decodes records; accepts only what a writer could have written. */
#include "config.h"

#include "shared-cache/spool/spool_record.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/ledger/tally.h"
#include "shared-cache/spool/spool_encoding.h"

enum {
	VALUE_MAX = 4096,
	ROW_FIELDS_MAX = 8192,
	HEX_DIGITS = 32,
	SLACK = 8,	/* NULs of texts that turn out to be missing */
};

static const uint64_t number_max = UINT64_C(999999999999999);	/* as in tally.h */
static const uint64_t time_max = UINT64_C(253402300799);	/* the end of year 9999 */

/* The rest of a record; empty after an error. */
struct reader {
	const unsigned char *at;
	size_t left;
	bool bad;
};

static uint64_t
get_number(struct reader *r, size_t size)
{
	uint64_t n;

	if (r->bad || r->left < size) {
		r->bad = true;
		return 0;
	}
	n = sts_spool_load(r->at, size);
	r->at += size;
	r->left -= size;
	return n;
}

static uint64_t
get_bounded(struct reader *r, uint64_t max)
{
	uint64_t n = get_number(r, 8);

	r->bad = r->bad || n > max;
	return r->bad ? 0 : n;
}

/* Returns len bytes, not NUL-terminated. */
static const char *
get_text(struct reader *r, size_t max, size_t *len)
{
	const char *text;

	*len = (size_t)get_number(r, 2);
	if (r->bad || *len > max || *len > r->left) {
		r->bad = true;
		*len = 0;
		return "";
	}
	text = (const char *)r->at;
	r->at += *len;
	r->left -= *len;
	return text;
}

static bool
is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return true;
}

/* Copies a text into an array, which it must fit. */
static void
copy_text(struct reader *r, char *out, size_t cap)
{
	size_t len;
	const char *text = get_text(r, cap - 1, &len);

	r->bad = r->bad || !is_printable(text, len);
	memcpy(out, text, r->bad ? 0 : len);
	out[r->bad ? 0 : len] = '\0';
}

static void
get_domain(struct reader *r, char out[STS_DOMAIN_CAP])
{
	char normal[STS_DOMAIN_CAP];

	copy_text(r, out, STS_DOMAIN_CAP);
	if (out[0] != '\0' && (sts_domain_normalise(out, strlen(out), normal) != STS_DOMAIN_OK || strcmp(out, normal) != 0))
		r->bad = true;
}

static void
get_day(struct reader *r, char out[STS_DAY_CAP])
{
	static const char form[] = "dddd-dd-dd";

	copy_text(r, out, STS_DAY_CAP);
	for (size_t i = 0; i < sizeof(form) - 1 && !r->bad; i++)
		if (form[i] == 'd' ? out[i] < '0' || out[i] > '9' : out[i] != form[i])
			r->bad = true;
}

/* Stores a text or list in memory that is known to be large enough: the texts of a record with their NULs are not longer than the
 * record, which has two bytes for each length. */
static const char *
keep(char **memory, const char *text, size_t len)
{
	char *kept = *memory;

	memcpy(kept, text, len);
	kept[len] = '\0';
	*memory += len + 1;
	return kept;
}

static const char *
keep_name(struct reader *r, char **memory)
{
	size_t len;
	const char *text = get_text(r, STS_TALLY_NAME_CAP - 1, &len);

	r->bad = r->bad || !sts_tally_is_name(text, len);
	return keep(memory, text, len);
}

static const char *
keep_value(struct reader *r, char **memory)
{
	size_t len;
	const char *text = get_text(r, VALUE_MAX, &len);

	r->bad = r->bad || !is_printable(text, len);
	return keep(memory, text, len);
}

static void
get_list(struct reader *r, const char **out, char **memory)
{
	size_t count = (size_t)get_number(r, 1);

	r->bad = r->bad || count > STS_SPOOL_FIELDS_MAX;
	for (size_t i = 0; i < count && !r->bad; i++)
		*out++ = keep_name(r, memory);
	*out = NULL;
}

static void
get_fields(struct reader *r, struct sts_stream_entry *out, char **memory)
{
	size_t count = (size_t)get_number(r, 1);

	r->bad = r->bad || count > STS_STREAM_FIELDS;
	for (out->field_count = 0; out->field_count < count && !r->bad; out->field_count++) {
		out->fields[out->field_count].name = keep_name(r, memory);
		out->fields[out->field_count].value = keep_value(r, memory);
	}
}

static bool
is_whole(const struct reader *r)
{
	return !r->bad && r->left == 0;
}

static void
get_message(struct reader *r, struct sts_mail_record *record)
{
	const char **totals = (const char **)(void *)(record + 1), **domains = totals + STS_SPOOL_FIELDS_MAX + 1;
	char *memory = (char *)(void *)(domains + STS_SPOOL_FIELDS_MAX + 1), domain[STS_DOMAIN_CAP];
	struct sts_counts_message *m = &record->message;
	uint64_t flags;

	record->entry.index = get_bounded(r, number_max);
	m->now = (int64_t)get_bounded(r, time_max);
	flags = get_number(r, 1);
	m->plaintext = flags & STS_SPOOL_PLAINTEXT;
	m->own_tls = flags & STS_SPOOL_OWN_TLS;
	m->own_plaintext = flags & STS_SPOOL_OWN_PLAINTEXT;
	m->stranger = flags & STS_SPOOL_STRANGER;
	get_domain(r, domain);
	m->domain = keep(&memory, domain, strlen(domain));
	get_list(r, totals, &memory);
	get_list(r, domains, &memory);
	m->total_fields = totals;
	m->domain_fields = domains;
	get_fields(r, &record->entry, &memory);
	record->entry.block = record;
}

bool
sts_spool_get_message(const struct sts_spool_frame *frame, bool *no_memory, struct sts_mail_record **out)
{
	struct reader r = { frame->data, frame->len, frame->kind != STS_SPOOL_MESSAGE };
	struct sts_mail_record *record = calloc(1, sizeof(*record) + 2 * (STS_SPOOL_FIELDS_MAX + 1) * sizeof(char *) + frame->len + SLACK);

	*no_memory = record == NULL;
	*out = NULL;
	if (record == NULL)
		return false;
	get_message(&r, record);
	if (is_whole(&r))
		*out = record;
	else
		free(record);
	return *out != NULL;
}

bool
sts_spool_get_entry(const struct sts_spool_frame *frame, bool *no_memory, struct sts_stream_entry *out)
{
	struct reader r = { frame->data, frame->len, frame->kind != STS_SPOOL_ENTRY };
	char *memory;

	memset(out, 0, sizeof(*out));
	out->block = memory = malloc(frame->len + SLACK);
	*no_memory = memory == NULL;
	if (memory == NULL)
		return false;
	out->index = get_bounded(&r, number_max);
	get_fields(&r, out, &memory);
	if (is_whole(&r))
		return true;
	free(out->block);
	out->block = NULL;
	return false;
}

static void
get_row(struct reader *r, struct sts_counts_row *out)
{
	get_domain(r, out->domain);
	get_day(r, out->day);
	out->first_seen = (int64_t)get_bounded(r, time_max);
	out->last_seen = (int64_t)get_bounded(r, time_max);
	out->last_plaintext = (int64_t)get_bounded(r, time_max);
	out->messages = get_bounded(r, number_max);
	out->own_tls = get_bounded(r, number_max);
	out->own_plaintext = get_bounded(r, number_max);
	out->field_count = (size_t)get_number(r, 2);
	r->bad = r->bad || out->field_count > ROW_FIELDS_MAX;
}

bool
sts_spool_get_row(const struct sts_spool_frame *frame, bool *no_memory, struct sts_counts_row *out)
{
	bool is_row = frame->kind == STS_SPOOL_ROW || frame->kind == STS_SPOOL_LOOSE || frame->kind == STS_SPOOL_HELD;
	struct reader r = { frame->data, frame->len, !is_row };
	struct sts_count *fields;
	char *memory;

	*no_memory = false;
	memset(out, 0, sizeof(*out));
	get_row(&r, out);
	if (r.bad)
		return false;
	fields = malloc(out->field_count * sizeof(*fields) + frame->len + SLACK);
	*no_memory = fields == NULL;
	if (fields == NULL)
		return false;
	memory = (char *)(void *)(fields + out->field_count);
	for (size_t i = 0; i < out->field_count && !r.bad; i++) {
		fields[i].field = keep_name(&r, &memory);
		fields[i].n = (int64_t)get_bounded(&r, number_max);
	}
	out->fields = fields;
	if (is_whole(&r))
		return true;
	free(fields);
	out->fields = NULL;
	return false;
}

bool
sts_spool_get_mark(const struct sts_spool_frame *frame, struct sts_spool_mark *out)
{
	struct reader r = { frame->data, frame->len, false };

	copy_text(&r, out->incarnation, sizeof(out->incarnation));
	out->sequence = get_bounded(&r, number_max);
	out->first = get_bounded(&r, number_max);
	out->last = get_bounded(&r, number_max);
	return is_whole(&r) && strspn(out->incarnation, "0123456789abcdef") == strlen(out->incarnation) &&
	    (out->incarnation[0] == '\0' || strlen(out->incarnation) == HEX_DIGITS);
}

bool
sts_spool_get_index(const struct sts_spool_frame *frame, uint64_t *out)
{
	struct reader r = { frame->data, frame->len, frame->kind != STS_SPOOL_MESSAGE && frame->kind != STS_SPOOL_ENTRY };

	*out = get_bounded(&r, number_max);
	return !r.bad;
}

/* SPDX-License-Identifier: ISC */
/* spool_record.c - encodes records, and finds them in a file. Knows neither files nor what is pending. */
#include "config.h"

#include "shared-cache/spool/spool_record.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "shared-cache/spool/spool_encoding.h"

enum {
	FIRST_CAP = 4096,
	TEXT_MAX = 65535,
	HEAD = 8,
	CANDIDATES = 1000,	/* positions to try for the next record, in damage that looks like many frames */
};

static const char version[] = "mta-sts-milter spool 1\n";

uint64_t
sts_spool_sum(const unsigned char *frame, const unsigned char *data, size_t len)
{
	/* The seed is the frame's own first eight bytes: length and kind. XXH3's results are fixed by its specification. */
	return XXH3_64bits_withSeed(data, len, sts_spool_load(frame, HEAD));
}

/* ---- bytes ---- */

void
sts_spool_bytes_fini(struct sts_spool_bytes *bytes)
{
	free(bytes->data);
	memset(bytes, 0, sizeof(*bytes));
}

static unsigned char *
extend(struct sts_spool_bytes *out, size_t len)
{
	size_t cap = out->cap > 0 ? out->cap : FIRST_CAP;
	unsigned char *grown;

	while (cap - out->len < len)
		cap *= 2;
	if (cap != out->cap) {
		if ((grown = realloc(out->data, cap)) == NULL) {
			out->failed = true;
			return NULL;
		}
		out->data = grown;
		out->cap = cap;
	}
	out->len += len;
	return out->data + out->len - len;
}

static void
put_bytes(struct sts_spool_bytes *out, const void *bytes, size_t len)
{
	unsigned char *to = extend(out, len);

	if (to != NULL && len > 0)
		memcpy(to, bytes, len);
}

static void
put_number(struct sts_spool_bytes *out, uint64_t n, size_t size)
{
	unsigned char *to = extend(out, size);

	if (to != NULL)
		sts_spool_store(to, n, size);
}

static void
put_text(struct sts_spool_bytes *out, const char *text)
{
	size_t len = strnlen(text, TEXT_MAX);

	put_number(out, len, 2);
	put_bytes(out, text, len);
}

/* ---- frames ---- */

static size_t
begin(struct sts_spool_bytes *out)
{
	size_t at = out->len;

	(void)extend(out, STS_SPOOL_FRAME);
	return at;
}

/* Ends a record. One that is too long to be read back is dropped. */
static void
end(struct sts_spool_bytes *out, size_t at, enum sts_spool_kind kind)
{
	size_t len = out->len - at - STS_SPOOL_FRAME;
	unsigned char *frame;

	if (out->failed)
		return;
	if (len > STS_SPOOL_RECORD_MAX) {
		out->failed = true;
		return;
	}
	frame = out->data + at;
	sts_spool_store(frame, len, 4);
	sts_spool_store(frame + 4, (uint64_t)kind, 4);
	sts_spool_store(frame + HEAD, sts_spool_sum(frame, frame + STS_SPOOL_FRAME, len), 8);
}

void
sts_spool_put_version(struct sts_spool_bytes *out)
{
	size_t at = begin(out);

	put_bytes(out, version, sizeof(version));
	end(out, at, STS_SPOOL_VERSION);
}

bool
sts_spool_is_version(const struct sts_spool_frame *frame)
{
	return frame->kind == STS_SPOOL_VERSION && frame->len == sizeof(version) && memcmp(frame->data, version, sizeof(version)) == 0;
}

static void
put_list(struct sts_spool_bytes *out, const char *const *fields)
{
	size_t count = 0;

	while (fields != NULL && fields[count] != NULL && count < STS_SPOOL_FIELDS_MAX)
		count++;
	put_number(out, count, 1);
	for (size_t i = 0; i < count; i++)
		put_text(out, fields[i]);
}

static void
put_fields(struct sts_spool_bytes *out, const struct sts_stream_entry *entry)
{
	put_number(out, entry->field_count, 1);
	for (size_t i = 0; i < entry->field_count; i++) {
		put_text(out, entry->fields[i].name);
		put_text(out, entry->fields[i].value);
	}
}

void
sts_spool_put_message(struct sts_spool_bytes *out, uint64_t index, const struct sts_mail_record *record)
{
	const struct sts_counts_message *m = &record->message;
	size_t at = begin(out);

	put_number(out, index, 8);
	put_number(out, (uint64_t)m->now, 8);
	put_number(out, (m->plaintext ? STS_SPOOL_PLAINTEXT : 0u) | (m->own_tls ? STS_SPOOL_OWN_TLS : 0u) |
	    (m->own_plaintext ? STS_SPOOL_OWN_PLAINTEXT : 0u) | (m->stranger ? STS_SPOOL_STRANGER : 0u), 1);
	put_text(out, m->domain != NULL ? m->domain : "");
	put_list(out, m->total_fields);
	put_list(out, m->domain_fields);
	put_fields(out, &record->entry);
	end(out, at, STS_SPOOL_MESSAGE);
}

void
sts_spool_put_entry(struct sts_spool_bytes *out, const struct sts_stream_entry *entry)
{
	size_t at = begin(out);

	put_number(out, entry->index, 8);
	put_fields(out, entry);
	end(out, at, STS_SPOOL_ENTRY);
}

void
sts_spool_put_row(struct sts_spool_bytes *out, enum sts_spool_kind kind, const struct sts_counts_row *row)
{
	const uint64_t numbers[] = { (uint64_t)row->first_seen, (uint64_t)row->last_seen, (uint64_t)row->last_plaintext, row->messages,
		row->own_tls, row->own_plaintext };
	size_t at = begin(out), count = 0;

	put_text(out, row->domain);
	put_text(out, row->day);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		put_number(out, numbers[i], 8);
	for (size_t i = 0; i < row->field_count; i++)
		count += row->fields[i].n > 0;
	put_number(out, count, 2);
	for (size_t i = 0; i < row->field_count; i++) {
		if (row->fields[i].n <= 0)
			continue;
		put_text(out, row->fields[i].field);
		put_number(out, (uint64_t)row->fields[i].n, 8);
	}
	end(out, at, kind);
}

void
sts_spool_put_mark(struct sts_spool_bytes *out, enum sts_spool_kind kind, const struct sts_spool_mark *mark)
{
	size_t at = begin(out);

	put_text(out, mark->incarnation);
	put_number(out, mark->sequence, 8);
	put_number(out, mark->first, 8);
	put_number(out, mark->last, 8);
	end(out, at, kind);
}

void
sts_spool_put_raw(struct sts_spool_bytes *out, const struct sts_spool_bytes *records)
{
	out->failed = out->failed || records->failed;
	put_bytes(out, records->data, records->len);
}

/* ---- finding records ---- */

static bool
is_kind(uint64_t kind)
{
	return kind > 0 && kind < 128 && strchr("VMBRKCDSLXTU", (int)kind) != NULL;
}

/* Whether a record is complete and sound. *torn: it could be if the file went on. */
static bool
look_at(const unsigned char *bytes, size_t left, struct sts_spool_frame *out, bool *torn)
{
	uint64_t len, kind;

	*torn = left < STS_SPOOL_FRAME;
	if (*torn)
		return false;
	len = sts_spool_load(bytes, 4);
	kind = sts_spool_load(bytes + 4, 4);
	if (len > STS_SPOOL_RECORD_MAX || !is_kind(kind))
		return false;
	*torn = len > left - STS_SPOOL_FRAME;
	if (*torn)
		return false;
	*out = (struct sts_spool_frame){ (enum sts_spool_kind)kind, bytes + STS_SPOOL_FRAME, (size_t)len };
	return sts_spool_load(bytes + HEAD, 8) == sts_spool_sum(bytes, out->data, out->len);
}

/* Whether the rest is one complete record of which only the length is wrong. left: at least the size of a frame. */
static bool
is_whole_but_for_length(const unsigned char *bytes, size_t left)
{
	unsigned char frame[HEAD];

	sts_spool_store(frame, left - STS_SPOOL_FRAME, 4);
	sts_spool_store(frame + 4, sts_spool_load(bytes + 4, 4), 4);
	return sts_spool_load(bytes + HEAD, 8) == sts_spool_sum(frame, bytes + STS_SPOOL_FRAME, left - STS_SPOOL_FRAME);
}

enum sts_spool_next
sts_spool_next(const unsigned char *bytes, size_t len, size_t *at, struct sts_spool_frame *out)
{
	struct sts_spool_frame frame;
	bool torn, candidate;
	size_t begins = *at, tried = 0;

	if (begins >= len)
		return STS_SPOOL_END;
	if (look_at(bytes + begins, len - begins, out, &torn)) {
		*at += STS_SPOOL_FRAME + out->len;
		return STS_SPOOL_FOUND;
	}
	/* Is there a sound record after it? A wrong length looks like a torn end. */
	for ((*at)++; *at < len && tried < CANDIDATES; (*at)++) {
		frame.data = NULL;
		if (look_at(bytes + *at, len - *at, &frame, &candidate))
			return STS_SPOOL_DAMAGED;
		tried += frame.data != NULL;
	}
	*at = len;
	if (torn && len - begins >= STS_SPOOL_FRAME && is_whole_but_for_length(bytes + begins, len - begins))
		torn = false;
	return torn ? STS_SPOOL_TORN : STS_SPOOL_DAMAGED;
}

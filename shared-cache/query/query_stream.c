/* SPDX-License-Identifier: ISC */
/* query_stream.c - reads the stream of evidence. Knows the names of its fields, not their meaning. */
#include "config.h"

#include "shared-cache/query/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/query/query_private.h"

/* An entry of the milter has some 400 bytes; so many stay within a reply's bound even if every byte were escaped. */
enum { ENTRIES_MAX = 16 };

static const char *const names[STS_STREAM_FIELDS] = {
	"ts", "node", "queue_id", "domain", "identity", "result", "reason", "policy", "id", "tls", "cipher", "bits", "aligned",
	"rcpt", "history", "action", "client", "cause", "rcpts", "refused_rcpts", "requiretls", "sni",
};

static const char no_entry[] = "0-0";

/* ---- ids ---- */

static bool
is_id(const char *s, size_t len)
{
	size_t digits = 0;
	bool dash = false;

	if (len >= STS_STREAM_ID_CAP)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '-' && !dash && digits > 0) {
			dash = true;
			digits = 0;
		} else if (!sts_ascii_is_digit(s[i]) || ++digits > 20)
			return false;
	}
	return dash && digits > 0;
}

static int
compare_digits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}

/* Redis writes numbers without leading zeros, so the longer one is greater. */
bool
sts_query_id_before(const char *a, const char *b)
{
	size_t a_time = strcspn(a, "-"), b_time = strcspn(b, "-");
	int order = compare_digits(a, a_time, b, b_time);

	if (order == 0)
		order = compare_digits(a + a_time, strlen(a + a_time), b + b_time, strlen(b + b_time));
	return order < 0;
}

/* Both numbers have 64 bits. Nothing comes before 0-0. */
void
sts_query_id_step_back(const char *id, char out[STS_STREAM_ID_CAP])
{
	char *end;
	unsigned long long ms = strtoull(id, &end, 10), sequence = *end == '-' ? strtoull(end + 1, NULL, 10) : 0;

	if (sequence == 0 && ms == 0)
		strcpy(out, no_entry);
	else if (sequence > 0)
		snprintf(out, STS_STREAM_ID_CAP, "%llu-%llu", ms, sequence - 1);
	else
		snprintf(out, STS_STREAM_ID_CAP, "%llu-%llu", ms - 1, (unsigned long long)UINT64_MAX);
}

/* ---- entries ---- */

static void
take_value(const struct sts_reply *fields, const char *name, struct sts_query_entry *out)
{
	for (size_t i = 0; i + 1 < fields->count; i += 2) {
		struct sts_reply field = sts_reply_element(fields, i), value = sts_reply_element(fields, i + 1);

		if (field.kind != STS_REPLY_TEXT || value.kind != STS_REPLY_TEXT || strcmp(field.text, name) != 0)
			continue;
		out->values[out->value_count++] = (struct sts_query_value){ name, value.text, value.len };
		return;
	}
}

/* [id, [name, value, ...]]. False: malformed. */
static bool
take_entry(const struct sts_reply *reply, struct sts_query_entry *out)
{
	struct sts_reply id, fields;

	memset(out, 0, sizeof(*out));
	if (reply->kind != STS_REPLY_ARRAY || reply->count != 2)
		return false;
	id = sts_reply_element(reply, 0);
	fields = sts_reply_element(reply, 1);
	if (id.kind != STS_REPLY_TEXT || !is_id(id.text, id.len))
		return false;
	memcpy(out->id, id.text, id.len);
	if (fields.kind == STS_REPLY_ARRAY)
		for (size_t i = 0; i < STS_STREAM_FIELDS; i++)
			take_value(&fields, names[i], out);
	return true;
}

const struct sts_query_value *
sts_query_value_of(const struct sts_query_entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->value_count; i++)
		if (strcmp(entry->values[i].name, name) == 0)
			return &entry->values[i];
	return NULL;
}

static void
ask_back(struct sts_query *q, const char *id, int64_t count)
{
	char key[STS_KEY_CAP];

	sts_redis_command(q->redis, 6);
	sts_redis_text(q->redis, "XREVRANGE");
	sts_redis_text(q->redis, sts_key_evidence(q->prefix, key));
	sts_redis_text(q->redis, id);
	sts_redis_text(q->redis, "-");
	sts_redis_text(q->redis, "COUNT");
	sts_redis_number(q->redis, count);
}

enum sts_status
sts_query_stream_end(struct sts_query *query, char id[STS_STREAM_ID_CAP])
{
	enum sts_status status = sts_redis_begin(query->redis);
	struct sts_query_entry entry = { .id = "" };
	struct sts_reply reply, last;

	if (status != STS_OK)
		return status;
	ask_back(query, "+", 1);
	if ((status = sts_query_read(query, "evidence", STS_REPLY_ARRAY, &reply)) != STS_OK)
		return status;
	strcpy(id, no_entry);
	if (reply.count > 0) {
		last = sts_reply_element(&reply, 0);
		if (!take_entry(&last, &entry))
			return sts_query_refuse(query, "evidence", &reply);
		strcpy(id, entry.id);
	}
	sts_reply_free(&reply);
	return STS_OK;
}

/* [[key, [entry, ...]]], or nil when none came. */
static bool
entries_of(const struct sts_reply *reply, struct sts_reply *out)
{
	struct sts_reply stream;

	if (reply->kind != STS_REPLY_ARRAY || reply->count != 1)
		return false;
	stream = sts_reply_element(reply, 0);
	if (stream.kind != STS_REPLY_ARRAY || stream.count != 2)
		return false;
	*out = sts_reply_element(&stream, 1);
	return out->kind == STS_REPLY_ARRAY;
}

/* Stops when fn returns false. False: an entry is malformed. */
static bool
pass_entries(const struct sts_reply *entries, char id[STS_STREAM_ID_CAP], sts_query_entry_fn *fn, void *arg)
{
	struct sts_query_entry entry;
	bool more = true;

	for (size_t i = 0; i < entries->count && more; i++) {
		struct sts_reply raw = sts_reply_element(entries, i);

		if (!take_entry(&raw, &entry))
			return false;
		strcpy(id, entry.id);
		more = fn(arg, &entry);
	}
	return true;
}

static void
ask_stream(struct sts_query *q, int64_t wait_ms, const char *id)
{
	char key[STS_KEY_CAP];

	sts_redis_command(q->redis, wait_ms > 0 ? 8 : 6);
	sts_redis_text(q->redis, "XREAD");
	sts_redis_text(q->redis, "COUNT");
	sts_redis_number(q->redis, ENTRIES_MAX);
	/* BLOCK 0 would wait for ever. */
	if (wait_ms > 0) {
		sts_redis_text(q->redis, "BLOCK");
		sts_redis_number(q->redis, wait_ms);
	}
	sts_redis_text(q->redis, "STREAMS");
	sts_redis_text(q->redis, sts_key_evidence(q->prefix, key));
	sts_redis_text(q->redis, id);
}

enum sts_status
sts_query_stream(struct sts_query *query, int64_t wait_ms, char id[STS_STREAM_ID_CAP], sts_query_entry_fn *fn, void *arg)
{
	enum sts_status status = sts_redis_begin(query->redis);
	struct sts_reply reply, entries;

	if (status != STS_OK)
		return status;
	ask_stream(query, wait_ms, id);
	if ((status = sts_query_read(query, "evidence", STS_REPLY_ARRAY, &reply)) != STS_OK)
		return status;
	if (reply.kind == STS_REPLY_NIL) {
		sts_reply_free(&reply);
		return STS_ENOTFOUND;
	}
	if (!entries_of(&reply, &entries))
		return sts_query_refuse(query, "evidence", &reply);
	if (!pass_entries(&entries, id, fn, arg))
		return sts_query_refuse(query, "evidence", &reply);
	sts_reply_free(&reply);
	return STS_OK;
}

enum sts_status
sts_query_stream_back(struct sts_query *query, char id[STS_STREAM_ID_CAP], sts_query_entry_fn *fn, void *arg)
{
	enum sts_status status = sts_redis_begin(query->redis);
	char last[STS_STREAM_ID_CAP] = "";
	struct sts_reply reply;

	if (status != STS_OK)
		return status;
	ask_back(query, id, ENTRIES_MAX);
	if ((status = sts_query_read(query, "evidence", STS_REPLY_ARRAY, &reply)) != STS_OK)
		return status;
	if (!pass_entries(&reply, last, fn, arg))
		return sts_query_refuse(query, "evidence", &reply);
	status = reply.kind == STS_REPLY_NIL || reply.count == 0 ? STS_ENOTFOUND : STS_OK;
	if (status == STS_OK)
		sts_query_id_step_back(last, id);
	sts_reply_free(&reply);
	return status;
}

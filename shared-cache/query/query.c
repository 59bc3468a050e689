/* SPDX-License-Identifier: ISC */
/* query.c - opens and closes queries; reads hashes of counters. Knows nothing of what is counted. */
#include "config.h"

#include "shared-cache/query/query.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/query/query_private.h"

enum {
	SCAN_COUNT = 200,		/* fields in a reply of HSCAN, roughly */
	SCAN_ROUNDS = 1000,		/* of one hash: it may grow while it is read, but not for ever */
	CURSOR_CAP = 24,
	REPLY_MAX = 6 << 20,		/* the largest page of domains, all of maximum length */
};

enum sts_status
sts_query_new(const struct sts_query_params *params, struct sts_query **out)
{
	const struct sts_redis_params connection = {
		.endpoint = params->endpoint,
		.username = params->username,
		.password = params->password,
		.db = params->db,
		.timeout_ms = params->timeout_ms,
		.reply_max = REPLY_MAX,
	};
	struct sts_query *q;
	enum sts_status status;

	*out = NULL;
	if (!sts_keys_prefix_fits(params->prefix) || params->timeout_ms < 1)
		return STS_EINVAL;
	if ((q = calloc(1, sizeof(*q))) == NULL)
		return STS_ENOMEM;
	strcpy(q->prefix, params->prefix);
	status = sts_redis_open(&connection, &q->redis);
	if (status == STS_OK)
		*out = q;
	else
		sts_query_free(&q);
	return status;
}

void
sts_query_free(struct sts_query **query)
{
	if (*query == NULL)
		return;
	sts_redis_free(&(*query)->redis);
	free(*query);
	*query = NULL;
}

const char *
sts_query_why(const struct sts_query *query)
{
	return sts_redis_why(query->redis);
}

enum sts_status
sts_query_refuse(struct sts_query *query, const char *what, struct sts_reply *reply)
{
	sts_redis_set_why(query->redis, what, reply);
	sts_reply_free(reply);
	sts_redis_drop(query->redis);
	return STS_EUNAVAILABLE;
}

enum sts_status
sts_query_read(struct sts_query *query, const char *what, enum sts_reply_kind kind, struct sts_reply *out)
{
	enum sts_status status = sts_redis_read(query->redis, out);

	if (status != STS_OK)
		return status;
	if (out->kind == kind || (out->kind == STS_REPLY_NIL && kind == STS_REPLY_ARRAY))
		return STS_OK;
	return sts_query_refuse(query, what, out);
}

/* ---- hashes ---- */

/* A reply of HSCAN: [cursor, [name, value, ...]]. */
static bool
is_scan_reply(const struct sts_reply *reply)
{
	struct sts_reply cursor, list;

	if (reply->kind != STS_REPLY_ARRAY || reply->count != 2)
		return false;
	cursor = sts_reply_element(reply, 0);
	list = sts_reply_element(reply, 1);
	return cursor.kind == STS_REPLY_TEXT && cursor.len < CURSOR_CAP && list.kind == STS_REPLY_ARRAY &&
	    list.count % 2 == 0;
}

static enum sts_status
take_part(const struct sts_reply *reply, char cursor[CURSOR_CAP], sts_query_field_fn *fn, void *arg)
{
	struct sts_reply next = sts_reply_element(reply, 0), list = sts_reply_element(reply, 1);
	enum sts_status status = STS_OK;

	memcpy(cursor, next.text, next.len);
	cursor[next.len] = '\0';
	for (size_t i = 0; i < list.count && status == STS_OK; i += 2) {
		struct sts_reply name = sts_reply_element(&list, i), value = sts_reply_element(&list, i + 1);

		if (name.kind == STS_REPLY_TEXT && value.kind == STS_REPLY_TEXT)
			status = fn(arg, &(struct sts_query_field){ name.text, name.len, value.text, value.len });
	}
	return status;
}

static enum sts_status
read_part(struct sts_query *q, const char *key, char cursor[CURSOR_CAP], sts_query_field_fn *fn, void *arg)
{
	enum sts_status status = sts_redis_begin(q->redis);
	struct sts_reply reply;

	if (status != STS_OK)
		return status;
	sts_redis_command(q->redis, 5);
	sts_redis_text(q->redis, "HSCAN");
	sts_redis_text(q->redis, key);
	sts_redis_text(q->redis, cursor);
	sts_redis_text(q->redis, "COUNT");
	sts_redis_number(q->redis, SCAN_COUNT);
	if ((status = sts_query_read(q, "counters", STS_REPLY_ARRAY, &reply)) != STS_OK)
		return status;
	if (!is_scan_reply(&reply))
		return sts_query_refuse(q, "counters", &reply);
	status = take_part(&reply, cursor, fn, arg);
	sts_reply_free(&reply);
	return status;
}

enum sts_status
sts_query_scan(struct sts_query *q, const char *key, sts_query_field_fn *fn, void *arg)
{
	enum sts_status status;
	char cursor[CURSOR_CAP] = "0";
	unsigned rounds = 0;

	do
		status = rounds++ < SCAN_ROUNDS ? read_part(q, key, cursor, fn, arg) : STS_EFULL;
	while (status == STS_OK && strcmp(cursor, "0") != 0);
	return status;
}

static enum sts_status
take_field(void *arg, const struct sts_query_field *field)
{
	return sts_tally_take(arg, field->name, field->name_len, field->value, field->value_len);
}

static enum sts_status
read_hash(struct sts_query *q, const char *key, struct sts_tally *tally)
{
	struct sts_tally found = { 0 };
	enum sts_status status = sts_query_scan(q, key, take_field, &found);

	if (status == STS_OK && found.count + found.odd == 0)
		status = STS_ENOTFOUND;
	if (status == STS_OK)
		status = sts_tally_merge(tally, &found);
	sts_tally_fini(&found);
	return status;
}

enum sts_status
sts_query_stats(struct sts_query *query, const char *day, struct sts_tally *tally)
{
	char key[STS_KEY_CAP];

	return read_hash(query, sts_key_stats(query->prefix, day, key), tally);
}

enum sts_status
sts_query_domain(struct sts_query *query, const char *domain, const char *day, struct sts_tally *tally)
{
	char key[STS_KEY_CAP];

	return read_hash(query, sts_key_domain(query->prefix, domain, day, key), tally);
}

enum sts_status
sts_query_history(struct sts_query *query, const char *domain, struct sts_tally *tally)
{
	char key[STS_KEY_CAP];

	return read_hash(query, sts_key_history(query->prefix, domain, key), tally);
}

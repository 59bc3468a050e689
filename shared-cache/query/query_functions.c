/* SPDX-License-Identifier: ISC */
/* query_functions.c - loads a library of Redis functions. Knows nothing of its contents. */
#include "config.h"

#include "shared-cache/query/query.h"

#include <string.h>

#include "shared-cache/query/query_private.h"

static bool
is_text(const struct sts_reply *reply, const char *text)
{
	return reply->kind == STS_REPLY_TEXT && reply->len == strlen(text) && memcmp(reply->text, text, reply->len) == 0;
}

/* FUNCTION LIST replies [[name, value, ...]], or an empty array. */
static enum sts_query_load
compare_code(const struct sts_reply *reply, const char *text)
{
	struct sts_reply library;

	if (reply->kind != STS_REPLY_ARRAY || reply->count == 0)
		return STS_LOAD_NEW;
	library = sts_reply_element(reply, 0);
	for (size_t i = 0; library.kind == STS_REPLY_ARRAY && i + 1 < library.count; i += 2) {
		struct sts_reply name = sts_reply_element(&library, i), value = sts_reply_element(&library, i + 1);

		if (is_text(&name, "library_code"))
			return is_text(&value, text) ? STS_LOAD_SAME : STS_LOAD_CHANGED;
	}
	return STS_LOAD_CHANGED;
}

static enum sts_status
begin_with(struct sts_query *q, size_t node)
{
	enum sts_status status = sts_redis_begin(q->redis);

	if (status == STS_OK)
		sts_redis_choose(q->redis, node);
	return status;
}

static enum sts_status
look(struct sts_query *q, size_t node, const char *name, const char *text, enum sts_query_load *out)
{
	enum sts_status status = begin_with(q, node);
	struct sts_reply reply;
	bool unknown;

	if (status != STS_OK)
		return status;
	sts_redis_command(q->redis, 5);
	sts_redis_text(q->redis, "FUNCTION");
	sts_redis_text(q->redis, "LIST");
	sts_redis_text(q->redis, "LIBRARYNAME");
	sts_redis_text(q->redis, name);
	sts_redis_text(q->redis, "WITHCODE");
	if ((status = sts_redis_read(q->redis, &reply)) != STS_OK)
		return status;
	if (reply.kind != STS_REPLY_ARRAY) {
		unknown = reply.kind == STS_REPLY_REFUSED && strstr(reply.text, "unknown command") != NULL;
		(void)sts_query_refuse(q, "FUNCTION LIST", &reply);
		return unknown ? STS_EINVAL : STS_EUNAVAILABLE;
	}
	*out = compare_code(&reply, text);
	sts_reply_free(&reply);
	return STS_OK;
}

static enum sts_status
load(struct sts_query *query, size_t node, const char *name, const char *text, enum sts_query_load *out)
{
	enum sts_status status = look(query, node, name, text, out);
	struct sts_reply reply;

	if (status != STS_OK || *out == STS_LOAD_SAME)
		return status;
	if ((status = begin_with(query, node)) != STS_OK)
		return status;
	sts_redis_command(query->redis, 4);
	sts_redis_text(query->redis, "FUNCTION");
	sts_redis_text(query->redis, "LOAD");
	sts_redis_text(query->redis, "REPLACE");
	sts_redis_text(query->redis, text);
	status = sts_query_read(query, "FUNCTION LOAD", STS_REPLY_TEXT, &reply);
	if (status == STS_OK)
		sts_reply_free(&reply);
	return status;
}

/* Each node of a cluster has its own functions; the result is the greatest change. */
enum sts_status
sts_query_load_functions(struct sts_query *query, const char *name, const char *text, enum sts_query_load *out)
{
	enum sts_status status = load(query, 0, name, text, out);
	enum sts_query_load one;

	for (size_t node = 1; status == STS_OK && node < sts_redis_nodes(query->redis); node++) {
		status = load(query, node, name, text, &one);
		if (status == STS_OK && *out == STS_LOAD_SAME)
			*out = one;
	}
	return status;
}

/* SPDX-License-Identifier: ISC */
/* redis_reply.c - wraps hiredis' replies. Knows no connection. */
#include "config.h"

#include "shared-cache/redis/redis_reply.h"

#include <assert.h>
#include <string.h>

#include <hiredis/hiredis.h>

struct sts_reply
sts_reply_of(void *of)
{
	redisReply *raw = of;
	struct sts_reply reply = { .kind = STS_REPLY_NIL, .text = "", .raw = raw };

	switch (raw->type) {
	case REDIS_REPLY_INTEGER:
		reply.kind = STS_REPLY_INTEGER;
		reply.integer = raw->integer;
		break;
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
	case REDIS_REPLY_ERROR:
		reply.kind = raw->type == REDIS_REPLY_ERROR ? STS_REPLY_REFUSED : STS_REPLY_TEXT;
		reply.text = raw->str;
		reply.len = (size_t)raw->len;
		break;
	case REDIS_REPLY_ARRAY:
		reply.kind = STS_REPLY_ARRAY;
		reply.count = (size_t)raw->elements;
		break;
	default:	/* NIL; also the types of RESP3, which nobody asks for */
		break;
	}
	return reply;
}

void
sts_reply_free(struct sts_reply *reply)
{
	if (reply->raw != NULL)
		freeReplyObject(reply->raw);
	memset(reply, 0, sizeof(*reply));
}

struct sts_reply
sts_reply_element(const struct sts_reply *array, size_t i)
{
	const redisReply *raw = array->raw;

	assert(array->kind == STS_REPLY_ARRAY && i < array->count);
	return sts_reply_of(raw->element[i]);
}

bool
sts_reply_is_refusal(const struct sts_reply *reply, const char *code)
{
	size_t len = strlen(code);

	return reply->kind == STS_REPLY_REFUSED && reply->len >= len && memcmp(reply->text, code, len) == 0 &&
	    (reply->len == len || reply->text[len] == ' ');
}

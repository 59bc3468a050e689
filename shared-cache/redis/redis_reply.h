/* SPDX-License-Identifier: ISC */
/* redis_reply.h - one reply of Redis. Its bytes are hostile. Belongs to the thread of its connection. */
#ifndef STS_REDIS_REDIS_REPLY_H
#define STS_REDIS_REDIS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sts_reply_kind {
	STS_REPLY_NIL,
	STS_REPLY_INTEGER,
	STS_REPLY_TEXT,		/* also a status, such as OK */
	STS_REPLY_ARRAY,
	STS_REPLY_REFUSED,	/* an error; text is Redis' message */
};

struct sts_reply {
	enum sts_reply_kind kind;
	int64_t integer;
	const char *text;	/* len bytes, then a NUL; hostile */
	size_t len;
	size_t count;		/* of an array */
	void *raw;		/* hiredis' */
};

/* raw: a redisReply; the result owns it. */
struct sts_reply sts_reply_of(void *raw);
void sts_reply_free(struct sts_reply *reply);
/* Element i of an array. Lives as long as the array, and must not be freed. */
struct sts_reply sts_reply_element(const struct sts_reply *array, size_t i);
/* Whether an error begins with this code: "OOM", "NOSCRIPT", ... */
bool sts_reply_is_refusal(const struct sts_reply *reply, const char *code);

#endif

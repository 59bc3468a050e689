/* SPDX-License-Identifier: ISC */
/* history_store.c - reads histories from Redis. They are written with the counters, in counts_store.c. */
#include "config.h"

#include "shared-cache/store/redis_store.h"

enum {
	HISTORY_BYTES_MAX = 8 * 1024,		/* names of 20 bytes, numbers of at most 15 */
	FIELDS_MAX = 2 * STS_HISTORY_DAYS + 8,	/* the counting script leaves no more */
};

static void
queue(struct sts_store_redis *s, const char *domain, bool with_text)
{
	char key[STS_KEY_CAP];

	sts_script_begin(s, &(struct sts_script_call){ STS_SCRIPT_GET, with_text, 1, 2 });
	sts_redis_text(s->redis, sts_key_history(s->prefix, domain, key));
	sts_redis_number(s->redis, HISTORY_BYTES_MAX);
	sts_redis_number(s->redis, FIELDS_MAX);
}

/* Fields that are not part of a history are ignored. */
static enum sts_status
decode(const struct sts_reply *reply, int64_t now, struct sts_history_days *out)
{
	enum sts_status status = STS_ENOTFOUND;

	for (size_t i = 0; i + 1 < reply->count; i += 2) {
		struct sts_reply name = sts_reply_element(reply, i), value = sts_reply_element(reply, i + 1);

		if (name.kind == STS_REPLY_TEXT && value.kind == STS_REPLY_TEXT &&
		    sts_history_take(out, name.text, name.len, value.text, value.len, now))
			status = STS_OK;
	}
	return status;
}

enum sts_status
sts_store_redis_history(struct sts_store *store, const char *domain, int64_t now, struct sts_history_days *out)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	enum sts_status status = sts_exchange_begin(s);
	struct sts_reply reply;

	if (status != STS_OK)
		return status;
	queue(s, domain, false);
	status = sts_redis_read(s->redis, &reply);
	if (status == STS_OK && sts_script_is_unknown(&reply)) {
		sts_reply_free(&reply);
		queue(s, domain, true);
		status = sts_redis_read(s->redis, &reply);
	}
	if (status != STS_OK)
		return sts_exchange_broken(s, status);
	if (reply.kind == STS_REPLY_NIL || reply.kind == STS_REPLY_ARRAY) {
		sts_exchange_good(s, false);
		status = decode(&reply, now, out);
	} else {
		status = sts_exchange_refused(s, "history", &reply);
	}
	sts_reply_free(&reply);
	return status;
}

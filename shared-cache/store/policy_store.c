/* SPDX-License-Identifier: ISC */
/* policy_store.c - entries and locks in Redis. Does not know what a policy means. */
#include "config.h"

#include "shared-cache/store/redis_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	ENTRY_BYTES_MAX = 160 * 1024,	/* a text of 64 KiB, the list of its hosts, the rest */
	FIELDS_MAX = 32,
	ARGS_MAX = 2 + 2 * STS_ENTRY_FIELDS,
	PIPELINE_BYTES = 256 * 1024,	/* of commands, before their replies are read */
};

struct word {
	const char *s;
	size_t len;
};

/* A call of a script with one key. */
struct call {
	enum sts_script script;
	const char *key;
	struct word args[ARGS_MAX];
	size_t arg_count;
};

static void
add_arg(struct call *call, const char *s, size_t len)
{
	call->args[call->arg_count++] = (struct word){ s, len };
}

static void
queue(struct sts_store_redis *s, const struct call *call, bool with_text)
{
	sts_script_begin(s, &(struct sts_script_call){ call->script, with_text, 1, call->arg_count });
	sts_redis_text(s->redis, call->key);
	for (size_t i = 0; i < call->arg_count; i++)
		sts_redis_word(s->redis, call->args[i].s, call->args[i].len);
}

/* ---- replies ---- */

/* False when the reply is not an array of names and values. */
static bool
take_fields(const struct sts_reply *reply, struct sts_entry_field fields[FIELDS_MAX])
{
	if (reply->count % 2 != 0 || reply->count > 2 * (size_t)FIELDS_MAX)
		return false;
	for (size_t i = 0; i < reply->count; i += 2) {
		struct sts_reply name = sts_reply_element(reply, i);
		struct sts_reply value = sts_reply_element(reply, i + 1);

		if (name.kind != STS_REPLY_TEXT || value.kind != STS_REPLY_TEXT)
			return false;
		fields[i / 2] = (struct sts_entry_field){ name.text, value.text, value.len };
	}
	return true;
}

static enum sts_status
decode(const struct sts_reply *reply, const char *domain, int64_t now, struct sts_entry **out)
{
	struct sts_entry_field fields[FIELDS_MAX];
	enum sts_status status;

	if (reply->kind == STS_REPLY_NIL || !take_fields(reply, fields))
		return STS_ENOTFOUND;
	status = sts_entry_decode(domain, fields, reply->count / 2, now, out);
	return status == STS_EINVAL ? STS_ENOTFOUND : status;
}

/* ---- commands; their words are copied at once ---- */

static void
queue_get(struct sts_store_redis *s, const struct sts_store_call *c, bool with_text)
{
	char key[STS_KEY_CAP], max[16], max_fields[16];
	struct call call = { .script = STS_SCRIPT_GET, .key = sts_key_policy(s->prefix, c->domain, key) };

	snprintf(max, sizeof(max), "%d", ENTRY_BYTES_MAX);
	snprintf(max_fields, sizeof(max_fields), "%d", FIELDS_MAX);
	add_arg(&call, max, strlen(max));
	add_arg(&call, max_fields, strlen(max_fields));
	queue(s, &call, with_text);
}

static enum sts_status
queue_put(struct sts_store_redis *s, const struct sts_store_call *c, int64_t now, bool with_text)
{
	const struct sts_entry *entry = c->entry;
	char key[STS_KEY_CAP], now_text[24], ttl_text[24];
	struct call call = { .script = STS_SCRIPT_PUT, .key = sts_key_policy(s->prefix, entry->domain, key) };
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;
	enum sts_status status;

	if ((status = sts_entry_encode(entry, fields, &scratch)) != STS_OK)
		return status;
	snprintf(now_text, sizeof(now_text), "%" PRId64, now);
	snprintf(ttl_text, sizeof(ttl_text), "%" PRId64, entry->expires > now ? entry->expires - now : 1);
	add_arg(&call, now_text, strlen(now_text));
	add_arg(&call, ttl_text, strlen(ttl_text));
	for (size_t i = 0; i < STS_ENTRY_FIELDS; i++) {
		add_arg(&call, fields[i].name, strlen(fields[i].name));
		add_arg(&call, fields[i].value, fields[i].len);
	}
	queue(s, &call, with_text);
	sts_entry_scratch_fini(&scratch);
	return STS_OK;
}

static void
queue_lock(struct sts_store_redis *s, const struct sts_store_call *c, bool with_text)
{
	char key[STS_KEY_CAP], ttl[24];
	struct call call = { .script = STS_SCRIPT_LOCK, .key = sts_key_lock(s->prefix, c->domain, key) };

	snprintf(ttl, sizeof(ttl), "%" PRId64, c->ttl_ms > 0 ? c->ttl_ms : 1);
	add_arg(&call, s->owner, strlen(s->owner));
	add_arg(&call, ttl, strlen(ttl));
	queue(s, &call, with_text);
}

static void
queue_unlock(struct sts_store_redis *s, const struct sts_store_call *c, bool with_text)
{
	char key[STS_KEY_CAP];
	struct call call = { .script = STS_SCRIPT_UNLOCK, .key = sts_key_lock(s->prefix, c->domain, key) };

	add_arg(&call, s->owner, strlen(s->owner));
	queue(s, &call, with_text);
}

/* Unless STS_OK, nothing was queued. */
static enum sts_status
queue_call(struct sts_store_redis *s, const struct sts_store_call *c, int64_t now, bool with_text)
{
	switch (c->kind) {
	case STS_STORE_GET:
		queue_get(s, c, with_text);
		break;
	case STS_STORE_PUT:
		return queue_put(s, c, now, with_text);
	case STS_STORE_LOCK:
		queue_lock(s, c, with_text);
		break;
	case STS_STORE_UNLOCK:
		queue_unlock(s, c, with_text);
		break;
	}
	return STS_OK;
}

/* ---- results ---- */

/* The calls of an exchange, sent some at a time. */
struct pipeline {
	struct sts_store_redis *s;
	struct sts_store_call *const *calls;
	size_t count;
	int64_t now;
	bool sent[STS_STORE_CALLS];
	bool dropped;			/* the connection was dropped, with all replies still to come */
	const char *refused;		/* what Redis refused first, and its answer; NULL: nothing was refused */
	struct sts_reply refusal;
};

/* Judged after all replies have been read: that this user may not run one command says nothing about the others. */
static enum sts_status
refused(struct pipeline *p, const char *what, struct sts_reply *reply)
{
	if (p->refused == NULL) {
		p->refused = what;
		p->refusal = *reply;
		*reply = (struct sts_reply){ 0 };
	}
	return STS_EUNAVAILABLE;
}

static void
judge_refusal(struct pipeline *p)
{
	if (p->refused == NULL)
		return;
	if (!p->dropped)
		(void)sts_exchange_refused(p->s, p->refused, &p->refusal);
	sts_reply_free(&p->refusal);
	p->refused = NULL;
}

static enum sts_status
take_number(struct pipeline *p, const struct sts_store_call *c, struct sts_reply *reply)
{
	bool is_policy = c->kind == STS_STORE_PUT;

	if (reply->kind != STS_REPLY_INTEGER)
		return refused(p, is_policy ? "policy" : "lock", reply);
	sts_exchange_good(p->s, reply->integer == 1);
	if (c->kind != STS_STORE_LOCK)
		return STS_OK;
	/* A key that is not a lock will never be released by anybody: as good as no store. */
	return reply->integer == 1 ? STS_OK : reply->integer == 0 ? STS_EFULL : STS_EUNAVAILABLE;
}

static enum sts_status
take_reply(struct pipeline *p, struct sts_store_call *c, struct sts_reply *reply)
{
	if (c->kind != STS_STORE_GET)
		return take_number(p, c, reply);
	if (reply->kind != STS_REPLY_NIL && reply->kind != STS_REPLY_ARRAY)
		return refused(p, "policy", reply);
	sts_exchange_good(p->s, false);
	return decode(reply, c->domain, p->now, &c->entry);
}

/* ---- many calls in one exchange ---- */

/* Queues calls up to PIPELINE_BYTES, and one more. Returns the index after the last. */
static size_t
send_calls(struct pipeline *p, size_t from)
{
	size_t i;

	for (i = from; i < p->count && (i == from || sts_redis_queued(p->s->redis) < PIPELINE_BYTES); i++) {
		p->calls[i]->status = queue_call(p->s, p->calls[i], p->now, false);
		p->sent[i] = p->calls[i]->status == STS_OK;
	}
	return i;
}

/* Reads the reply to calls[i], which is then done; if the server does not know the script, *unknown is set, and it has to be repeated,
 * unless unknown is NULL. False: the connection is gone, with the replies to all later calls. */
static bool
read_call(struct pipeline *p, size_t i, bool *unknown)
{
	struct sts_store_call *c = p->calls[i];
	struct sts_reply reply;
	enum sts_status status = sts_redis_read(p->s->redis, &reply);

	if (status != STS_OK) {
		c->status = sts_exchange_broken(p->s, status);
		p->dropped = true;
		return false;
	}
	if (unknown != NULL && sts_script_is_unknown(&reply)) {
		*unknown = true;
		c->status = STS_EUNAVAILABLE;
	} else {
		c->status = take_reply(p, c, &reply);
	}
	sts_reply_free(&reply);
	return !p->dropped;
}

/* Repeats a call by EVAL, which loads the script into the server. */
static bool
repeat_call(struct pipeline *p, size_t i)
{
	if (queue_call(p->s, p->calls[i], p->now, true) != STS_OK)
		return true;
	return read_call(p, i, NULL);
}

static void
give_up(struct pipeline *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (p->sent[i])
			p->calls[i]->status = STS_EUNAVAILABLE;
	}
}

/* One exchange with calls[from..to); those with unknown scripts are repeated, in order. */
static void
read_calls(struct pipeline *p, size_t from, size_t to)
{
	bool unknown[STS_STORE_CALLS] = { false };

	for (size_t i = from; i < to; i++) {
		if (p->sent[i] && !read_call(p, i, &unknown[i])) {
			give_up(p, i + 1, to);
			return;
		}
	}
	for (size_t i = from; i < to; i++) {
		if (unknown[i] && !repeat_call(p, i))
			return;
	}
}

void
sts_store_redis_calls(struct sts_store *store, struct sts_store_call *const *calls, size_t count, int64_t now)
{
	struct pipeline p = { .s = sts_store_redis_of(store), .calls = calls, .count = count, .now = now };
	size_t to;

	for (size_t i = 0; i < count; i++) {
		calls[i]->status = STS_EUNAVAILABLE;
		if (calls[i]->kind == STS_STORE_GET)
			calls[i]->entry = NULL;
	}
	for (size_t from = 0; from < count; from = to) {
		if (sts_exchange_begin(p.s) != STS_OK)
			return;
		p.dropped = false;
		to = send_calls(&p, from);
		read_calls(&p, from, to);
		judge_refusal(&p);
	}
}

/* ---- one ---- */

static enum sts_status
call_one(struct sts_store *store, struct sts_store_call *call, int64_t now)
{
	sts_store_redis_calls(store, &call, 1, now);
	return call->status;
}

enum sts_status
sts_store_redis_get(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out)
{
	struct sts_store_call call = { .kind = STS_STORE_GET, .domain = domain };
	enum sts_status status = call_one(store, &call, now);

	*out = call.entry;
	return status;
}

enum sts_status
sts_store_redis_put(struct sts_store *store, const struct sts_entry *entry, int64_t now)
{
	struct sts_store_call call = { .kind = STS_STORE_PUT, .domain = entry->domain,
		.entry = (struct sts_entry *)(uintptr_t)entry };

	return call_one(store, &call, now);
}

enum sts_status
sts_store_redis_lock(struct sts_store *store, const char *domain, int64_t ttl_ms)
{
	struct sts_store_call call = { .kind = STS_STORE_LOCK, .domain = domain, .ttl_ms = ttl_ms };

	return call_one(store, &call, 0);
}

enum sts_status
sts_store_redis_unlock(struct sts_store *store, const char *domain)
{
	struct sts_store_call call = { .kind = STS_STORE_UNLOCK, .domain = domain };

	return call_one(store, &call, 0);
}

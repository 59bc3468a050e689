/* SPDX-License-Identifier: ISC */
/* policy_store.c - entries and locks in Redis. Knows nothing of what a policy means. */
#include "config.h"

#include "shared-cache/store/redis_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	ENTRY_BYTES_MAX = 160 * 1024,	/* a text of 64 KiB, its list of hosts, the rest */
	FIELDS_MAX = 32,
	ARGS_MAX = 2 + 2 * STS_ENTRY_FIELDS,
};

struct word {
	const char *s;
	size_t len;
};

/* A script with one key. */
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

/* The whole exchange up to the reply, which is the caller's to free and to judge. */
static enum sts_status
ask(struct sts_store_redis *s, const struct call *call, struct sts_reply *reply)
{
	enum sts_status status = sts_exchange_begin(s);

	if (status != STS_OK)
		return status;
	queue(s, call, false);
	status = sts_redis_read(s->redis, reply);
	if (status == STS_OK && sts_script_is_unknown(reply)) {
		sts_reply_free(reply);
		queue(s, call, true);
		status = sts_redis_read(s->redis, reply);
	}
	return status == STS_OK ? STS_OK : sts_exchange_broken(s, status);
}

/* ---- entries ---- */

/* False when it is not an array of names and values. */
static bool
take_fields(const struct sts_reply *reply, struct sts_field fields[FIELDS_MAX])
{
	if (reply->count % 2 != 0 || reply->count > 2 * (size_t)FIELDS_MAX)
		return false;
	for (size_t i = 0; i < reply->count; i += 2) {
		struct sts_reply name = sts_reply_element(reply, i);
		struct sts_reply value = sts_reply_element(reply, i + 1);

		if (name.kind != STS_REPLY_TEXT || value.kind != STS_REPLY_TEXT)
			return false;
		fields[i / 2] = (struct sts_field){ name.text, value.text, value.len };
	}
	return true;
}

static enum sts_status
decode(const struct sts_reply *reply, const char *domain, int64_t now, struct sts_entry **out)
{
	struct sts_field fields[FIELDS_MAX];
	enum sts_status status;

	if (reply->kind == STS_REPLY_NIL || !take_fields(reply, fields))
		return STS_ENOTFOUND;
	status = sts_entry_decode(domain, fields, reply->count / 2, now, out);
	return status == STS_EINVAL ? STS_ENOTFOUND : status;
}

enum sts_status
sts_store_redis_get(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	char key[STS_KEY_CAP], max[16], max_fields[16];
	struct call call = { .script = STS_SCRIPT_GET, .key = sts_key_policy(s->prefix, domain, key) };
	struct sts_reply reply;
	enum sts_status status;

	snprintf(max, sizeof(max), "%d", ENTRY_BYTES_MAX);
	snprintf(max_fields, sizeof(max_fields), "%d", FIELDS_MAX);
	add_arg(&call, max, strlen(max));
	add_arg(&call, max_fields, strlen(max_fields));
	if ((status = ask(s, &call, &reply)) != STS_OK)
		return status;
	if (reply.kind == STS_REPLY_NIL || reply.kind == STS_REPLY_ARRAY) {
		sts_exchange_good(s, false);
		status = decode(&reply, domain, now, out);
	} else {
		status = sts_exchange_refused(s, "policy", &reply);
	}
	sts_reply_free(&reply);
	return status;
}

/* Asks a script that answers with a number. */
static enum sts_status
ask_number(struct sts_store_redis *s, const struct call *call, const char *what, int64_t *out)
{
	struct sts_reply reply;
	enum sts_status status = ask(s, call, &reply);

	if (status != STS_OK)
		return status;
	*out = reply.integer;
	if (reply.kind == STS_REPLY_INTEGER)
		sts_exchange_good(s, reply.integer == 1);
	else
		status = sts_exchange_refused(s, what, &reply);
	sts_reply_free(&reply);
	return status;
}

enum sts_status
sts_store_redis_put(struct sts_store *store, const struct sts_entry *entry, int64_t now)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	char key[STS_KEY_CAP], now_text[24], ttl_text[24];
	struct call call = { .script = STS_SCRIPT_PUT, .key = sts_key_policy(s->prefix, entry->domain, key) };
	struct sts_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;
	enum sts_status status;
	int64_t stored;

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
	status = ask_number(s, &call, "policy", &stored);
	sts_entry_scratch_fini(&scratch);
	return status;
}

/* ---- locks ---- */

enum sts_status
sts_store_redis_lock(struct sts_store *store, const char *domain, int64_t ttl_ms)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	char key[STS_KEY_CAP], ttl[24];
	struct call call = { .script = STS_SCRIPT_LOCK, .key = sts_key_lock(s->prefix, domain, key) };
	enum sts_status status;
	int64_t answer;

	snprintf(ttl, sizeof(ttl), "%" PRId64, ttl_ms > 0 ? ttl_ms : 1);
	add_arg(&call, s->owner, strlen(s->owner));
	add_arg(&call, ttl, strlen(ttl));
	if ((status = ask_number(s, &call, "lock", &answer)) != STS_OK)
		return status;
	/* A key that is no lock will never be given up by anybody: as good as no store. */
	return answer == 1 ? STS_OK : answer == 0 ? STS_EFULL : STS_EUNAVAILABLE;
}

enum sts_status
sts_store_redis_unlock(struct sts_store *store, const char *domain)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	char key[STS_KEY_CAP];
	struct call call = { .script = STS_SCRIPT_UNLOCK, .key = sts_key_lock(s->prefix, domain, key) };
	int64_t removed;

	add_arg(&call, s->owner, strlen(s->owner));
	return ask_number(s, &call, "lock", &removed);
}

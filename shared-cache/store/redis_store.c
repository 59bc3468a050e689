/* SPDX-License-Identifier: ISC */
/*
 * redis_store.c - a handle to Redis: opening, closing, the breaker's view of each outcome, the two log lines. Knows neither
 * policies nor counters.
 */
#include "config.h"

#include "shared-cache/store/redis_store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "shared-cache/base/clock.h"

enum { DAY_S = 86400, FORBIDDEN_LOG_MS = 3600 * 1000, FOREIGN_LOG_MS = 3600 * 1000 };

struct sts_store_redis *
sts_store_redis_of(struct sts_store *store)
{
	return (struct sts_store_redis *)(void *)store;
}

/* ---- outcomes ---- */

static enum sts_status
failed(struct sts_store_redis *s, enum sts_breaker_fault fault)
{
	if (sts_breaker_failed(&s->breaker, fault, sts_clock_mono_ms()))
		sts_warn("redis %s is away (%s): nothing is shared, counters wait in memory", s->name,
		    sts_redis_why(s->redis));
	sts_redis_drop(s->redis);
	return STS_EUNAVAILABLE;
}

enum sts_status
sts_exchange_begin(struct sts_store_redis *s)
{
	s->refused = false;
	if (!sts_breaker_allows(&s->breaker, sts_clock_mono_ms()))
		return STS_EUNAVAILABLE;
	return sts_redis_begin(s->redis) == STS_OK ? STS_OK : failed(s, STS_BREAKER_AWAY);
}

void
sts_exchange_good(struct sts_store_redis *s, bool wrote)
{
	int64_t away_ms;

	if (sts_breaker_succeeded(&s->breaker, wrote, sts_clock_mono_ms(), &away_ms))
		sts_info("redis %s is back after %" PRId64 ".%" PRId64 " s", s->name, away_ms / 1000, away_ms % 1000 / 100);
}

enum sts_status
sts_exchange_broken(struct sts_store_redis *s, enum sts_status status)
{
	(void)failed(s, STS_BREAKER_TROUBLE);
	return status;
}

/* Before version 7, Redis puts the error code of a command that a script ran into a sentence. */
static bool
says(const struct sts_reply *reply, const char *code)
{
	char wrapped[32];

	snprintf(wrapped, sizeof(wrapped), " -%s ", code);
	return sts_reply_is_refusal(reply, code) || memmem(reply->text, reply->len, wrapped, strlen(wrapped)) != NULL;
}

static bool
is_about_writing(const struct sts_reply *reply)
{
	static const char *const codes[] = { "OOM", "READONLY", "MISCONF", "NOREPLICAS" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (says(reply, codes[i]))
			return true;
	return false;
}

/* Forbidden to this user (ACL) or unknown to this server (rename-command): the next command may well be accepted. */
static bool
is_forbidden(const struct sts_reply *reply)
{
	static const char *const words[] = { "NOPERM", "can't run this command", "can't access at least one of the keys",
		"ACL failure in script", "unknown command", "Unknown Redis command" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(reply->text, reply->len, words[i], strlen(words[i])) != NULL)
			return true;
	return false;
}

/* The topics are literals, and few. */
static struct sts_log_limit *
limit_of(struct sts_store_redis *s, const char *what)
{
	size_t i = 0;

	while (i < STS_STORE_TOPICS - 1 && s->forbidden[i].what != NULL && strcmp(s->forbidden[i].what, what) != 0)
		i++;
	s->forbidden[i].what = what;
	return &s->forbidden[i].limit;
}

/* Drops the connection: replies that are still to come would be taken for those of the next exchange. */
static enum sts_status
forbidden(struct sts_store_redis *s, const char *what)
{
	unsigned long held_back;

	if (sts_log_allowed(limit_of(s, what), sts_clock_mono_ms(), FORBIDDEN_LOG_MS, &held_back))
		sts_warn("redis %s refuses a command (%s); everything else continues: see stsctl redis-setup --acl-only", s->name,
		    sts_redis_why(s->redis));
	if (sts_redis_due(s->redis) > 0)
		sts_redis_drop(s->redis);
	s->refused = true;
	return STS_EUNAVAILABLE;
}

/* Records why a call failed. For a command refused within a script, Redis 7 gives only the line; the command is found by it. */
static void
set_why(struct sts_store_redis *s, const char *what, const struct sts_reply *reply)
{
	char commands[STS_SCRIPT_COMMANDS_CAP] = "", named[80];

	if (reply->kind == STS_REPLY_REFUSED && is_forbidden(reply))
		sts_script_refused_commands(reply->text, reply->len, commands);
	snprintf(named, sizeof(named), "%s%s%s", what, commands[0] != '\0' ? ", " : "", commands);
	sts_redis_set_why(s->redis, named, reply);
}

enum sts_status
sts_exchange_refused(struct sts_store_redis *s, const char *what, const struct sts_reply *reply)
{
	set_why(s, what, reply);
	if (reply->kind != STS_REPLY_REFUSED)
		return failed(s, STS_BREAKER_TROUBLE);
	if (is_forbidden(reply))
		return forbidden(s, what);
	return failed(s, is_about_writing(reply) ? STS_BREAKER_READ_ONLY : STS_BREAKER_AWAY);
}

/* ---- scripts ---- */

void
sts_script_begin(struct sts_store_redis *s, const struct sts_script_call *call)
{
	sts_redis_command(s->redis, 3 + call->key_count + call->arg_count);
	sts_redis_text(s->redis, call->with_text ? "EVAL" : "EVALSHA");
	sts_redis_text(s->redis, call->with_text ? sts_script_text(call->script) : s->digests[call->script]);
	sts_redis_number(s->redis, (int64_t)call->key_count);
}

bool
sts_script_is_unknown(const struct sts_reply *reply)
{
	return sts_reply_is_refusal(reply, "NOSCRIPT");
}

enum sts_status
sts_script_result(struct sts_store_redis *s, const char *what, bool *unknown_script, int64_t *result)
{
	struct sts_reply reply;
	enum sts_status status = sts_redis_read(s->redis, &reply);

	*result = 0;
	if (status != STS_OK)
		return sts_exchange_broken(s, status);
	if (unknown_script != NULL && sts_script_is_unknown(&reply))
		*unknown_script = true;
	else if (reply.kind == STS_REPLY_INTEGER)
		*result = reply.integer;
	else
		status = sts_exchange_refused(s, what, &reply);
	sts_reply_free(&reply);
	return status;
}

/* ---- keys that are not ours ---- */

void
sts_store_redis_log_foreign(struct sts_store_redis *s, const char *key)
{
	unsigned long held_back;

	s->foreign++;
	if (sts_log_allowed(&s->foreign_log, sts_clock_mono_ms(), FOREIGN_LOG_MS, &held_back))
		sts_warn("redis %s: the key %s holds something that is not ours; what belongs there is not counted (%" PRIu64
		    " so far, also of other keys)", s->name, key, s->foreign);
}

/* ---- life ---- */

static void
redis_close(struct sts_store *store)
{
	struct sts_store_redis *s = sts_store_redis_of(store);

	sts_redis_free(&s->redis);
	free(s->name);
	free(s->owner);
	free(s->node);
	free(s);
}

static bool
redis_is_up(const struct sts_store *store)
{
	return ((const struct sts_store_redis *)(const void *)store)->breaker.position == STS_BREAKER_CLOSED;
}

static const char *
redis_why(const struct sts_store *store)
{
	return sts_redis_why(((const struct sts_store_redis *)(const void *)store)->redis);
}

static bool
redis_is_refused(const struct sts_store *store)
{
	return ((const struct sts_store_redis *)(const void *)store)->refused;
}

static void
redis_try_now(struct sts_store *store)
{
	sts_breaker_try_now(&sts_store_redis_of(store)->breaker);
}

static void
redis_stream_number(const struct sts_store *store, char incarnation[33], uint64_t *sequence)
{
	const struct sts_store_redis *s = (const struct sts_store_redis *)(const void *)store;

	memcpy(incarnation, s->incarnation, sizeof(s->incarnation));
	*sequence = s->stream_unsure > 0 ? s->stream_sequence : s->stream_sequence + 1;
}

/* Continues the numbers of the earlier process. (Locks have their owner from the start.) */
static void
redis_stream_resume(struct sts_store *store, const char *incarnation, uint64_t sequence, size_t count)
{
	struct sts_store_redis *s = sts_store_redis_of(store);

	if (strlen(incarnation) != sizeof(s->incarnation) - 1)
		return;
	memcpy(s->incarnation, incarnation, sizeof(s->incarnation));
	s->stream_sequence = sequence;
	s->stream_unsure = count;
}

static const struct sts_store_ops redis_ops = {
	.close = redis_close,
	.get = sts_store_redis_get,
	.put = sts_store_redis_put,
	.lock = sts_store_redis_lock,
	.unlock = sts_store_redis_unlock,
	.calls = sts_store_redis_calls,
	.history = sts_store_redis_history,
	.clear_history = sts_store_redis_clear_history,
	.publish = sts_store_redis_publish,
	.purge = sts_store_redis_purge,
	.heartbeat = sts_store_redis_heartbeat,
	.scan = sts_store_redis_scan,
	.apply = sts_store_redis_apply,
	.append = sts_store_redis_append,
	.stream_number = redis_stream_number,
	.stream_resume = redis_stream_resume,
	.is_up = redis_is_up,
	.is_refused = redis_is_refused,
	.why = redis_why,
	.try_now = redis_try_now,
};

static enum sts_status
set_names(struct sts_store_redis *s, const struct sts_store_params *params)
{
	char name[STS_ENDPOINT_NAME_CAP];

	if ((s->name = strdup(sts_endpoint_name(&params->endpoint, name))) == NULL)
		return STS_ENOMEM;
	if ((s->node = strdup(params->node)) == NULL)
		return STS_ENOMEM;
	if (asprintf(&s->owner, "%s:%s", params->node, s->incarnation) < 0) {
		s->owner = NULL;	/* asprintf leaves it undefined */
		return STS_ENOMEM;
	}
	return STS_OK;
}

static enum sts_status
set_random(struct sts_store_redis *s)
{
	unsigned char bytes[16];
	uint32_t seed;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return STS_ESYS;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(s->incarnation + 2 * i, 3, "%02x", bytes[i]);
	memcpy(&seed, bytes, sizeof(seed));
	sts_breaker_init(&s->breaker, seed);
	return STS_OK;
}

static enum sts_status
set_up(struct sts_store_redis *s, const struct sts_store_params *params)
{
	const struct sts_redis_params connection = {
		.endpoint = &params->endpoint,
		.username = params->username,
		.password = params->password,
		.db = params->db,
		.timeout_ms = params->timeout_ms,
	};
	enum sts_status status = set_random(s);

	strcpy(s->prefix, params->prefix);
	s->stats_ttl_s = params->stats_days * DAY_S;
	s->stats_domains = params->stats_domains;
	s->stream_maxlen = params->stream_maxlen;
	for (unsigned i = 0; i < STS_SCRIPTS && status == STS_OK; i++)
		status = sts_script_digest((enum sts_script)i, s->digests[i]) ? STS_OK : STS_ESYS;
	if (status == STS_OK)
		status = set_names(s, params);
	if (status == STS_OK)
		status = sts_redis_open(&connection, &s->redis);
	return status;
}

enum sts_status
sts_store_redis_open(const struct sts_store_params *params, struct sts_store **out)
{
	struct sts_store_redis *s;
	enum sts_status status;

	*out = NULL;
	if (!sts_keys_prefix_fits(params->prefix) || params->stats_days < 1 || params->timeout_ms < 1)
		return STS_EINVAL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return STS_ENOMEM;
	s->base.ops = &redis_ops;
	status = set_up(s, params);
	if (status == STS_OK)
		*out = &s->base;
	else
		redis_close(&s->base);
	return status;
}

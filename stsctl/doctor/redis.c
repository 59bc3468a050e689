/* SPDX-License-Identifier: ISC */
/* doctor/redis.c - asks Redis about itself, as the milter's user. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/redis/redis_server.h"
#include "stsctl/context/redis_cli.h"
#include "stsctl/context/settings.h"
#include "stsctl/doctor/redis.h"
#include "stsctl/stats/redis_functions.h"

/* Runs one command. False when there is no answer at all; a refusal is an answer. */
static bool
ask(struct sts_redis *redis, const char *const *words, struct sts_reply *reply)
{
	size_t n = 0;

	if (sts_redis_begin(redis) != STS_OK)
		return false;
	while (words[n] != NULL)
		n++;
	sts_redis_command(redis, n);
	for (size_t i = 0; i < n; i++)
		sts_redis_text(redis, words[i]);
	return sts_redis_read(redis, reply) == STS_OK;
}

/* Copies the text of a reply, escaped and cut. */
static void
show_reply(const struct sts_reply *reply, char *out, size_t cap)
{
	struct sts_text text;

	sts_text_init(&text, out, cap);
	if (reply->kind == STS_REPLY_TEXT || reply->kind == STS_REPLY_REFUSED)
		sts_text_add_shown(&text, reply->text, reply->len, cap / 4);
}

static long long
info_number(const char *info, const char *name)
{
	unsigned long long n = 0;
	char text[128];

	doctor_redis_info(info, name, text, sizeof(text));
	return sts_text_parse_u64(text, strlen(text), 18, &n) ? (long long)n : 0;
}

static bool
inspect_info(struct sts_redis *redis, struct doctor_redis *out)
{
	static const char *const words[] = { "INFO", NULL };
	char aof[32];
	struct sts_reply reply;

	if (!ask(redis, words, &reply))
		return false;
	if (reply.kind == STS_REPLY_TEXT) {
		doctor_redis_info(reply.text, "redis_version", out->version, sizeof(out->version));
		doctor_redis_info(reply.text, "role", out->role, sizeof(out->role));
		doctor_redis_info(reply.text, "maxmemory_policy", out->maxmemory_policy, sizeof(out->maxmemory_policy));
		out->maxmemory = info_number(reply.text, "maxmemory");
		out->used_memory = info_number(reply.text, "used_memory");
		out->aof = strcmp(doctor_redis_info(reply.text, "aof_enabled", aof, sizeof(aof)), "1") == 0;
	} else {
		show_reply(&reply, out->info_refused, sizeof(out->info_refused));
	}
	sts_reply_free(&reply);
	return true;
}

static bool
inspect_config(struct sts_redis *redis, struct doctor_redis *out)
{
	static const char *const words[] = { "CONFIG", "GET", "save", NULL };
	struct sts_reply reply, value;

	if (!ask(redis, words, &reply))
		return false;
	if (reply.kind == STS_REPLY_ARRAY && reply.count == 2) {
		value = sts_reply_element(&reply, 1);
		show_reply(&value, out->save, sizeof(out->save));
	} else {
		show_reply(&reply, out->config_refused, sizeof(out->config_refused));
	}
	sts_reply_free(&reply);
	return true;
}

static bool
inspect_clock(struct sts_redis *redis, struct doctor_redis *out)
{
	static const char *const words[] = { "TIME", NULL };
	unsigned long long seconds;
	struct sts_reply reply, first;

	if (!ask(redis, words, &reply))
		return false;
	if (reply.kind == STS_REPLY_ARRAY && reply.count == 2) {
		first = sts_reply_element(&reply, 0);
		out->has_time = first.kind == STS_REPLY_TEXT && sts_text_parse_u64(first.text, first.len, 12, &seconds);
		if (out->has_time)
			out->ahead_s = (int64_t)seconds - sts_clock_now();
	}
	sts_reply_free(&reply);
	return true;
}

static bool
inspect_user(struct sts_redis *redis, struct doctor_redis *out)
{
	static const char *const who[] = { "ACL", "WHOAMI", NULL };
	static const char *const script[] = { "EVAL", "return 1", "0", NULL };
	struct sts_reply reply;

	if (!ask(redis, who, &reply))
		return false;
	if (reply.kind == STS_REPLY_TEXT)
		show_reply(&reply, out->user, sizeof(out->user));
	sts_reply_free(&reply);
	if (!ask(redis, script, &reply))
		return false;
	out->may_work = reply.kind == STS_REPLY_INTEGER;
	if (!out->may_work)
		show_reply(&reply, out->why, sizeof(out->why));
	sts_reply_free(&reply);
	return true;
}

/* FUNCTION LIST returns [[name, value, ...]], or an empty array. */
static bool
has_our_code(const struct sts_reply *reply)
{
	struct sts_reply library = sts_reply_element(reply, 0);

	for (size_t i = 0; library.kind == STS_REPLY_ARRAY && i < library.count; i++) {
		struct sts_reply value = sts_reply_element(&library, i);

		if (value.kind == STS_REPLY_TEXT && strcmp(value.text, redis_functions_text) == 0)
			return true;
	}
	return false;
}

static bool
inspect_functions(struct sts_redis *redis, struct doctor_redis *out)
{
	const char *const words[] = { "FUNCTION", "LIST", "LIBRARYNAME", redis_functions_name, "WITHCODE", NULL };
	struct sts_reply reply;

	if (!ask(redis, words, &reply))
		return false;
	if (reply.kind == STS_REPLY_ARRAY && reply.count > 0)
		out->functions = has_our_code(&reply) ? FUNCTIONS_LOADED : FUNCTIONS_OLD;
	else if (reply.kind == STS_REPLY_ARRAY)
		out->functions = FUNCTIONS_ABSENT;
	else
		out->functions = strstr(reply.text != NULL ? reply.text : "", "unknown command") != NULL ? FUNCTIONS_NONE :
		    FUNCTIONS_REFUSED;
	sts_reply_free(&reply);
	return true;
}

void
inspect_redis(const struct doctor_env *env, struct doctor_redis *out)
{
	const struct sts_conf *conf = env->conf;
	const struct sts_redis_params params = {
		.endpoint = &conf->redis,
		.username = conf->redis_username,
		.password = conf->redis_password,
		.db = conf->redis_db,
		.timeout_ms = settings_redis_wait_ms(conf),
	};
	struct sts_redis *redis = NULL;
	struct sts_text text;

	*out = (struct doctor_redis){ .none = conf->redis.kind == STS_ENDPOINT_NONE };
	sts_endpoint_name(&conf->redis, out->place);
	sts_text_init(&text, out->cli, sizeof(out->cli));
	redis_cli_add(&text, &conf->redis, 0);
	if (out->none)
		return;
	out->in_clear = doctor_redis_in_clear(&conf->redis);
	if (sts_redis_open(&params, &redis) != STS_OK) {
		snprintf(out->why, sizeof(out->why), "%s", sts_status_text(STS_ENOMEM));
		return;
	}
	out->reached = inspect_user(redis, out) && inspect_info(redis, out) && inspect_config(redis, out) && inspect_clock(redis, out) &&
	    inspect_functions(redis, out);
	if (!out->reached)
		snprintf(out->why, sizeof(out->why), "%s", sts_redis_why(redis));
	sts_redis_free(&redis);
}

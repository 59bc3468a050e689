/* SPDX-License-Identifier: ISC */
/* settings.c - loads the settings, and opens Redis with them. */
#include "config.h"

#include "stsctl/context/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stsctl/terminal/output.h"

enum { PATIENCE_MS = 2000 };

static const char default_file[] = SYSCONFDIR "/mta-sts-milter/mta-sts-milter.conf";

/* The file that -c or STSCTL_CONF names, or NULL. */
static const char *
named_file(const struct cmd_context *context)
{
	const char *environment = getenv("STSCTL_CONF");

	if (context->conf_file != NULL)
		return context->conf_file;
	return environment != NULL && environment[0] != '\0' ? environment : NULL;
}

const char *
settings_file(const struct cmd_context *context)
{
	const char *named = named_file(context);

	return named != NULL ? named : default_file;
}

enum sts_status
settings_read(const struct cmd_context *context, FILE *errors, struct sts_conf **out)
{
	const char *file = settings_file(context);

	/* a file that was named must exist; the default one need not */
	if (named_file(context) == NULL && access(file, F_OK) != 0 && errno == ENOENT)
		file = NULL;
	return sts_conf_load(file, context->overrides, context->override_count, errors, out);
}

enum cmd_exit
settings_load(const struct cmd_context *context, struct sts_conf **out)
{
	enum sts_status status;

	fflush(stdout);
	status = settings_read(context, stderr, out);
	if (status == STS_OK)
		return CMD_FINE;
	if (status == STS_EINVAL)
		return output_error(context, CMD_USAGE, "the settings have mistakes");
	return output_error(context, CMD_UNKNOWN, "settings: %s", sts_status_text(status));
}

int64_t
settings_redis_wait_ms(const struct sts_conf *conf)
{
	return conf->redis_timeout_ms > PATIENCE_MS ? conf->redis_timeout_ms : PATIENCE_MS;
}

enum cmd_exit
settings_prepare_redis(const struct cmd_context *context, int64_t wait_ms, struct settings_redis *out)
{
	struct sts_query_params params;
	enum sts_status status;
	enum cmd_exit code;

	*out = (struct settings_redis){ NULL, NULL };
	if ((code = settings_load(context, &out->conf)) != CMD_FINE)
		return code;
	if (out->conf->redis.kind == STS_ENDPOINT_NONE)
		return CMD_FINE;
	params = (struct sts_query_params){
		.endpoint = &out->conf->redis,
		.username = out->conf->redis_username,
		.password = out->conf->redis_password,
		.prefix = out->conf->redis_prefix,
		.db = out->conf->redis_db,
		.timeout_ms = wait_ms + settings_redis_wait_ms(out->conf),
	};
	status = sts_query_new(&params, &out->query);
	return status == STS_OK ? CMD_FINE : output_error(context, CMD_UNKNOWN, "%s", sts_status_text(status));
}

enum cmd_exit
settings_open_redis(const struct cmd_context *context, int64_t wait_ms, struct settings_redis *out)
{
	enum cmd_exit code = settings_prepare_redis(context, wait_ms, out);

	if (code != CMD_FINE || out->query != NULL)
		return code;
	return output_error(context, CMD_UNKNOWN, "redis = none: counters and evidence are not stored");
}

void
settings_close_redis(struct settings_redis *redis)
{
	sts_query_free(&redis->query);
	if (redis->conf != NULL)
		sts_conf_unref(&redis->conf);
}

const char *
settings_redis_why(const struct settings_redis *redis, enum sts_status status)
{
	if (status == STS_EUNAVAILABLE)
		return sts_query_why(redis->query);
	return status == STS_EFULL ? "more fields or domains than stsctl can hold" : sts_status_text(status);
}

enum cmd_exit
settings_endpoint_error(const struct cmd_context *context, const struct sts_conf *conf, const char *why)
{
	char name[STS_ENDPOINT_NAME_CAP];

	return output_error(context, CMD_UNKNOWN, "redis %s: %s", sts_endpoint_name(&conf->redis, name), why);
}

enum cmd_exit
settings_redis_error(const struct cmd_context *context, const struct settings_redis *redis, enum sts_status status)
{
	return settings_endpoint_error(context, redis->conf, settings_redis_why(redis, status));
}

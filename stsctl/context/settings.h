/* SPDX-License-Identifier: ISC */
/* settings.h - loads the milter's settings for stsctl, and opens Redis with them. One thread. */
#ifndef STSCTL_CONTEXT_SETTINGS_H
#define STSCTL_CONTEXT_SETTINGS_H

#include <stdint.h>
#include <stdio.h>

#include "shared-cache/query/query.h"
#include "shared-cache/settings/conf.h"
#include "stsctl/terminal/command.h"

/* The settings file: -c, else the environment variable STSCTL_CONF (empty counts as unset), else the milter's own, which need not
 * exist. */
const char *settings_file(const struct cmd_context *context);

/* Loads settings_file, if it exists, and -o. Mistakes go to standard error as from mta-sts-milter -t. The caller owns a reference to
 * *out. */
enum cmd_exit settings_load(const struct cmd_context *context, struct sts_conf **out);

/* The same, but mistakes go to errors, and nothing else is printed. */
enum sts_status settings_read(const struct cmd_context *context, FILE *errors, struct sts_conf **out);

/* How long to wait for Redis. redis_timeout suits the milter, which cannot wait; a person at a terminal would rather wait longer. */
int64_t settings_redis_wait_ms(const struct sts_conf *conf);

/* Settings and a query connection. wait_ms: the longest time that one of the caller's commands blocks in Redis, added to the timeout. */
struct settings_redis {
	struct sts_conf *conf;
	struct sts_query *query;
};
enum cmd_exit settings_open_redis(const struct cmd_context *context, int64_t wait_ms, struct settings_redis *out);
/* The same for commands that work without Redis: with redis = none, the query is NULL. */
enum cmd_exit settings_prepare_redis(const struct cmd_context *context, int64_t wait_ms, struct settings_redis *out);
void settings_close_redis(struct settings_redis *redis);

/* Prints "redis ENDPOINT: WHY", as every command reports that Redis does not answer. Returns CMD_UNKNOWN. */
enum cmd_exit settings_endpoint_error(const struct cmd_context *context, const struct sts_conf *conf, const char *why);
/* Why a query failed, in a few words; safe to print. */
const char *settings_redis_why(const struct settings_redis *redis, enum sts_status status);
/* Prints why Redis did not answer (STS_EUNAVAILABLE), or why else a query failed. Returns CMD_UNKNOWN. */
enum cmd_exit settings_redis_error(const struct cmd_context *context, const struct settings_redis *redis, enum sts_status status);

#endif

/* SPDX-License-Identifier: ISC */
/* settings.h - the milter's settings as stsctl uses them, and Redis opened by them. */
#ifndef STSCTL_CONTEXT_SETTINGS_H
#define STSCTL_CONTEXT_SETTINGS_H

#include <stdint.h>
#include <stdio.h>

#include "shared-cache/query/query.h"
#include "shared-cache/settings/conf.h"
#include "stsctl/terminal/command.h"

/* The file of the settings: -c's, else the one that the environment variable STSCTL_CONF names (empty counts as unset), else the
 * milter's own, which need not be there. */
const char *settings_file(const struct cmd_context *context);

/* Reads settings_file, where there is one, and -o. Mistakes go to standard error, as mta-sts-milter -t says them.
 * The caller owns a reference. */
enum cmd_exit settings_load(const struct cmd_context *context, struct sts_conf **out);

/* The same, with the mistakes to errors, and nothing else said. */
enum sts_status settings_read(const struct cmd_context *context, FILE *errors, struct sts_conf **out);

/* How long Redis may take: redis_timeout is the milter's, which has better things to do; who sits at a terminal would rather
 * wait. */
int64_t settings_redis_wait_ms(const struct sts_conf *conf);

/* Settings and a query in one. wait_ms: the longest that a command of the caller's waits in Redis, besides. */
struct settings_redis {
	struct sts_conf *conf;
	struct sts_query *query;
};
enum cmd_exit settings_open_redis(const struct cmd_context *context, int64_t wait_ms, struct settings_redis *out);
/* The same for those who have something to say without it: with redis = none the query is NULL. */
enum cmd_exit settings_prepare_redis(const struct cmd_context *context, int64_t wait_ms, struct settings_redis *out);
void settings_close_redis(struct settings_redis *redis);

/* "redis ENDPOINT: WHY": the form in which every command says that Redis is away. CMD_UNKNOWN. */
enum cmd_exit settings_endpoint_error(const struct cmd_context *context, const struct sts_conf *conf, const char *why);
/* Why a query failed, in a few words; escaped. */
const char *settings_redis_why(const struct settings_redis *redis, enum sts_status status);
/* Says why Redis did not answer (STS_EUNAVAILABLE), or what else a query failed with. CMD_UNKNOWN. */
enum cmd_exit settings_redis_error(const struct cmd_context *context, const struct settings_redis *redis, enum sts_status status);

#endif

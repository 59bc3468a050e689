/* SPDX-License-Identifier: ISC */
/* cmd_status.c - `stsctl status': the state of everything, on one screen. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/overview/overview_json.h"
#include "stsctl/overview/status_page.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/terminal.h"

/* Reads what can be read; without Redis, the local milter still answers. */
static enum cmd_exit
look(const struct settings_redis *redis, struct overview *out)
{
	enum sts_status status;

	status = snapshot_read(redis->query, &out->snapshot);
	if (status == STS_OK)
		status = snapshot_read_latest(redis->query, &out->snapshot);
	out->reachable = status == STS_OK;
	if (!out->reachable) {
		out->why = settings_redis_why(redis, status);
		return CMD_UNKNOWN;
	}
	problems_find(&out->snapshot, &out->problems);
	return problems_are_serious(&out->problems) ? CMD_NO : CMD_FINE;
}

static enum cmd_exit
report(const struct cmd_context *context, const struct settings_redis *redis, struct overview *o)
{
	enum cmd_exit code = CMD_UNKNOWN;

	if (o->metrics_listen[0] != '\0')
		local_metrics_read(o->metrics_listen, &o->local);
	if (o->has_redis)
		code = look(redis, o);
	o->snapshot.now = sts_clock_now();
	if (context->json)
		return output_json(context, code, overview_json(o));
	return status_page_print(o, terminal_width(), stdout) ? code : output_error(context, CMD_UNKNOWN, "%s",
	    sts_status_text(STS_ENOMEM));
}

enum cmd_exit
cmd_status(const struct cmd_context *context, int argc, char **argv)
{
	struct overview *o;
	char name[STS_ENDPOINT_NAME_CAP];
	struct settings_redis redis;
	enum cmd_exit code = usage_no_operands(context, "status", argc, argv, "");

	if (code != CMD_FINE)
		return code;
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return output_error(context, CMD_UNKNOWN, "status: %s", sts_status_text(STS_ENOMEM));
	code = settings_prepare_redis(context, 0, &redis);
	if (code == CMD_FINE) {
		o->version = PACKAGE_VERSION;
		o->redis = sts_endpoint_name(&redis.conf->redis, name);
		o->has_redis = redis.query != NULL;
		o->why = "redis = none";
		o->enforces = sts_conf_enforces(redis.conf);
		o->dry_run = redis.conf->enforcement.dry_run;
		o->metrics_listen = redis.conf->metrics_listen;
		code = report(context, &redis, o);
	}
	snapshot_fini(&o->snapshot);
	free(o);
	settings_close_redis(&redis);
	return code;
}

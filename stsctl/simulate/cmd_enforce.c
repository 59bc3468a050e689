/* SPDX-License-Identifier: ISC */
/* cmd_enforce.c - stsctl enforce: whether the milters refuse mail, and their trip wires. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/store/store.h"
#include "stsctl/context/settings.h"
#include "stsctl/terminal/command.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { ALIVE_S = 60 };		/* a milter gives a sign every few seconds */

struct enforce_case {
	const struct cmd_context *context;
	struct settings_redis redis;
	int64_t now;
	struct table *table;
	json_t *nodes;
	bool tripped;
};

/* ---- status ---- */

static const char *
state_of(const struct sts_query_node *node)
{
	if (node->tripped != 0)
		return "tripped";
	if (!node->enforcing)
		return "off";
	return node->dry_run ? "dry-run" : "on";
}

static bool
add_node(void *arg, const struct sts_query_node *node)
{
	struct enforce_case *c = arg;
	char time[HUMAN_TIME_CAP];

	c->tripped = c->tripped || node->tripped != 0;
	table_row(c->table);
	table_text(c->table, node->name);
	table_text(c->table, state_of(node));
	table_number(c->table, node->refused_minute);
	table_text(c->table, human_time(node->tripped, time));
	table_text(c->table, human_time(node->seen, time));
	return json_array_append_new(c->nodes, json_pack("{s:s, s:s, s:I, s:I, s:I}", "node", node->name, "state", state_of(node),
	    "refused_minute", (json_int_t)node->refused_minute, "tripped", (json_int_t)node->tripped, "seen",
	    (json_int_t)node->seen)) == 0;
}

static enum cmd_exit
print_status(struct enforce_case *c)
{
	enum cmd_exit code = c->tripped ? CMD_NO : CMD_FINE;

	if (c->context->json)
		return output_json(c->context, code, json_pack("{s:b, s:O}", "tripped", c->tripped, "nodes", c->nodes));
	if (!table_print(c->table, terminal_width(), stdout))
		return output_error(c->context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	return code;
}

static enum cmd_exit
run_status(struct enforce_case *c)
{
	enum sts_status status;
	enum cmd_exit code;

	c->table = table_new("llrll");
	c->nodes = json_array();
	table_row(c->table);
	table_text(c->table, "milter");
	table_text(c->table, "state");
	table_text(c->table, "last minute");
	table_text(c->table, "tripped");
	table_text(c->table, "seen");
	status = sts_query_nodes(c->redis.query, c->now - ALIVE_S, add_node, c);
	if (status == STS_ENOTFOUND)
		code = output_error(c->context, CMD_UNKNOWN, "no milter has given a sign of life within a minute");
	else if (status != STS_OK)
		code = settings_blame_redis(c->context, &c->redis, status);
	else
		code = print_status(c);
	table_free(&c->table);
	json_decref(c->nodes);
	return code;
}

/* ---- reset ---- */

static enum cmd_exit
run_reset(struct enforce_case *c)
{
	int64_t heard;
	enum sts_status status = sts_query_tell(c->redis.query, STS_TELL_ENFORCE_RESET, &heard);
	enum cmd_exit code = heard > 0 ? CMD_FINE : CMD_NO;

	if (status != STS_OK)
		return settings_blame_redis(c->context, &c->redis, status);
	if (c->context->json)
		return output_json(c->context, code, json_pack("{s:I}", "heard", (json_int_t)heard));
	printf("%lld %s been told to refuse mail again as the settings say\n", (long long)heard,
	    heard == 1 ? "milter has" : "milters have");
	return code;
}

static const struct kind {
	const char *name;
	enum cmd_exit (*run)(struct enforce_case *c);
} kinds[] = {
	{ "status", run_status },
	{ "reset", run_reset },
};

/* Without Redis nobody hears of anything. */
static enum cmd_exit
check_redis(const struct cmd_context *context)
{
	struct sts_conf *conf;
	enum cmd_exit code = settings_load(context, &conf);

	if (code != CMD_FINE)
		return code;
	if (conf->redis.kind == STS_ENDPOINT_NONE)
		code = output_error(context, CMD_UNKNOWN, "redis = none: a reload of the milter resets its trip wire (systemctl "
		    "reload mta-sts-milter, or SIGUSR1)");
	sts_conf_unref(&conf);
	return code;
}

enum cmd_exit
cmd_enforce(const struct cmd_context *context, int argc, char **argv)
{
	struct enforce_case c = { .context = context, .now = sts_clock_now() };
	const char *name = argc > 0 ? argv[0] : "";
	enum cmd_exit code;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		if (argc != 1)
			return output_error(context, CMD_USAGE, "enforce %s: wants no operand", name);
		code = check_redis(context);
		if (code == CMD_FINE)
			code = settings_open_redis(context, 0, &c.redis);
		if (code == CMD_FINE)
			code = kinds[i].run(&c);
		settings_close_redis(&c.redis);
		return code;
	}
	return output_error(context, CMD_USAGE, "enforce: wants status or reset%s%s", argc > 0 ? ", not " : "", name);
}

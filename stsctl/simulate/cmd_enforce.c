/* SPDX-License-Identifier: ISC */
/* cmd_enforce.c - stsctl enforce: whether the milters refuse mail, and the state of their trip wires. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/store/store.h"
#include "stsctl/context/node_state.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/simulate/broadcast.h"
#include "stsctl/terminal/command.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum {
	STATUS_WAIT_MS = 3000,
	RESET_WAIT_MS = 10000,
	AGE_CAP = 40,
};

struct enforce_case {
	const struct cmd_context *context;
	struct settings_redis redis;
	struct broadcast broadcast;
};

/* ---- status ---- */

/* "3 s ago", and whether the milter answered when asked. */
static const char *
age_of(const struct broadcast_node *n, char out[AGE_CAP])
{
	snprintf(out, AGE_CAP, "%lld s ago%s", (long long)n->age_s, n->answered ? "" : ", no answer");
	return out;
}

static json_t *
json_node(const struct broadcast_node *n)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:b}", "node", n->node.name, "state", node_state(&n->node), "refused_minute",
	    (json_int_t)n->node.refused_minute, "tripped", (json_int_t)n->node.tripped, "seen", (json_int_t)n->node.seen, "age",
	    (json_int_t)n->age_s, "answered", n->answered);
}

static enum cmd_exit
print_status_json(struct enforce_case *c, bool tripped, enum cmd_exit code)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < c->broadcast.count; i++)
		json_add(&nodes, json_node(&c->broadcast.nodes[i]));
	return output_json(c->context, code, json_pack("{s:b, s:o}", "tripped", tripped, "nodes", nodes));
}

static enum cmd_exit
print_status(struct enforce_case *c, enum cmd_exit code)
{
	struct table *table = table_new("llrll");
	char tripped[HUMAN_TIME_CAP], age[AGE_CAP];
	bool printed;

	table_row(table);
	table_text(table, "milter");
	table_text(table, "state");
	table_text(table, "last minute");
	table_text(table, "tripped");
	table_text(table, "seen");
	for (size_t i = 0; i < c->broadcast.count; i++) {
		const struct broadcast_node *n = &c->broadcast.nodes[i];

		table_row(table);
		table_text(table, n->node.name);
		table_text(table, node_state(&n->node));
		table_number(table, n->node.refused_minute);
		table_text(table, human_time(n->node.tripped, tripped));
		table_text(table, age_of(n, age));
	}
	printed = table_print(table, terminal_width(), stdout);
	table_free(&table);
	return printed ? code : output_error(c->context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
}

static enum cmd_exit
run_status(struct enforce_case *c)
{
	enum sts_status status = broadcast_send(c->redis.query, STS_TELL_SIGN, STATUS_WAIT_MS, &c->broadcast);
	bool tripped = false;

	if (status == STS_ENOTFOUND)
		return output_error(c->context, CMD_UNKNOWN, "no milter has sent a heartbeat within a minute");
	if (status != STS_OK)
		return settings_redis_error(c->context, &c->redis, status);
	for (size_t i = 0; i < c->broadcast.count; i++)
		tripped = tripped || c->broadcast.nodes[i].node.tripped != 0;
	return c->context->json ? print_status_json(c, tripped, tripped ? CMD_NO : CMD_FINE) :
	    print_status(c, tripped ? CMD_NO : CMD_FINE);
}

/* ---- reset ---- */

static enum cmd_exit
print_reset_json(struct enforce_case *c, enum cmd_exit code)
{
	json_t *confirmed = json_array(), *missing = json_array();

	for (size_t i = 0; i < c->broadcast.count; i++)
		json_add(c->broadcast.nodes[i].answered ? &confirmed : &missing, json_string(c->broadcast.nodes[i].node.name));
	return output_json(c->context, code, json_pack("{s:o, s:o}", "confirmed", confirmed, "missing", missing));
}

/* A reset trip wire does not mean that mail is refused: the settings decide that. */
static const char *
outcome_of(const struct sts_query_node *node)
{
	if (!node->enforcing)
		return "its trip wire is reset; its settings refuse nothing";
	return node->dry_run ? "its trip wire is reset; by its settings it only says what it would refuse" :
	    "refuses mail again as the settings say";
}

static void
print_reset(const struct enforce_case *c)
{
	char age[AGE_CAP];

	for (size_t i = 0; i < c->broadcast.count; i++) {
		const struct broadcast_node *n = &c->broadcast.nodes[i];

		if (!n->answered)
			printf("%s has not confirmed within %d s; its last heartbeat: %s\n", n->node.name, RESET_WAIT_MS / 1000,
			    age_of(n, age));
		else
			printf("%s%s %s\n", n->node.name, n->node.enforcing && !n->node.dry_run ? "" : ":", outcome_of(&n->node));
	}
}

/* A milter that did not answer keeps its trip wire as it was: exit code CMD_NO. */
static enum cmd_exit
run_reset(struct enforce_case *c)
{
	enum sts_status status = broadcast_send(c->redis.query, STS_TELL_ENFORCE_RESET, RESET_WAIT_MS, &c->broadcast);
	enum cmd_exit code = c->broadcast.count > 0 && c->broadcast.missing == 0 ? CMD_FINE : CMD_NO;

	if (status != STS_OK && status != STS_ENOTFOUND)
		return settings_redis_error(c->context, &c->redis, status);
	if (c->context->json)
		return print_reset_json(c, code);
	if (c->broadcast.count == 0)
		printf("no milter has sent a heartbeat within a minute\n");
	print_reset(c);
	return code;
}

static const struct kind {
	const char *name;
	enum cmd_exit (*run)(struct enforce_case *c);
} kinds[] = {
	{ "status", run_status },
	{ "reset", run_reset },
};

/* Without Redis, no milter can be reached. */
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
	struct enforce_case c = { .context = context };
	const char *name = argc > 0 ? argv[0] : "";
	enum cmd_exit code;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		code = usage_no_operands(context, "enforce", argc - 1, argv + 1, "");
		if (code == CMD_FINE)
			code = check_redis(context);
		if (code == CMD_FINE)
			code = settings_open_redis(context, 0, &c.redis);
		if (code == CMD_FINE)
			code = kinds[i].run(&c);
		broadcast_fini(&c.broadcast);
		settings_close_redis(&c.redis);
		return code;
	}
	return CMD_USAGE;	/* the table of commands lets nothing else through */
}

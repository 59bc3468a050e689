/* SPDX-License-Identifier: ISC */
/* cmd_redis_setup.c - `stsctl redis-setup`: loads the functions for redis-cli into Redis, and prints Redis users to paste. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/query/acl.h"
#include "shared-cache/store/keys.h"
#include "stsctl/context/redis_cli.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/stats/redis_functions.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/paste.h"

enum { ACL_CAP = 1024, LINE_CAP = 2048 };

enum option { OPTION_ACL_ONLY };

const struct cmd_option cmd_redis_setup_options[] = {
	[OPTION_ACL_ONLY] = { "acl-only", NULL, "print the users and load nothing" },
	CMD_OPTIONS_END,
};

static const char *const load_words[] = {
	[STS_LOAD_NEW] = "loaded",
	[STS_LOAD_CHANGED] = "upgraded",
	[STS_LOAD_SAME] = "up to date",
};

/* ---- users ---- */

static const char *
acl_line(enum sts_acl_user user, const struct sts_conf *conf, char out[ACL_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, ACL_CAP);
	sts_acl_add(&text, user, conf->redis_prefix);
	return out;
}

static void
print_users(const struct sts_conf *conf)
{
	char line[ACL_CAP];

	for (unsigned i = 0; i < STS_ACL_USERS; i++)
		puts(acl_line((enum sts_acl_user)i, conf, line));
}

static json_t *
users_to_json(const struct sts_conf *conf)
{
	json_t *list = json_array();
	char line[ACL_CAP];

	for (unsigned i = 0; i < STS_ACL_USERS && list != NULL; i++) {
		enum sts_acl_user user = (enum sts_acl_user)i;
		json_t *object = json_pack("{s:s, s:s}", "user", sts_acl_name(user), "command", acl_line(user, conf, line));

		if (json_array_append_new(list, object) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static enum cmd_exit
show_users(const struct cmd_context *context)
{
	struct sts_conf *conf;
	enum cmd_exit code = settings_load(context, &conf);

	if (code != CMD_FINE)
		return code;
	if (context->json)
		code = output_json(context, code, json_pack("{s:o}", "acl", users_to_json(conf)));
	else
		print_users(conf);
	sts_conf_unref(&conf);
	return code;
}

/* ---- functions ---- */

static void
print_call(const char *cli, const char *function, const char *key, const char *rest)
{
	char quoted[LINE_CAP];
	struct sts_text text;

	sts_text_init(&text, quoted, sizeof(quoted));
	paste_word(&text, key);
	printf("  %s FCALL_RO %s 1 %s%s\n", cli, function, quoted, rest);
}

/* mta_sts_top reads keys of many slots, which a cluster does not allow. */
static void
print_top(const struct cmd_context *context, const struct sts_conf *conf, const char *cli)
{
	char key[STS_KEY_CAP], line[LINE_CAP];
	struct sts_text text;

	if (conf->redis.kind != STS_ENDPOINT_CLUSTER) {
		print_call(cli, "mta_sts_top", sts_key_domains(conf->redis_prefix, key), " 20 plaintext");
		return;
	}
	sts_text_init(&text, line, sizeof(line));
	paste_stsctl(&text, context);
	printf("  %s stats --top 20 --by plaintext\n", line);
}

static void
print_setup(const struct cmd_context *context, const struct sts_conf *conf, enum sts_query_load load)
{
	const char *prefix = conf->redis_prefix;
	char name[STS_ENDPOINT_NAME_CAP], key[STS_KEY_CAP], cli[LINE_CAP];
	struct sts_text text;

	sts_text_init(&text, cli, sizeof(cli));
	redis_cli_add(&text, &conf->redis, (unsigned)conf->redis_db);
	printf("redis %s: functions %s: %s\n\nTry:\n", sts_endpoint_name(&conf->redis, name), redis_functions_name, load_words[load]);
	print_call(cli, "mta_sts_stats", sts_key_stats(prefix, NULL, key), "");
	print_call(cli, "mta_sts_domain", sts_key_domain(prefix, "example.com", NULL, key), "");
	print_top(context, conf, cli);
	putchar('\n');
	puts("Redis users, to paste into redis-cli; they cannot log in before each has a password:\n"
	     "ACL SETUSER milter >PASSWORD. Then ACL SAVE, or CONFIG REWRITE where there is no aclfile.\n");
	print_users(conf);
}

static enum cmd_exit
load_functions(const struct cmd_context *context, const struct settings_redis *redis)
{
	enum sts_query_load load;
	enum sts_status status = sts_query_load_functions(redis->query, redis_functions_name, redis_functions_text, &load);

	if (status == STS_EINVAL)
		return output_error(context, CMD_NO, "this Redis is older than 7 and has no functions; everything else works without them");
	if (status != STS_OK)
		return settings_redis_error(context, redis, status);
	if (context->json)
		return output_json(context, CMD_FINE, json_pack("{s:s, s:s, s:o}", "library", redis_functions_name, "functions",
		    load_words[load], "acl", users_to_json(redis->conf)));
	print_setup(context, redis->conf, load);
	return CMD_FINE;
}

enum cmd_exit
cmd_redis_setup(const struct cmd_context *context, int argc, char **argv)
{
	struct settings_redis redis;
	enum cmd_exit code;

	if (argc > 0)
		return usage_no_operands(context, "redis-setup", argc, argv, "");
	if (context->values[OPTION_ACL_ONLY] != NULL)
		return show_users(context);
	code = settings_open_redis(context, 0, &redis);
	if (code == CMD_FINE)
		code = load_functions(context, &redis);
	settings_close_redis(&redis);
	return code;
}

/* SPDX-License-Identifier: ISC */
/*
 * setup_redis.c - Redis: its address, and the milter's user. Changes nothing in Redis itself: its users are up to its administrator,
 * who gets lines to paste.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "shared-cache/query/acl.h"
#include "stsctl/context/redis_cli.h"
#include "stsctl/doctor/redis.h"
#include "stsctl/setup/setup.h"
#include "stsctl/setup/setup_output.h"
#include "stsctl/terminal/paste.h"

/* Our default, and Debian's: its redis-server has no unix socket by default. */
static const char usual[] = "unix:/run/redis/redis-server.sock", debian[] = "tcp:127.0.0.1:6379";

static bool
answers_elsewhere(struct setup *setup, const char *where)
{
	char override[64];
	const char *overrides[] = { override };
	struct doctor_env env = setup->env;
	struct sts_conf *conf = NULL;
	struct doctor_redis redis = { .reached = false };
	FILE *errors = fopen("/dev/null", "we");

	snprintf(override, sizeof(override), "redis=%s", where);
	if (errors != NULL && sts_conf_load(NULL, overrides, 1, errors, &conf) == STS_OK) {
		env.conf = conf;
		inspect_redis(&env, &redis);
	}
	sts_conf_unref(&conf);
	if (errors != NULL)
		fclose(errors);
	return redis.reached;
}

static void
note_user(const struct setup *setup, const struct sts_endpoint *redis)
{
	const struct sts_conf *conf = setup->env.conf;
	FILE *to = setup->changes.note_lines;
	char cli[DOCTOR_LINE], acl[DOCTOR_LINE], quoted_acl[DOCTOR_LINE], file[FILES_WHY_CAP], quoted[FILES_WHY_CAP],
	    again[SETUP_PASTE_CAP];
	const char *slash = strrchr(setup->settings_path, '/');
	struct sts_text text;

	sts_text_init(&text, cli, sizeof(cli));
	redis_cli_add(&text, redis, 0);
	sts_text_init(&text, acl, sizeof(acl));
	sts_acl_add(&text, STS_ACL_MILTER, conf->redis_prefix);
	sts_text_init(&text, quoted_acl, sizeof(quoted_acl));
	paste_quoted(&text, acl);
	snprintf(file, sizeof(file), "%.*s/redis.password", slash != NULL ? (int)(slash - setup->settings_path) : 1,
	    slash != NULL ? setup->settings_path : ".");
	sts_text_init(&text, quoted, sizeof(quoted));
	paste_word(&text, file);
	fprintf(to, "Redis: the milter connects as user default, which may do everything. To give it a user of its own:\n");
	fprintf(to, "  (umask 077 && openssl rand -hex 32 > %s) && chown %s %s\n", quoted, conf->user, quoted);
	fprintf(to, "  echo %s | %s\n", quoted_acl, cli);
	fprintf(to, "  echo \"ACL SETUSER milter >$(cat %s)\" | %s\n", quoted, cli);
	fprintf(to, "  %s CONFIG REWRITE    # or, with an aclfile: ACL SAVE\n", cli);
	fprintf(to, "  %s\n", setup_paste_apply(setup->context, file, again));
}

bool
setup_redis(struct setup *setup)
{
	struct doctor_redis redis;
	struct sts_endpoint other;
	char why[STS_ENDPOINT_NAME_CAP];

	if (setup->redis_password != NULL) {
		if (access(setup->redis_password, R_OK) != 0) {
			snprintf(setup->why, sizeof(setup->why), "%.200s: cannot be read", setup->redis_password);
			return false;
		}
		setup_change_setting(setup, "redis_username", sts_acl_name(STS_ACL_MILTER));
		setup_change_setting(setup, "redis_password_file", setup->redis_password);
		return true;
	}
	inspect_redis(&setup->env, &redis);
	if (redis.none)
		return true;
	if (redis.reached) {
		if (strcmp(redis.user, "default") == 0)
			note_user(setup, &setup->env.conf->redis);
		return true;
	}
	if (strcmp(redis.place, usual) == 0 && answers_elsewhere(setup, debian)) {
		setup_change_setting(setup, "redis", debian);
		if (sts_endpoint_parse(debian, &other, why, sizeof(why)))
			note_user(setup, &other);
		return true;
	}
	fprintf(setup->changes.note_lines, "Redis: %s: %s. Mail flows without it, but counters and policies are lost at each restart. "
	    "Install it, or set redis = none\n", redis.place, redis.why);
	return true;
}

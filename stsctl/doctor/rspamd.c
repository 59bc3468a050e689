/* SPDX-License-Identifier: ISC */
/* doctor/rspamd.c - reads rspamd's configuration with rspamadm(1), and the Lua file with our rule's settings. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "stsctl/doctor/rspamd.h"

enum { LUA_MAX = 256 << 10, ARGV_MAX = 10 };

static const char default_directory[] = "/etc/rspamd";

/* ---- parsers ---- */

static bool
is_name_byte(char c)
{
	return sts_ascii_is_alnum(c) || c == '_';
}

/* The end of the comment or string that begins at c; c itself if none does. */
static const char *
skip_comment_or_string(const char *c)
{
	const char *end;

	if (strncmp(c, "--[[", 4) == 0)
		return (end = strstr(c, "]]")) != NULL ? end + 2 : c + strlen(c);
	if (strncmp(c, "--", 2) == 0)
		return c + strcspn(c, "\n");
	if (*c == '"' || *c == '\'') {
		for (end = c + 1; *end != '\0' && *end != *c && *end != '\n'; end++)
			if (*end == '\\' && end[1] != '\0')
				end++;
		return *end == *c ? end + 1 : end;
	}
	return c;
}

static bool
take_string(const char *c, char out[POSTFIX_VALUE_CAP])
{
	struct sts_text text;
	size_t len;

	c += strspn(c, " \t\r\n");
	if (*c != '=' || c[1] == '=')
		return false;
	c += 1 + strspn(c + 1, " \t\r\n");
	if (*c != '"' && *c != '\'')
		return false;
	len = strcspn(c + 1, *c == '"' ? "\"\\\n" : "'\\\n");
	if (c[1 + len] != *c)
		return false;
	sts_text_init(&text, out, POSTFIX_VALUE_CAP);
	sts_text_add_bytes(&text, c + 1, len);
	return !text.overflow;
}

bool
doctor_lua_string(const char *text, const char *name, char out[POSTFIX_VALUE_CAP])
{
	size_t len = strlen(name);

	for (const char *c = text; *c != '\0';) {
		const char *next = skip_comment_or_string(c), *end = c;

		if (next != c) {
			c = next;
			continue;
		}
		while (is_name_byte(*end))
			end++;
		if ((size_t)(end - c) == len && strncmp(c, name, len) == 0 && take_string(end, out))
			return true;
		c = end != c ? end : c + 1;
	}
	out[0] = '\0';
	return false;
}

static void
add_address(struct doctor_rspamd *out, const json_t *value)
{
	if (json_is_string(value) && out->address_count < RSPAMD_ADDRESSES_MAX)
		snprintf(out->addresses[out->address_count++], POSTFIX_VALUE_CAP, "%s", json_string_value(value));
}

static void
take_worker(const json_t *worker, struct doctor_rspamd *out)
{
	const json_t *bind = json_object_get(worker, "bind_socket");

	if (!json_is_true(json_object_get(worker, "milter")))
		return;
	add_address(out, bind);
	for (size_t i = 0; i < json_array_size(bind); i++)
		add_address(out, json_array_get(bind, i));
}

/* The text is a sequence of objects, one per worker: {"rspamd_proxy": {...}}. */
void
doctor_rspamd_addresses(const char *json, struct doctor_rspamd *out)
{
	size_t left = strlen(json);
	json_error_t error;
	json_t *object;

	while (left > 0 && (object = json_loadb(json, left, JSON_DISABLE_EOF_CHECK, &error)) != NULL) {
		size_t used = (size_t)error.position;
		const char *key;
		json_t *worker;

		json_object_foreach(object, key, worker)
			take_worker(worker, out);
		json_decref(object);
		if (used == 0 || used > left)
			break;
		json += used;
		left -= used;
	}
}

/* ---- inspecting ---- */

struct rspamd_args {
	char local[DOCTOR_LINE], config[DOCTOR_LINE];	/* "" for rspamd's defaults */
};

/* rspamadm [--var=LOCAL_CONFDIR=DIR] COMMAND [-c DIR/rspamd.conf] [words]. */
static enum sts_status
run_rspamadm(const struct doctor_env *env, const struct rspamd_args *args, const char *const *words, struct subprocess_output *out)
{
	const char *argv[ARGV_MAX] = { "rspamadm" };
	size_t n = 1;

	if (args->local[0] != '\0')
		argv[n++] = args->local;
	argv[n++] = *words++;
	if (args->config[0] != '\0') {
		argv[n++] = "-c";
		argv[n++] = args->config;
	}
	while (*words != NULL)
		argv[n++] = *words++;
	argv[n] = NULL;
	return doctor_run(env, argv, out);
}

static void
inspect_version(const struct doctor_env *env, struct doctor_rspamd *out)
{
	static const char *const argv[] = { "rspamadm", "--version", NULL };
	struct subprocess_output output;
	const char *number;

	if (doctor_run(env, argv, &output) != STS_OK)
		return;
	out->present = true;
	number = output.out + strcspn(output.out, "0123456789");
	snprintf(out->version, sizeof(out->version), "%.*s", (int)strspn(number, "0123456789."), number);
	subprocess_output_fini(&output);
}

static void
inspect_config(const struct doctor_env *env, const struct rspamd_args *args, struct doctor_rspamd *out)
{
	static const char *const test[] = { "configtest", NULL }, *const symbols[] = { "configdump", "-d", NULL };
	static const char *const parts[] = { "configdump", "-j", "worker", "multimap", NULL };
	struct subprocess_output output;

	if (run_rspamadm(env, args, test, &output) != STS_OK) {
		out->dump_failed = true;
		return;
	}
	out->config_good = output.status == 0;
	snprintf(out->config_why, sizeof(out->config_why), "%.1000s", output.err);
	subprocess_output_fini(&output);
	if (!out->config_good || run_rspamadm(env, args, symbols, &output) != STS_OK) {
		out->dump_failed = true;
		return;
	}
	out->dump_failed = output.status != 0;
	out->rule = strstr(output.out, "MTA_STS_CHECK") != NULL;
	subprocess_output_fini(&output);
	if (run_rspamadm(env, args, parts, &output) == STS_OK) {
		doctor_rspamd_addresses(output.out, out);
		out->multimap = strstr(output.out, "\"MTA_STS_DOMAINS\"") != NULL;
	}
	subprocess_output_fini(&output);
}

/* Files that somebody has created, perhaps after a guide, although rspamd has no module that reads them. */
static void
inspect_modules(const char *directory, struct doctor_rspamd *out)
{
	static const char *const names[] = { "local.d/mta_sts.conf", "local.d/tls_rpt.conf", "override.d/mta_sts.conf",
		"override.d/tls_rpt.conf" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = out->modules[out->module_count];

		if (snprintf(path, POSTFIX_VALUE_CAP, "%s/%s", directory, names[i]) < POSTFIX_VALUE_CAP && access(path, F_OK) == 0)
			out->module_count++;
	}
}

static void
inspect_settings(const char *directory, struct doctor_rspamd *out)
{
	char *text = malloc(LUA_MAX + 1);
	FILE *file = NULL;
	size_t len = 0;

	if (snprintf(out->local_lua, sizeof(out->local_lua), "%s/rspamd.local.lua", directory) < POSTFIX_VALUE_CAP)
		file = fopen(out->local_lua, "re");
	if (file != NULL && text != NULL) {
		len = fread(text, 1, LUA_MAX, file);
		text[len] = '\0';
		out->settings_known = doctor_lua_string(text, "authserv_id", out->authserv_id);
		(void)doctor_lua_string(text, "header_key_file", out->key_file);
	}
	if (file != NULL)
		fclose(file);
	free(text);
}

/* Reads the key with the code that reads the milter's. */
static void
inspect_key(struct doctor_rspamd *out)
{
	char override[POSTFIX_VALUE_CAP + 32];
	const char *overrides[] = { override };
	struct sts_conf *conf = NULL;
	FILE *errors;

	if (out->key_file[0] == '\0')
		return;
	if (access(out->key_file, R_OK) != 0) {
		out->key_state = errno == EACCES ? FILE_DENIED : FILE_MISSING;
		return;
	}
	snprintf(override, sizeof(override), "header_key_file=%s", out->key_file);
	errors = fopen("/dev/null", "we");
	out->key_state = FILE_BAD;
	if (errors != NULL && sts_conf_load(NULL, overrides, 1, errors, &conf) == STS_OK) {
		out->key = conf->header_key;
		out->key_state = FILE_OK;
	}
	sts_conf_unref(&conf);
	if (errors != NULL)
		fclose(errors);
}

void
inspect_rspamd(const struct doctor_env *env, struct doctor_rspamd *out)
{
	const char *directory = env->rspamd_dir[0] != '\0' ? env->rspamd_dir : default_directory;
	struct rspamd_args args = { "", "" };

	memset(out, 0, sizeof(*out));
	snprintf(out->directory, sizeof(out->directory), "%s", directory);
	inspect_version(env, out);
	if (!out->present)
		return;
	if (env->rspamd_dir[0] != '\0') {
		snprintf(args.local, sizeof(args.local), "--var=LOCAL_CONFDIR=%s", directory);
		snprintf(args.config, sizeof(args.config), "%s/rspamd.conf", directory);
		if (access(args.config, F_OK) != 0)
			args.config[0] = '\0';
	}
	inspect_config(env, &args, out);
	inspect_modules(directory, out);
	inspect_settings(directory, out);
	inspect_key(out);
}

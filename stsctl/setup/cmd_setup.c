/* SPDX-License-Identifier: ISC */
/*
 * cmd_setup.c - stsctl setup: the options, the order of the parts. Looks with doctor's code, and writes nothing before it is
 * told to.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/setup/apply.h"
#include "stsctl/setup/setup.h"
#include "stsctl/setup/setup_output.h"
#include "stsctl/terminal/output.h"

const struct cmd_option cmd_setup_options[] = {
	[SETUP_APPLY] = { "apply", NULL, "write what is shown, and keep a copy of each file that changes" },
	[SETUP_UNDO] = { "undo", NULL, "undo what --apply has written" },
	[SETUP_POSTFIX] = { "postfix", "DIR", "the instance of Postfix whose main.cf is in DIR (postconf -c)" },
	[SETUP_RSPAMD] = { "rspamd", "DIR", "the directory with rspamd's local.d, and perhaps an rspamd.conf; /etc/rspamd by default" },
	[SETUP_REDIS_PASSWORD] = { "redis-password", "FILE", "let the milter log in to Redis as user milter, with the password in FILE" },
	[SETUP_SYSTEMD] = { "systemd", "DIR", "the directory for systemd's drop-ins; /etc/systemd/system by default" },
	[SETUP_SHARE] = { "share", "DIR", "the directory with mta-sts-milter's files for rspamd, if not where they were installed" },
	[SETUP_RECORD] = { "record", "DIR", "the directory for the copies; " LOCALSTATEDIR "/lib/stsctl-setup by default" },
	[SETUP_VERBOSE] = { "verbose", NULL, "show which programs are run, on standard error" },
	CMD_OPTIONS_END,
};

static const char *
given(const struct cmd_context *context, int option, const char *otherwise)
{
	return context->values[option] != NULL ? context->values[option] : otherwise;
}

static const char *
record_of(const struct cmd_context *context)
{
	return given(context, SETUP_RECORD, LOCALSTATEDIR "/lib/stsctl-setup");
}

/* ---- undo ---- */

static enum cmd_exit
undo_all(const struct cmd_context *context, struct undo_record *record, struct undo_result *result)
{
	char why[FILES_WHY_CAP] = "";
	enum sts_status status = apply_undo(record, result, why), saved = undo_record_save(record, why);
	enum cmd_exit code = json_array_size(result->edited) + json_array_size(result->left) > 0 ? CMD_NO : CMD_FINE;

	if (status != STS_OK || saved != STS_OK)
		return output_error(context, CMD_UNKNOWN, "setup: %s", why);
	return setup_print_undone(context, code, result, record->afterwards);
}

static enum cmd_exit
undo(const struct cmd_context *context)
{
	struct undo_result result = { json_array(), json_array(), json_array() };
	char why[FILES_WHY_CAP] = "";
	struct undo_record record;
	enum sts_status status = undo_record_open(record_of(context), false, &record, why);
	json_t *none = json_array();
	enum cmd_exit code;

	if (status == STS_ENOTFOUND)
		code = setup_print_undone(context, CMD_FINE, &result, none);
	else if (status != STS_OK)
		code = output_error(context, CMD_UNKNOWN, "setup: %s", why);
	else
		code = undo_all(context, &record, &result);
	if (status != STS_ENOTFOUND)
		undo_record_close(&record);
	json_decref(none);
	json_decref(result.undone);
	json_decref(result.edited);
	json_decref(result.left);
	return code;
}

/* ---- apply ---- */

static enum cmd_exit
apply(const struct setup *setup)
{
	const char *where = record_of(setup->context);
	char why[FILES_WHY_CAP] = "", undo[SETUP_PASTE_CAP];
	struct undo_record record;
	enum sts_status status = STS_OK;
	enum cmd_exit code = setup->unsure ? CMD_UNKNOWN : CMD_FINE;

	if (setup->changes.count == 0)
		return setup_print_changes(setup->context, code, &setup->changes, true, where);
	status = undo_record_open(where, true, &record, why);
	if (status == STS_OK)
		status = undo_record_add(&record, &setup->changes, why);
	if (status == STS_OK && (status = apply_changes(&setup->changes, why)) != STS_OK)
		code = output_error(setup->context, CMD_UNKNOWN, "setup: %s; %s undoes what was written", why,
		    setup_paste_undo(setup->context, undo));
	else if (status != STS_OK)
		code = output_error(setup->context, CMD_UNKNOWN, "setup: %s; nothing was written", why);
	else
		code = setup_print_changes(setup->context, code, &setup->changes, true, where);
	undo_record_close(&record);
	return code;
}

/* ---- collecting the changes ---- */

static bool
collect(struct setup *setup)
{
	static bool (*const parts[])(struct setup *) = { setup_socket, setup_domains, setup_redis, setup_settings, setup_postfix,
		setup_rspamd };

	if (!change_set_begin(&setup->changes)) {
		snprintf(setup->why, sizeof(setup->why), "%s", sts_status_text(STS_ENOMEM));
		return false;
	}
	if (staging_begin(&setup->staging, setup->why) != STS_OK)
		return false;
	inspect_postfix(&setup->env, &setup->pf);
	inspect_rspamd(&setup->env, &setup->rspamd);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!parts[i](setup))
			return false;
	setup_afterwards(setup);
	return true;
}

static enum cmd_exit
collect_and_write(struct setup *setup)
{
	bool looked = collect(setup);

	change_set_end(&setup->changes);
	if (!looked)
		return output_error(setup->context, CMD_UNKNOWN, "setup: %s", setup->why);
	if (setup->context->values[SETUP_APPLY] != NULL)
		return apply(setup);
	return setup_print_changes(setup->context, setup->unsure ? CMD_UNKNOWN : setup->changes.count > 0 ? CMD_NO : CMD_FINE,
	    &setup->changes, false, record_of(setup->context));
}

/* On the heap, because it is too big for the stack. */
static struct setup *
new_setup(const struct cmd_context *context, const struct sts_conf *conf)
{
	struct setup *setup = calloc(1, sizeof(*setup));

	if (setup == NULL)
		return NULL;
	setup->context = context;
	setup->env = (struct doctor_env){ .conf = conf, .postfix_dir = given(context, SETUP_POSTFIX, ""),
		.rspamd_dir = given(context, SETUP_RSPAMD, ""), .verbose = context->values[SETUP_VERBOSE] != NULL, .now = sts_clock_now() };
	setup->settings_path = settings_file(context);
	setup->systemd_dir = given(context, SETUP_SYSTEMD, "/etc/systemd/system");
	setup->share_dir = given(context, SETUP_SHARE, PKGDATADIR);
	setup->redis_password = context->values[SETUP_REDIS_PASSWORD];
	return setup;
}

enum cmd_exit
cmd_setup(const struct cmd_context *context, int argc, char **argv)
{
	static const char *const staged[] = { "main.cf", "master.cf", "settings", NULL };
	struct sts_conf *conf;
	struct setup *setup;
	enum cmd_exit code;

	if (argc > 0)
		return usage_no_operands(context, "setup", argc, argv, "");
	if (context->values[SETUP_UNDO] != NULL && context->values[SETUP_APPLY] != NULL)
		return output_error(context, CMD_USAGE, "setup: either --apply or --undo");
	if (context->values[SETUP_UNDO] != NULL)
		return undo(context);
	if ((code = settings_load(context, &conf)) != CMD_FINE)
		return code;
	signal(SIGPIPE, SIG_IGN);
	setup = new_setup(context, conf);
	if (setup != NULL) {
		code = collect_and_write(setup);
		staging_end(&setup->staging, staged);
		change_set_fini(&setup->changes);
		doctor_postfix_fini(&setup->pf);
		explicit_bzero(&setup->rspamd.key, sizeof(setup->rspamd.key));
	} else
		code = output_error(context, CMD_UNKNOWN, "setup: %s", sts_status_text(STS_ENOMEM));
	free(setup);
	sts_conf_unref(&conf);
	return code;
}

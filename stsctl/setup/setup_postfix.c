/* SPDX-License-Identifier: ISC */
/*
 * setup_postfix.c - Postfix's part: decides by doctor's rules which settings of main.cf and master.cf to change.
 *
 * postconf(1) itself makes the changes, in copies of the files, so that the diff shows exactly what will be written.
 */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/setup/setup.h"
#include "stsctl/smtpd/header_checks.h"
#include "stsctl/smtpd/smtpd_milters.h"

/* A change of a setting in main.cf; with service, in master.cf. */
struct edit {
	const struct postconf_service *service;
	const char *name;
	const char *value;
};

static bool
fail(struct setup *setup, const char *what, const char *text)
{
	snprintf(setup->why, sizeof(setup->why), "%.100s: %.140s", what, text);
	return false;
}

/* ---- files ---- */

static const char *
directory_of_postfix(const struct setup *setup)
{
	return setup->env.postfix_dir[0] != '\0' ? setup->env.postfix_dir : postconf_get(setup->pf.conf, "config_directory");
}

static bool
stage_file(struct setup *setup, const char *name)
{
	char path[PATH_MAX], *text;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", directory_of_postfix(setup), name);
	if (change_set_read(&setup->changes, path, &text, setup->why) != STS_OK)
		return setup->why[0] != '\0' || fail(setup, path, "there is no such file");
	ok = staging_put(&setup->staging, name, text, setup->why) == STS_OK;
	free(text);
	return ok;
}

static bool
add_staged(struct setup *setup, const char *name)
{
	char path[PATH_MAX], *text;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", directory_of_postfix(setup), name);
	if (staging_take(&setup->staging, name, &text, setup->why) != STS_OK)
		return setup->why[0] != '\0' || fail(setup, path, "has vanished");
	ok = change_set_add_file(&setup->changes, path, text, setup->why) == STS_OK;
	free(text);
	return ok;
}

/* ---- edits ---- */

static bool
run_postconf(struct setup *setup, const char *option, const char *word)
{
	const char *const argv[] = { "postconf", "-c", setup->staging.directory, option, word, NULL };
	struct subprocess_output output;
	enum sts_status status = doctor_run(&setup->env, argv, &output);
	bool ok = status == STS_OK && output.status == 0;

	if (!ok)
		(void)fail(setup, "postconf", status == STS_OK ? output.err : sts_status_text(status));
	subprocess_output_fini(&output);
	return ok;
}

/* Makes the change in the copies, and adds the line to paste. */
static bool
edit(struct setup *setup, const struct edit *e)
{
	char word[POSTCONF_WORD_CAP], line[2 * POSTCONF_WORD_CAP];
	bool own = e->service != NULL;

	if (!postconf_word(e->service, own, e->name, e->value, word, sizeof(word)))
		return fail(setup, e->name, "the list is too long");
	if (!run_postconf(setup, own ? "-P" : "-e", word))
		return false;
	fprintf(setup->changes.command_lines, "%s\n",
	    postconf_line(setup->env.postfix_dir, e->service, own, e->name, e->value, line, sizeof(line)));
	return true;
}

/* ---- smtpd_milters ---- */

/* If the socket moves, both its old and its new path are ours, but the old one must go. */
struct sockets {
	struct doctor_known_milters now, then;
};

static enum milter_identity
identify(const void *arg, const struct postfix_milter *milter, bool chrooted)
{
	const struct sockets *sockets = arg;
	enum milter_identity then = doctor_identify_milter(&sockets->then, milter, chrooted), now;

	if (then == MILTER_OURS || strcmp(sockets->then.milter_socket, sockets->now.milter_socket) == 0)
		return then;
	now = doctor_identify_milter(&sockets->now, milter, chrooted);
	return now == MILTER_OURS ? MILTER_OURS_OUTSIDE : now;
}

struct milters_edit {
	struct setup *setup;
	struct doctor_smtpd_milters rules;
	enum { MAIN_OPEN, MAIN_KEPT, MAIN_CHANGED } main;	/* main.cf's list */
	char main_list[POSTCONF_WORD_CAP];	/* the new list, with MAIN_CHANGED */
};

/* A service uses main.cf's list unless it has its own. The first service for strangers without its own list determines main.cf's; services
 * that need a different list get their own. */
static bool
edit_milters(struct milters_edit *w, const struct postconf_service *service)
{
	const struct postconf *conf = w->setup->pf.conf;
	bool own = postconf_has_own(service, "smtpd_milters"), differs;
	char value[POSTCONF_WORD_CAP] = "";
	struct edit e = { service, "smtpd_milters", value };

	if (postfix_value_lists(postconf_get_of(conf, service, "receive_override_options"), "no_milters"))
		return true;
	differs = doctor_smtpd_milters_value(&w->rules, service, value, sizeof(value));
	if (strlen(value) + 1 >= sizeof(value))
		return fail(w->setup, "smtpd_milters", "the list is too long");
	if (!own && w->main == MAIN_OPEN && doctor_service_role(service) == ROLE_MX) {
		w->main = differs ? MAIN_CHANGED : MAIN_KEPT;
		memcpy(w->main_list, value, sizeof(value));
		e.service = NULL;
	} else if (!own && w->main == MAIN_CHANGED)
		differs = strcmp(value, w->main_list) != 0;
	return !differs || edit(w->setup, &e);
}

static bool
set_milters(struct setup *setup)
{
	const struct postconf *conf = setup->pf.conf;
	const struct sockets sockets = {
		{ &setup->pf, setup->env.conf->milter_socket, &setup->rspamd }, { &setup->pf, setup->socket, &setup->rspamd } };
	struct milters_edit w = { .setup = setup, .rules = { &setup->pf, setup->socket, setup->env.conf->policy_wait_ms,
	    sts_conf_enforces(setup->env.conf), identify, &sockets } };

	/* services for strangers first: the others depend on whether main.cf gets our milter */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < conf->service_count; i++) {
			const struct postconf_service *service = &conf->services[i];

			if (doctor_service_is_smtpd(service) && (doctor_service_role(service) == ROLE_MX) == (pass == 0) &&
			    !edit_milters(&w, service))
				return false;
		}
	return true;
}

/* ---- other settings ---- */

static bool
check_headers(struct setup *setup)
{
	const struct sts_conf *conf = setup->env.conf;
	bool depends = conf->strip_forged == STS_STRIP_POSTFIX;
	struct doctor_header_checks checks;
	char value[POSTCONF_WORD_CAP];
	const struct edit e = { NULL, "header_checks", value };

	inspect_header_checks(&setup->env, &setup->pf, &checks);
	if (checks.strip == STRIP_YES || checks.strip == STRIP_UNKNOWN)
		return true;
	if (!depends && !sts_netlist_is_empty(conf->accept_header_from))
		return true;
	doctor_header_checks_value(postconf_get(setup->pf.conf, "header_checks"), value, sizeof(value));
	return edit(setup, &e);
}

bool
setup_postfix(struct setup *setup)
{
	size_t before = setup->changes.count;

	if (setup->pf.conf == NULL) {
		fprintf(setup->changes.note_lines, "Postfix: its configuration cannot be read: %s\n", setup->pf.why);
		setup->unsure = true;
		return true;
	}
	if (!stage_file(setup, "main.cf") || !stage_file(setup, "master.cf") || !set_milters(setup) || !check_headers(setup) ||
	    !add_staged(setup, "main.cf") || !add_staged(setup, "master.cf"))
		return false;
	setup->reload_postfix = setup->changes.count > before;
	return true;
}

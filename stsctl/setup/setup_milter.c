/* SPDX-License-Identifier: ISC */
/* setup_milter.c - the milter's own part: its socket, its settings, local_domains, the commands to run afterwards. */
#include "config.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared-cache/base/text.h"
#include "stsctl/doctor/domains.h"
#include "stsctl/setup/settings_edit.h"
#include "stsctl/setup/setup.h"
#include "stsctl/smtpd/service.h"
#include "stsctl/terminal/paste.h"

enum { GROUPS_MAX = 64, DOMAINS_MAX = 50, SOCKET_DIR_MODE = 02750 };

static const char socket_directory[] = "/mta-sts-milter";

void
setup_change_setting(struct setup *setup, const char *name, const char *value)
{
	struct setup_setting *setting = &setup->settings[setup->setting_count];

	if (setup->setting_count >= SETUP_SETTINGS_MAX)
		return;
	setting->name = name;
	snprintf(setting->value, sizeof(setting->value), "%s", value);
	setup->setting_count++;
}

/* ---- the socket ---- */

static bool
is_in_group(const struct passwd *user, gid_t gid)
{
	gid_t groups[GROUPS_MAX];
	int count = GROUPS_MAX;

	if (getgrouplist(user->pw_name, user->pw_gid, groups, &count) < 0)
		return false;
	for (int i = 0; i < count; i++)
		if (groups[i] == gid)
			return true;
	return false;
}

/* Whether Postfix's user may write to the socket: as it is, or, if there is none, as the settings would make it. */
static bool
may_connect(const struct sts_conf *conf, const char *path, const struct passwd *postfix)
{
	const struct passwd *milter = getpwnam(conf->user);
	const char *name = conf->milter_socket_group[0] != '\0' ? conf->milter_socket_group : conf->group;
	const struct group *group = name[0] != '\0' ? getgrnam(name) : NULL;
	mode_t mode = (mode_t)conf->milter_socket_mode;
	gid_t gid = group != NULL ? group->gr_gid : milter != NULL ? milter->pw_gid : (gid_t)-1;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
		mode = st.st_mode;
		gid = st.st_gid;
	}
	return (mode & S_IWOTH) != 0 || ((mode & S_IWGRP) != 0 && is_in_group(postfix, gid));
}

static bool
some_mx_is_chrooted(const struct doctor_postfix *pf)
{
	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];

		if (doctor_service_is_smtpd(service) && doctor_service_role(service) == ROLE_MX &&
		    doctor_service_is_chrooted(pf, service))
			return true;
	}
	return false;
}

static bool
is_below(const char *directory, const char *path)
{
	size_t len = strlen(directory);

	return len > 0 && strncmp(directory, path, len) == 0 && path[len] == '/';
}

/* The unit may write only to the paths that it lists, so the socket's directory needs a drop-in. */
static bool
add_drop_in(struct setup *setup, const char *directory)
{
	char path[PATH_MAX], text[PATH_MAX + 256];
	size_t before = setup->changes.count;

	if (access(setup->systemd_dir, F_OK) != 0)
		return true;
	snprintf(path, sizeof(path), "%s/mta-sts-milter.service.d/chroot.conf", setup->systemd_dir);
	snprintf(text, sizeof(text), "# Written by stsctl setup: the socket is in the directory of a chrooted smtpd.\n[Service]\n"
	    "ReadWritePaths=%s\n", directory);
	if (change_set_add_file(&setup->changes, path, text, setup->why) != STS_OK)
		return false;
	setup->reload_units = setup->changes.count > before;
	return true;
}

/* Moves the socket to a directory of the milter's below the queue directory. Its set-group-ID bit gives the socket to Postfix's group, so
 * no user has to join a group. */
static bool
move_socket(struct setup *setup, const char *queue, const struct passwd *postfix)
{
	const struct passwd *milter = getpwnam(setup->env.conf->user);
	struct directory_owner owner = { SOCKET_DIR_MODE, 0, postfix->pw_gid };
	char directory[POSTFIX_VALUE_CAP];
	size_t before = setup->changes.count;

	if (milter == NULL) {
		snprintf(setup->why, sizeof(setup->why), "user: there is no user %.100s", setup->env.conf->user);
		return false;
	}
	owner.uid = milter->pw_uid;
	if (snprintf(directory, sizeof(directory), "%s%s", queue, socket_directory) >= (int)sizeof(directory)) {
		snprintf(setup->why, sizeof(setup->why), "queue_directory: too long");
		return false;
	}
	snprintf(setup->socket, sizeof(setup->socket), "unix:%s/milter.sock", directory);
	if (change_set_add_directory(&setup->changes, directory, &owner, setup->why) != STS_OK)
		return false;
	setup->restart = setup->restart || setup->changes.count > before;
	if (strcmp(setup->socket, setup->env.conf->milter_socket) != 0)
		setup_change_setting(setup, "milter_socket", setup->socket);
	return add_drop_in(setup, directory);
}

bool
setup_socket(struct setup *setup)
{
	const char *socket = setup->env.conf->milter_socket, *queue;
	const struct passwd *found;
	struct passwd postfix;
	char owner[64];

	snprintf(setup->socket, sizeof(setup->socket), "%s", socket);
	if (setup->pf.conf == NULL || strncmp(socket, "unix:", 5) != 0)
		return true;
	queue = postconf_get(setup->pf.conf, "queue_directory");
	found = getpwnam(postconf_get(setup->pf.conf, "mail_owner"));
	if (found == NULL) {
		snprintf(setup->why, sizeof(setup->why), "mail_owner: there is no such user");
		return false;
	}
	postfix = *found;		/* the next getpwnam overwrites it */
	snprintf(owner, sizeof(owner), "%s", found->pw_name);
	postfix.pw_name = owner;
	if (may_connect(setup->env.conf, socket + 5, &postfix) &&
	    (is_below(queue, socket + 5) || !some_mx_is_chrooted(&setup->pf)))
		return true;
	return move_socket(setup, queue, &postfix);
}

/* ---- domains ---- */

bool
setup_domains(struct setup *setup)
{
	struct doctor_domains domains;
	char list[SETUP_VALUE_CAP];
	struct sts_text text;

	if (setup->pf.conf == NULL)
		return true;
	inspect_domains(&setup->env, &setup->pf, &domains);
	sts_text_init(&text, list, sizeof(list));
	for (size_t i = 0; i < domains.count; i++)
		sts_text_addf(&text, "%s%s", i > 0 ? ", " : "", domains.list[i].name);
	if (domains.no_local && domains.count > 0 && domains.count <= DOMAINS_MAX && !text.overflow)
		setup_change_setting(setup, "local_domains", list);
	else if (domains.no_local && domains.count > 0)
		fprintf(setup->changes.note_lines, "local_domains is empty, and Postfix has %zu domains: put them into a file, and set "
		    "local_domains = file:PATH\n", domains.count);
	if (domains.no_local && domains.unlisted[0] != '\0')
		fprintf(setup->changes.note_lines, "local_domains: some of Postfix's domains cannot be listed: %s\n", domains.unlisted);
	doctor_domains_fini(&domains);
	return true;
}

/* ---- the settings file ---- */

/* Whether the milter could start with these settings. */
static bool
is_valid(struct setup *setup, const char *text)
{
	struct sts_conf *conf = NULL;
	char path[128], *mistakes = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&mistakes, &len);
	bool ok = false;

	if (errors != NULL && staging_put(&setup->staging, "settings", text, setup->why) == STS_OK) {
		ok = sts_conf_load(staging_path(&setup->staging, "settings", path), NULL, 0, errors, &conf) == STS_OK;
		if (!ok && fflush(errors) == 0)
			snprintf(setup->why, sizeof(setup->why), "%.120s: with the changes: %.*s", setup->settings_path,
			    (int)strcspn(mistakes, "\n"), mistakes);
	}
	if (errors != NULL)
		fclose(errors);
	free(mistakes);
	sts_conf_unref(&conf);
	return ok;
}

bool
setup_settings(struct setup *setup)
{
	char *text = NULL, *next;
	size_t before = setup->changes.count;
	enum sts_status status;
	bool ok;

	if (setup->setting_count == 0)
		return true;
	status = change_set_read(&setup->changes, setup->settings_path, &text, setup->why);
	if (status == STS_ENOTFOUND)
		text = strdup("");
	else if (status != STS_OK)
		return false;
	for (size_t i = 0; i < setup->setting_count && text != NULL; i++) {
		next = settings_edit(text, setup->settings[i].name, setup->settings[i].value);
		free(text);
		text = next;
	}
	if (text == NULL)
		snprintf(setup->why, sizeof(setup->why), "%s", sts_status_text(STS_ENOMEM));
	ok = text != NULL && is_valid(setup, text) &&
	    change_set_add_file(&setup->changes, setup->settings_path, text, setup->why) == STS_OK;
	free(text);
	setup->restart = setup->restart || setup->changes.count > before;
	return ok;
}

/* ---- afterwards ---- */

void
setup_afterwards(struct setup *setup)
{
	FILE *to = setup->changes.afterwards_lines;
	bool systemd = access(setup->systemd_dir, F_OK) == 0;
	const char *dir = setup->env.postfix_dir;
	char quoted[POSTFIX_VALUE_CAP] = "";
	struct sts_text text;

	sts_text_init(&text, quoted, sizeof(quoted));
	if (dir[0] != '\0') {
		sts_text_add(&text, " -c ");
		paste_quoted(&text, dir);
	}
	if (setup->reload_units)
		fputs("systemctl daemon-reload\n", to);
	if (setup->restart)
		fprintf(to, "%s\n", systemd ? "systemctl restart mta-sts-milter" : "service mta-sts-milter restart");
	if (setup->reload_postfix)
		fprintf(to, "postfix%s reload\n", quoted);
	if (setup->reload_rspamd)
		fprintf(to, "rspamadm configtest && %s\n", systemd ? "systemctl reload rspamd" : "service rspamd reload");
}

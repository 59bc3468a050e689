/* SPDX-License-Identifier: ISC */
/* setup_rspamd.c - installs rspamd's rule: appends the installed files to rspamd's own. */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/ascii.h"
#include "stsctl/setup/setup.h"

/* sign: the beginning of a line that shows that a file has our part already; NULL: the whole file is ours. */
static const struct rule_file { const char *name, *sign; } files[] = {
	{ "mta_sts.lua", NULL },
	{ "rspamd.local.lua", "dofile(rspamd_paths['LOCAL_CONFDIR'] .. '/mta_sts.lua')" },
	{ "local.d/groups.conf", "group \"mta_sts\"" },
	{ "local.d/composites.conf", "MTA_STS_" },
};

static bool
has_line(const char *text, const char *beginning)
{
	size_t len = strlen(beginning);

	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n'))
		if (strncmp(line, beginning, len) == 0)
			return true;
	return false;
}

static char *
concatenate(const char *a, const char *b)
{
	bool open = a[0] != '\0' && a[strlen(a) - 1] != '\n';
	size_t cap = strlen(a) + strlen(b) + sizeof("\n\n");
	char *out = malloc(cap);

	if (out != NULL)
		snprintf(out, cap, "%s%s%s%s", a, open ? "\n" : "", a[0] != '\0' ? "\n" : "", b);
	return out;
}

/* By default, rspamd's rule accepts only fields with this host's name. If the milter's authserv_id differs, adds it to the rule. */
static char *
with_author(const char *text, const char *authserv_id)
{
	static const char empty[] = "authserv_id = \"\"";
	const char *at = strstr(text, empty);
	char host[256] = "", *out;
	size_t cap = strlen(text) + strlen(authserv_id) + 1;

	(void)gethostname(host, sizeof(host) - 1);
	if (at == NULL || (strlen(host) == strlen(authserv_id) && sts_ascii_same_letters(host, authserv_id, strlen(host))))
		return strdup(text);
	out = malloc(cap);
	if (out != NULL)
		snprintf(out, cap, "%.*sauthserv_id = \"%s\"%s", (int)(at - text), text, authserv_id, at + sizeof(empty) - 1);
	return out;
}

static bool
no_memory(struct setup *setup)
{
	snprintf(setup->why, sizeof(setup->why), "%s", sts_status_text(STS_ENOMEM));
	return false;
}

/* Composes the new text of a file, which the caller frees; *wanted is NULL if the file stays as it is. */
static bool
compose(struct setup *setup, const struct rule_file *file, const char *path, char **wanted)
{
	char source[PATH_MAX], *text = NULL, *have = NULL;
	enum sts_status status;
	bool ok = true;

	*wanted = NULL;
	snprintf(source, sizeof(source), "%s/rspamd/%s", setup->share_dir, file->name);
	status = change_set_read(&setup->changes, source, &text, setup->why);
	if (status == STS_ENOTFOUND)
		snprintf(setup->why, sizeof(setup->why), "%.200s: there is no such file", source);
	if (status != STS_OK)
		return false;
	status = change_set_read(&setup->changes, path, &have, setup->why);
	if (status != STS_OK && status != STS_ENOTFOUND)
		ok = false;
	else if (file->sign == NULL)
		*wanted = strdup(text);
	else if (have == NULL || !has_line(have, file->sign)) {
		char *ours = with_author(text, setup->env.conf->authserv_id);

		*wanted = ours != NULL ? concatenate(have != NULL ? have : "", ours) : NULL;
		free(ours);
	}
	if (ok && *wanted == NULL && (file->sign == NULL || have == NULL || !has_line(have, file->sign)))
		ok = no_memory(setup);
	free(text);
	free(have);
	return ok;
}

static bool
is_installed(const struct setup *setup)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/rspamd/%s", setup->share_dir, files[0].name);
	return access(path, R_OK) == 0;
}

bool
setup_rspamd(struct setup *setup)
{
	const struct doctor_rspamd *r = &setup->rspamd;
	size_t before = setup->changes.count;

	if (!r->present || r->rule)
		return true;
	if (r->dump_failed) {
		fprintf(setup->changes.note_lines, "rspamd: its configuration cannot be dumped, so nothing is changed there%s%s\n",
		    r->config_why[0] != '\0' ? ": " : "", r->config_why);
		setup->unsure = true;
		return true;
	}
	if (!is_installed(setup)) {
		fprintf(setup->changes.note_lines, "rspamd: %s/rspamd/%s does not exist; name the directory of the rule with --share\n",
		    setup->share_dir, files[0].name);
		return true;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[PATH_MAX], *wanted;
		bool ok;

		snprintf(path, sizeof(path), "%s/%s", r->directory, files[i].name);
		ok = compose(setup, &files[i], path, &wanted);
		if (ok && wanted != NULL)
			ok = change_set_add_file(&setup->changes, path, wanted, setup->why) == STS_OK;
		free(wanted);
		if (!ok)
			return false;
	}
	setup->reload_rspamd = setup->changes.count > before;
	return true;
}

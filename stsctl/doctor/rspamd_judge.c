/* SPDX-License-Identifier: ISC */
/* rspamd_judge.c - compares rspamd's configuration with the milter's. Pure, but for the host's name. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "stsctl/doctor/rspamd.h"
#include "stsctl/terminal/paste.h"

static const char *
path_in(const struct doctor_rspamd *r, const char *file, char out[POSTFIX_VALUE_CAP + 64])
{
	snprintf(out, POSTFIX_VALUE_CAP + 64, "%.*s/%s", POSTFIX_VALUE_CAP, r->directory, file);
	return out;
}

/* The commands that install the rule; they can be pasted twice without adding anything twice. */
static const char *
fix_rule(const struct doctor_rspamd *r, char out[DOCTOR_TEXT])
{
	static const struct { const char *file, *sign; } appended[] = {
		{ "rspamd.local.lua", "^dofile.*mta_sts" },
		{ "local.d/groups.conf", "^group .mta_sts" },
		{ "local.d/composites.conf", "^MTA_STS_" },
	};
	char path[POSTFIX_VALUE_CAP + 64];
	struct sts_text text;

	sts_text_init(&text, out, DOCTOR_TEXT);
	sts_text_add(&text, "install -d ");
	paste_word(&text, path_in(r, "local.d", path));
	sts_text_add(&text, "\ninstall -m 644 " PKGDATADIR "/rspamd/mta_sts.lua ");
	paste_word(&text, path_in(r, "", path));
	for (size_t i = 0; i < sizeof(appended) / sizeof(appended[0]); i++) {
		sts_text_addf(&text, "\ngrep -qs '%s' ", appended[i].sign);
		paste_word(&text, path_in(r, appended[i].file, path));
		sts_text_addf(&text, " || cat " PKGDATADIR "/rspamd/%s >> ", appended[i].file);
		paste_word(&text, path);
	}
	sts_text_add(&text, "\nrspamadm configtest && systemctl reload rspamd");
	return out;
}

/* 304 for 3.4. */
static unsigned
version_number(const char *text)
{
	unsigned long long major = 0, minor = 0;
	size_t len = strspn(text, "0123456789");

	if (!sts_text_parse_u64(text, len, 3, &major) || text[len] != '.' ||
	    !sts_text_parse_u64(text + len + 1, strspn(text + len + 1, "0123456789"), 2, &minor))
		return 0;
	return (unsigned)(major * 100 + minor);
}

static void
judge_files(const struct doctor_rspamd *r, struct findings *out)
{
	char fix[DOCTOR_LINE];
	struct sts_text text;

	for (size_t i = 0; i < r->module_count; i++) {
		sts_text_init(&text, fix, sizeof(fix));
		sts_text_add(&text, "rm ");
		paste_word(&text, r->modules[i]);
		findings_add(out, FINDING_WARN, "rspamd.module-file", r->modules[i], "rspamd has no module of this name", fix);
	}
	if (r->multimap)
		findings_add(out, FINDING_INFO, "rspamd.multimap", "MTA_STS_DOMAINS",
		    "a multimap of sender domains, maintained by hand", "remove MTA_STS_DOMAINS from local.d/multimap.conf");
}

static bool
is_same_name(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && sts_ascii_same_letters(a, b, strlen(a));
}

static void
judge_author(const struct sts_conf *conf, const struct doctor_rspamd *r, struct findings *out)
{
	char host[256] = "", fix[DOCTOR_LINE];
	const char *theirs = r->authserv_id;

	if (theirs[0] == '\0') {
		(void)gethostname(host, sizeof(host) - 1);
		theirs = host;
	}
	snprintf(fix, sizeof(fix), "in %.*s:\n  authserv_id = \"%s\",", POSTFIX_VALUE_CAP, r->local_lua, conf->authserv_id);
	if (!is_same_name(theirs, conf->authserv_id))
		doctor_add(out, FINDING_FAIL, "rspamd.authserv-id", r->local_lua, fix,
		    "rspamd expects host=%s, the milter writes host=%s", theirs, conf->authserv_id);
}

static void
judge_key(const struct sts_conf *conf, const struct doctor_rspamd *r, struct findings *out)
{
	bool ours = conf->header_key.len > 0, theirs = r->key_file[0] != '\0';
	const char *subject = theirs ? r->key_file : r->local_lua;
	char fix[DOCTOR_LINE];
	struct sts_text text;

	sts_text_init(&text, fix, sizeof(fix));
	sts_text_add(&text, "install -m 640 -o root -g _rspamd ");
	paste_word(&text, conf->header_key_file);
	sts_text_add(&text, " ");
	paste_word(&text, r->key_file);
	if (text.overflow)
		sts_text_init(&text, fix, sizeof(fix));		/* never half a line */
	if (!ours && theirs)
		findings_add(out, FINDING_FAIL, "rspamd.key", subject, "rspamd requires signatures, but the milter has no "
		    "header_key_file", "header_key_file = " SYSCONFDIR "/mta-sts-milter/header.key\nin mta-sts-milter.conf");
	else if (ours && !theirs)
		findings_add(out, FINDING_INFO, "rspamd.key", subject, "the milter signs, but rspamd does not check signatures",
		    NULL);
	else if (theirs && r->key_state == FILE_DENIED) {
		findings_add(out, FINDING_INFO, "rspamd.key", subject, "cannot be read by this user",
		    "run stsctl doctor as root");
		findings_set_unsure(out);
	} else if (theirs && r->key_state != FILE_OK)
		findings_add(out, FINDING_FAIL, "rspamd.key", subject, r->key_state == FILE_MISSING ? "there is no such file" :
		    "is not a key of 32 to 128 hex digits", fix);
	else if (theirs && (r->key.len != conf->header_key.len ||
	    memcmp(r->key.bytes, conf->header_key.bytes, r->key.len) != 0))
		findings_add(out, FINDING_FAIL, "rspamd.key", subject, "is not the milter's key", fix);
}

void
judge_rspamd(const struct sts_conf *conf, const struct doctor_rspamd *r, struct findings *out)
{
	char rule[DOCTOR_TEXT];

	if (!r->present) {
		findings_add(out, FINDING_INFO, "rspamd.absent", "rspamd", "rspamadm is not installed", NULL);
		return;
	}
	judge_files(r, out);
	if (version_number(r->version) != 0 && version_number(r->version) < 304)
		findings_add(out, FINDING_WARN, "rspamd.version", "rspamd", r->version, NULL);
	if (r->dump_failed && (r->config_good || r->config_why[0] == '\0' || strstr(r->config_why, "ermission denied") != NULL)) {
		findings_add(out, FINDING_INFO, "rspamd.unknown", "rspamadm", "does not show its configuration to this user",
		    "run stsctl doctor as root");
		findings_set_unsure(out);
		return;
	}
	if (!r->config_good) {
		findings_add(out, FINDING_FAIL, "rspamd.configtest", "rspamadm configtest", r->config_why, "correct what it names, "
		    "then\nrspamadm configtest && systemctl reload rspamd");
		return;
	}
	if (!r->rule) {
		findings_add(out, FINDING_WARN, "rspamd.rule", "mta_sts.lua", "rspamd has no symbol MTA_STS_CHECK",
		    fix_rule(r, rule));
		return;
	}
	doctor_add(out, FINDING_PASS, "rspamd.ok", "rspamd", NULL, "version %s, configtest passes, the rule is loaded",
	    r->version);
	if (r->settings_known) {
		judge_author(conf, r, out);
		judge_key(conf, r, out);
	}
}

/* SPDX-License-Identifier: ISC */
/* smtpd/tables.c - header_checks and smtp_tls_policy_maps: the tables that Postfix looks things up in. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "shared-cache/base/text.h"
#include "stsctl/smtpd/tables.h"
#include "stsctl/smtpd/service.h"

/* Blanks before the colon make no other field of it (RFC 5322 section 4.5). */
const char doctor_check_line[] = "regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}";

/* ---- header_checks ---- */

/* What a table says of a client's field: postmap looks it up as cleanup(8) does. */
static enum doctor_strip
ask_table(const struct doctor_means *means, const char *table, const char *field)
{
	const char *const words[] = { "-q", field, table, NULL };
	struct subprocess_output output;
	enum doctor_strip strip = STRIP_UNKNOWN;

	if (doctor_run_postfix(means, "postmap", words, &output) != STS_OK)
		return STRIP_UNKNOWN;
	if (output.status == 0)
		strip = strncmp(output.out, "IGNORE", 6) == 0 ? STRIP_YES : STRIP_NO;
	else if (output.status == 1 && strstr(output.err, "fatal: ") == NULL)
		strip = STRIP_NO;		/* not found; warnings are about other things */
	subprocess_output_fini(&output);
	return strip;
}

static enum doctor_strip
ask_tables(const struct doctor_means *means, const struct doctor_postfix *pf, const char *field)
{
	const char *list = postconf_get(pf->conf, "header_checks"), *e;
	enum doctor_strip result = STRIP_NO;
	char table[DOCTOR_LINE];
	size_t len;

	while (result != STRIP_YES && (e = postfix_value_next(&list, &len)) != NULL) {
		enum doctor_strip strip;

		if (len >= sizeof(table))
			continue;
		memcpy(table, e, len);
		table[len] = '\0';
		strip = ask_table(means, table, field);
		if (strip != STRIP_NO)
			result = strip;
	}
	return result;
}

enum doctor_strip
look_header_checks(const struct doctor_means *means, const struct doctor_postfix *pf)
{
	enum doctor_strip plain = ask_tables(means, pf, "X-MTA-STS: v=1; host=x");

	if (plain != STRIP_YES)
		return plain;
	return ask_tables(means, pf, "x-mta-sts :v=1; host=x") == STRIP_YES ? STRIP_YES : STRIP_PLAIN;
}

static void
judge_strip(const struct doctor_postfix *pf, const struct doctor_strip_wish *wish, const char *seen, struct findings *out)
{
	const char *checks = postconf_get(pf->conf, "header_checks");
	char value[DOCTOR_LINE], fix[DOCTOR_LINE];

	snprintf(value, sizeof(value), "%s%s%s", checks, checks[0] != '\0' ? ", " : "", doctor_check_line);
	findings_add(out, wish->depends ? FINDING_FAIL : FINDING_WARN, "postfix.header-checks", "header_checks", seen,
	    doctor_fix(pf, NULL, "header_checks", value, fix));
}

void
judge_header_checks(const struct doctor_postfix *pf, enum doctor_strip strip, const struct doctor_strip_wish *wish,
    struct findings *out)
{
	bool removes = strip == STRIP_YES || strip == STRIP_PLAIN, unwanted = wish->keeps_fields && !wish->depends;

	if (strip == STRIP_UNKNOWN) {
		doctor_add(out, FINDING_INFO, "postfix.header-checks", "header_checks", NULL,
		    "%s cannot be looked up by this user", postconf_get(pf->conf, "header_checks"));
		findings_unsure(out);
	} else if (removes && wish->keeps_fields) {
		findings_add(out, FINDING_WARN, "postfix.header-checks-keep", "header_checks",
		    postconf_get(pf->conf, "header_checks"), NULL);
	} else if (strip == STRIP_YES) {
		findings_add(out, FINDING_PASS, "postfix.header-checks", "header_checks", "X-MTA-STS is removed", NULL);
	}
	if (strip == STRIP_PLAIN && !unwanted)
		judge_strip(pf, wish, "X-MTA-STS is removed, but not with a blank before the colon", out);
	else if (strip == STRIP_NO && !unwanted)
		judge_strip(pf, wish, "X-MTA-STS is not removed", out);
}

/* ---- services for which header_checks do not count ---- */

static const struct postconf_service *
cleanup_of(const struct doctor_postfix *pf, const struct postconf_service *smtpd)
{
	const char *name = postconf_get_of(pf->conf, smtpd, "cleanup_service_name");

	for (size_t i = 0; i < pf->conf->service_count; i++)
		if (strcmp(pf->conf->services[i].name, name) == 0 && strcmp(pf->conf->services[i].type, "inet") != 0)
			return &pf->conf->services[i];
	return NULL;
}

/* The list without the word. */
static void
leave_out(const char *list, const char *word, char *out, size_t cap)
{
	struct sts_text text;
	const char *e;
	size_t len;

	sts_text_init(&text, out, cap);
	while ((e = postfix_value_next(&list, &len)) != NULL) {
		if (len == strlen(word) && strncasecmp(e, word, len) == 0)
			continue;
		if (text.len > 0)
			sts_text_add(&text, ",");
		sts_text_add_bytes(&text, e, len);
	}
}

void
judge_header_checks_off(const struct doctor_postfix *pf, struct findings *out)
{
	static const char option[] = "receive_override_options", off[] = "no_header_body_checks";
	struct doctor_services without = { .pf = pf }, other = { .pf = pf };
	char value[DOCTOR_LINE];

	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i], *cleanup;

		if (!doctor_service_is_smtpd(service) || doctor_service_role(service) != ROLE_MX)
			continue;
		leave_out(postconf_get_of(pf->conf, service, option), off, value, sizeof(value));
		cleanup = cleanup_of(pf, service);
		if (postfix_value_lists(postconf_get_of(pf->conf, service, option), off))
			doctor_services_add(&without, service, option, value);
		else if (cleanup != NULL && postconf_has_own(cleanup, "header_checks"))
			doctor_services_add(&other, service, NULL, NULL);
	}
	if (without.count > 0)
		findings_add(out, FINDING_FAIL, "postfix.header-checks-off", without.names, off, without.fix);
	if (other.count > 0)
		findings_add(out, FINDING_WARN, "postfix.header-checks-off", other.names,
		    "their cleanup has header_checks of its own", NULL);
}

/* ---- smtp_tls_policy_maps ---- */

int
doctor_file_exists(const char *path)
{
	if (access(path, F_OK) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

/* A type of `postconf -m'. */
static bool
is_type(const char *types, const char *type)
{
	size_t len = strlen(type);

	for (const char *c = types; len > 0 && (c = strstr(c, type)) != NULL; c += len)
		if ((c == types || c[-1] == '\n') && (c[len] == '\n' || c[len] == '\0'))
			return true;
	return false;
}

/* The list without this element, as it may be pasted. */
static char *
without(const char *list, const char *element, char *out, size_t cap)
{
	struct sts_text text;
	const char *e;
	size_t len;

	sts_text_init(&text, out, cap);
	while ((e = postfix_value_next(&list, &len)) != NULL) {
		if (e == element)
			continue;
		sts_text_add(&text, text.len > 0 ? ", " : "");
		sts_text_add_bytes(&text, e, len);
	}
	return out;
}

struct maps {
	const struct doctor_postfix *pf;
	const char *list;		/* the setting */
	doctor_exists_fn *exists;
	doctor_ask_fn *ask;
	struct findings *out;
};

static void
blame(const struct maps *maps, const char *id, const char *element, const char *seen, const char *before)
{
	char value[DOCTOR_LINE], line[DOCTOR_LINE], fix[3 * DOCTOR_LINE];

	without(maps->list, element, value, sizeof(value));
	snprintf(fix, sizeof(fix), "%s%s", before, doctor_fix(maps->pf, NULL, "smtp_tls_policy_maps", value, line));
	findings_add(maps->out, FINDING_FAIL, id, "smtp_tls_policy_maps", seen, fix);
}

enum verdict { MAP_PLAIN, MAP_RESOLVER, MAP_SILENT, MAP_BROKEN };

/* A socketmap is worth what stands behind it. */
static enum verdict
judge_socketmap(const struct maps *maps, const char *element, const struct postfix_table *table)
{
	char seen[2 * DOCTOR_LINE], why[DOCTOR_LINE];

	switch (maps->ask(maps->pf, table->name, why)) {
	case SOCKETMAP_SERVES:
		return MAP_RESOLVER;
	case SOCKETMAP_COMPLAINS:
		snprintf(seen, sizeof(seen), "socketmap:%s answers: %s", table->name, why);
		findings_add(maps->out, FINDING_WARN, "postfix.policy-map-silent", "smtp_tls_policy_maps", seen,
		    "look into the log of what listens there");
		return MAP_RESOLVER;
	case SOCKETMAP_CLOSED:
		snprintf(seen, sizeof(seen), "socketmap:%s: %s", table->name, why);
		findings_add(maps->out, FINDING_FAIL, "postfix.policy-map-silent", "smtp_tls_policy_maps", seen,
		    "let Postfix' user reach the socket: its directory, group and mode (socketmap_mode)");
		return MAP_SILENT;
	case SOCKETMAP_DENIED:
		snprintf(seen, sizeof(seen), "socketmap:%s could not be asked: %s", table->name, why);
		findings_add(maps->out, FINDING_INFO, "postfix.policy-map-silent", "smtp_tls_policy_maps", seen,
		    "run stsctl doctor as root");
		findings_unsure(maps->out);
		return MAP_RESOLVER;
	case SOCKETMAP_SILENT:
		break;
	}
	snprintf(seen, sizeof(seen), "socketmap:%s: nobody answers: %s", table->name, why);
	blame(maps, "postfix.policy-map-silent", element, seen, "start what is to listen there, which is one of\n"
	    "systemctl restart mta-sts-milter\nsystemctl restart postfix-mta-sts-resolver\nor do without:\n");
	return MAP_SILENT;
}

/* A socketmap may well be one that resolves MTA-STS policies. */
static enum verdict
judge_map(const struct maps *maps, const char *element, size_t len)
{
	char path[POSTFIX_VALUE_CAP], seen[DOCTOR_LINE], before[DOCTOR_LINE] = "";
	struct postfix_table table;
	const char *fault;

	if (!postfix_table_parse(element, len, &table))
		return MAP_PLAIN;
	if (!is_type(maps->pf->types, table.type)) {
		snprintf(seen, sizeof(seen), "%.*s: this Postfix has no tables of type \"%s\"", (int)len, element, table.type);
		blame(maps, "postfix.policy-map-type", element, seen, before);
		return MAP_BROKEN;
	}
	if (strcmp(table.type, "socketmap") == 0) {
		if ((fault = postfix_table_socketmap_fault(table.name)) == NULL)
			return judge_socketmap(maps, element, &table);
		snprintf(seen, sizeof(seen), "socketmap:%s: %s\n(fatal: need service transport:endpoint)", table.name, fault);
		blame(maps, "postfix.policy-map-socketmap", element, seen, before);
		return MAP_BROKEN;
	}
	if (postfix_table_file(&table, path) == NULL || maps->exists(path) != 0)
		return MAP_PLAIN;
	snprintf(seen, sizeof(seen), "%.*s: there is no %s\n(open database: No such file or directory)", (int)len, element, path);
	if (maps->exists(table.name) == 1)
		snprintf(before, sizeof(before), "postmap '%s:%s'\nor\n", table.type, table.name);
	blame(maps, "postfix.policy-map-file", element, seen, before);
	return MAP_BROKEN;
}

static void
judge_resolved(const struct doctor_postfix *pf, const char *maps, bool resolved, struct findings *out)
{
	char value[DOCTOR_LINE], line[DOCTOR_LINE], fix[3 * DOCTOR_LINE];
	const char *name = doctor_postfix_version(pf) >= DOCTOR_POSTFIX_REPORTS ? "tlsrpt" : "postfix";

	if (resolved) {
		findings_add(out, FINDING_PASS, "postfix.outbound", "smtp_tls_policy_maps", maps, NULL);
		return;
	}
	snprintf(value, sizeof(value), "%s%ssocketmap:unix:/run/mta-sts-milter/socketmap.sock:%s", maps,
	    maps[0] != '\0' ? ", " : "", name);
	doctor_fix(pf, NULL, "smtp_tls_policy_maps", value, line);
	snprintf(fix, sizeof(fix), "socketmap_listen = unix:/run/mta-sts-milter/socketmap.sock in mta-sts-milter.conf, and then\n%s\n"
	    "doc/outbound.md says more, of a chrooted smtp, too", line);
	findings_add(out, FINDING_INFO, "postfix.outbound", "smtp_tls_policy_maps", maps[0] != '\0' ? maps : "empty", fix);
}

void
judge_policy_maps(const struct doctor_postfix *pf, doctor_exists_fn *exists, doctor_ask_fn *ask, struct findings *out)
{
	const char *list = postconf_get(pf->conf, "smtp_tls_policy_maps"), *e;
	const struct maps maps = { pf, list, exists, ask, out };
	bool resolved = false, silent = false, broken = false;
	size_t len;

	while ((e = postfix_value_next(&list, &len)) != NULL) {
		enum verdict verdict = judge_map(&maps, e, len);

		resolved = resolved || verdict == MAP_RESOLVER;
		silent = silent || verdict == MAP_SILENT;
		broken = broken || verdict == MAP_BROKEN;
	}
	if (!silent || resolved)
		judge_resolved(pf, broken ? "" : maps.list, resolved, out);
}

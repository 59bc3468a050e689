/* SPDX-License-Identifier: ISC */
/* header_checks.c - looks up fields in Postfix's tables like cleanup(8), and judges the results. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "shared-cache/base/text.h"
#include "stsctl/smtpd/header_checks.h"
#include "stsctl/smtpd/service.h"

/* With blanks before the colon it is the same field (RFC 5322 section 4.5). */
static const char check_line[] = "regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}";
static const char check_pattern[] = "/^X-MTA-STS[[:space:]]*:/ IGNORE";

/* The first one is the field as the milter writes it. */
static const struct { const char *field, *how; } spellings[] = {
	{ "X-MTA-STS: v=1; host=x", "" },
	{ "X-MTA-STS : v=1; host=x", "with a blank before the colon" },
	{ "X-MTA-STS\t: v=1; host=x", "with a tab before the colon" },
	{ "x-mta-sts: v=1; host=x", "in small letters" },
	{ "X-MTA-STS:result=pass", "with other text after the colon" },
	{ "X-MTA-STS:\n\tv=1; host=x", "with its text on the next line" },
	{ "X-MTA-STS:", "with nothing after the colon" },
};

static const char *const foreign[] = { "Subject: X-MTA-STS: what it means", "X-MTA-STS-Report: x", "X-Old-X-MTA-STS: x" };

/* ---- table lookups ---- */

enum answer { SAYS_NOTHING, SAYS_REMOVE, SAYS_OTHER, SAYS_UNKNOWN };

/* Whether the action's first word removes the field, in any case of letters (header_checks(5)). */
static bool
removes(const char *action)
{
	size_t len = strcspn(action, " \t\r\n");

	return (len == 6 && strncasecmp(action, "IGNORE", len) == 0) || (len == 5 && strncasecmp(action, "STRIP", len) == 0);
}

static enum answer
ask_table(const struct doctor_env *env, const char *table, const char *field)
{
	const char *const words[] = { "-q", field, table, NULL };
	struct subprocess_output output;
	enum answer answer = SAYS_UNKNOWN;

	if (doctor_run_postfix(env, "postmap", words, &output) != STS_OK)
		return SAYS_UNKNOWN;
	if (output.status == 0)
		answer = removes(output.out) ? SAYS_REMOVE : SAYS_OTHER;
	else if (output.status == 1 && strstr(output.err, "fatal: ") == NULL)
		answer = SAYS_NOTHING;		/* not found; warnings do not matter */
	subprocess_output_fini(&output);
	return answer;
}

/* Returns the answer of the first table that has one, and copies its name to table. */
static enum answer
ask_tables(const struct doctor_env *env, const char *list, const char *field, char table[DOCTOR_LINE])
{
	enum answer answer = SAYS_NOTHING;
	const char *e;
	size_t len;

	while (answer == SAYS_NOTHING && (e = postfix_value_next(&list, &len)) != NULL) {
		if (len >= DOCTOR_LINE)
			return SAYS_UNKNOWN;
		memcpy(table, e, len);
		table[len] = '\0';
		answer = ask_table(env, table, field);
	}
	return answer;
}

static void
inspect_spellings(const struct doctor_env *env, const char *checks, struct doctor_header_checks *out)
{
	char table[DOCTOR_LINE];
	enum answer answer = ask_tables(env, checks, spellings[0].field, table);

	out->strip = answer == SAYS_REMOVE ? STRIP_YES : answer == SAYS_UNKNOWN ? STRIP_UNKNOWN : STRIP_NO;
	for (size_t i = 1; out->strip == STRIP_YES && i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		if (ask_tables(env, checks, spellings[i].field, table) == SAYS_REMOVE)
			continue;
		out->strip = STRIP_SOME;
		out->left = spellings[i].how;
	}
}

void
inspect_header_checks(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_header_checks *out)
{
	const char *checks = postconf_get(pf->conf, "header_checks");
	char table[DOCTOR_LINE];

	*out = (struct doctor_header_checks){ .left = "" };
	inspect_spellings(env, checks, out);
	for (size_t i = 0; out->strip <= STRIP_SOME && i < sizeof(foreign) / sizeof(foreign[0]); i++)
		out->wide = out->wide || ask_tables(env, checks, foreign[i], table) == SAYS_REMOVE;
	if (ask_tables(env, postconf_get(pf->conf, "milter_header_checks"), spellings[0].field, table) == SAYS_REMOVE)
		sts_text_copy(out->own, sizeof(out->own), table);
}

/* ---- judging ---- */

char *
doctor_header_checks_value(const char *checks, char *out, size_t cap)
{
	snprintf(out, cap, "%s%s%s", check_line, checks[0] != '\0' ? ", " : "", checks);
	return out;
}

static void
judge_strip(const struct doctor_postfix *pf, const struct doctor_strip_needs *needs, const char *left, struct findings *out)
{
	const char *checks = postconf_get(pf->conf, "header_checks");
	char seen[DOCTOR_LINE] = "X-MTA-STS is not removed", value[DOCTOR_LINE], fix[DOCTOR_LINE];

	if (left != NULL)
		snprintf(seen, sizeof(seen), "X-MTA-STS is removed, but not %s", left);
	findings_add(out, needs->depends ? FINDING_FAIL : FINDING_WARN, "postfix.header-checks", "header_checks", seen,
	    doctor_fix(pf, NULL, "header_checks", doctor_header_checks_value(checks, value, sizeof(value)), fix));
}

/* Copies the list without word. */
static void
remove_from_list(const char *list, const char *word, const char *between, char *out, size_t cap)
{
	struct sts_text text;
	const char *e;
	size_t len;

	sts_text_init(&text, out, cap);
	while ((e = postfix_value_next(&list, &len)) != NULL) {
		if (len == strlen(word) && strncasecmp(e, word, len) == 0)
			continue;
		if (text.len > 0)
			sts_text_add(&text, between);
		sts_text_add_bytes(&text, e, len);
	}
}

static void
judge_own(const struct doctor_postfix *pf, const char *table, struct findings *out)
{
	char value[DOCTOR_LINE], fix[DOCTOR_LINE];

	remove_from_list(postconf_get(pf->conf, "milter_header_checks"), table, ", ", value, sizeof(value));
	findings_add(out, FINDING_FAIL, "postfix.milter-header-checks", "milter_header_checks", table,
	    doctor_fix(pf, NULL, "milter_header_checks", value, fix));
}

void
judge_header_checks(const struct doctor_postfix *pf, const struct doctor_header_checks *facts, const struct doctor_strip_needs *needs,
    struct findings *out)
{
	const char *checks = postconf_get(pf->conf, "header_checks");
	bool does = facts->strip == STRIP_YES || facts->strip == STRIP_SOME, unwanted = needs->keeps_fields && !needs->depends;

	if (facts->strip == STRIP_UNKNOWN) {
		doctor_add(out, FINDING_INFO, "postfix.header-checks", "header_checks", NULL, "this user cannot look up %s", checks);
		findings_set_unsure(out);
	} else if (does && needs->keeps_fields) {
		findings_add(out, FINDING_WARN, "postfix.header-checks-keep", "header_checks", checks, NULL);
	} else if (facts->strip == STRIP_YES) {
		findings_add(out, FINDING_PASS, "postfix.header-checks", "header_checks", "X-MTA-STS is removed", NULL);
	}
	if (facts->strip == STRIP_SOME && !unwanted)
		judge_strip(pf, needs, facts->left, out);
	else if (facts->strip == STRIP_NO && !unwanted)
		judge_strip(pf, needs, NULL, out);
	if (facts->wide)
		findings_add(out, FINDING_WARN, "postfix.header-checks", "header_checks",
		    "other fields that contain X-MTA-STS are removed, too", check_pattern);
	if (facts->own[0] != '\0')
		judge_own(pf, facts->own, out);
}

/* ---- services that do not apply header_checks ---- */

static const struct postconf_service *
cleanup_of(const struct doctor_postfix *pf, const struct postconf_service *smtpd)
{
	const char *name = postconf_get_of(pf->conf, smtpd, "cleanup_service_name");

	for (size_t i = 0; i < pf->conf->service_count; i++)
		if (strcmp(pf->conf->services[i].name, name) == 0 && strcmp(pf->conf->services[i].type, "inet") != 0)
			return &pf->conf->services[i];
	return NULL;
}

void
judge_header_checks_off(const struct doctor_postfix *pf, struct findings *out)
{
	static const char option[] = "receive_override_options", off[] = "no_header_body_checks", name[] = "header_checks";
	struct doctor_services without = { .pf = pf }, none = { .pf = pf }, other = { .pf = pf };
	char value[DOCTOR_LINE], fix[DOCTOR_LINE];

	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i], *cleanup;

		if (!doctor_service_is_smtpd(service) || doctor_service_role(service) != ROLE_MX)
			continue;
		remove_from_list(postconf_get_of(pf->conf, service, option), off, ",", value, sizeof(value));
		cleanup = cleanup_of(pf, service);
		if (postfix_value_lists(postconf_get_of(pf->conf, service, option), off))
			doctor_services_add(&without, service, option, value);
		else if (cleanup != NULL && postconf_has_own(cleanup, name) && postconf_get_of(pf->conf, cleanup, name)[0] == '\0')
			doctor_services_add_line(&none, service, doctor_fix(pf, cleanup, name, check_line, fix));
		else if (cleanup != NULL && postconf_has_own(cleanup, name))
			doctor_services_add(&other, service, NULL, NULL);
	}
	if (without.count > 0)
		findings_add(out, FINDING_FAIL, "postfix.header-checks-off", without.names, off, without.fix);
	if (none.count > 0)
		findings_add(out, FINDING_FAIL, "postfix.header-checks-off", none.names, "their cleanup has no header_checks", none.fix);
	if (other.count > 0)
		findings_add(out, FINDING_WARN, "postfix.header-checks-off", other.names,
		    "their cleanup has header_checks of its own", NULL);
}

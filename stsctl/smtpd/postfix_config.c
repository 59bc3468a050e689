/* SPDX-License-Identifier: ISC */
/* postfix_config.c - runs postconf(1), and judges the configuration as a whole. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/text.h"
#include "stsctl/smtpd/postfix_config.h"
#include "stsctl/smtpd/service.h"
#include "stsctl/terminal/output.h"

/* ---- reading ---- */

/* Copies the first line of a program's complaints. */
static void
first_line(const char *text, char out[DOCTOR_LINE])
{
	snprintf(out, DOCTOR_LINE, "%.*s", (int)strcspn(text, "\n"), text);
}

/* Runs postconf with an option. The caller frees the output and *warnings, which may be NULL. NULL on failure; pf->why says why. */
static char *
ask(const struct doctor_env *env, const char *option, struct doctor_postfix *pf, char **warnings)
{
	const char *const words[] = { option, NULL };
	struct subprocess_output output;
	enum sts_status status = doctor_run_postfix(env, "postconf", words, &output);
	char *text = NULL;

	if (status == STS_OK && output.status == 0) {
		text = output.out;
		output.out = NULL;
		if (warnings != NULL) {
			*warnings = output.err;
			output.err = NULL;
		}
	} else if (status == STS_OK) {
		first_line(output.err, pf->why);
	} else {
		snprintf(pf->why, sizeof(pf->why), "postconf: %s", status == STS_ENOTFOUND ? "there is no such program" :
		    status == STS_EUNAVAILABLE ? "does not finish" : sts_status_text(status));
	}
	subprocess_output_fini(&output);
	return text;
}

void
inspect_postfix(const struct doctor_env *env, struct doctor_postfix *out)
{
	char *settings, *services = NULL, *own = NULL;

	*out = (struct doctor_postfix){ .directory = env->postfix_dir };
	settings = ask(env, "-x", out, &out->warnings);
	if (settings != NULL)
		services = ask(env, "-M", out, NULL);
	if (services != NULL)
		own = ask(env, "-Px", out, NULL);
	if (own != NULL)
		out->types = ask(env, "-m", out, NULL);
	if (out->types != NULL && postconf_parse(settings, services, own, &out->conf) != STS_OK)
		snprintf(out->why, sizeof(out->why), "postconf: its output cannot be parsed");
	free(settings);
	free(services);
	free(own);
}

void
doctor_postfix_fini(struct doctor_postfix *pf)
{
	postconf_free(&pf->conf);
	free(pf->types);
	free(pf->warnings);
	*pf = (struct doctor_postfix){ .directory = "" };
}

/* ---- judging ---- */

/* Reports postconf's warnings about unused names, most of which are typing errors. */
static void
judge_unused(const struct doctor_postfix *pf, struct findings *out)
{
	static const char mark[] = "unused parameter: ";
	char seen[DOCTOR_TEXT];
	struct sts_text text;

	sts_text_init(&text, seen, sizeof(seen));
	for (const char *c = pf->warnings; c != NULL && (c = strstr(c, mark)) != NULL; c++) {
		c += sizeof(mark) - 1;
		sts_text_add(&text, text.len > 0 ? "\n" : "");
		sts_text_add_shown(&text, c, strcspn(c, "\n"), DOCTOR_LINE / 4);
	}
	if (text.len > 0)
		findings_add(out, FINDING_WARN, "postfix.unused", "main.cf", seen, NULL);
}

int
doctor_postfix_version(const struct doctor_postfix *pf)
{
	const char *text = postconf_get(pf->conf, "mail_version");
	char *dot, *end;
	long major = strtol(text, &dot, 10), minor;

	if (dot == text || *dot != '.' || major < 0 || major > 1000)
		return 0;
	minor = strtol(dot + 1, &end, 10);
	return end == dot + 1 || minor < 0 || minor > 999 ? 0 : (int)(major * 1000 + minor);
}

void
judge_postfix(const struct doctor_postfix *pf, struct findings *out)
{
	const char *subject = pf->directory[0] != '\0' ? pf->directory : "Postfix";
	size_t smtpds = 0;

	if (pf->conf == NULL) {
		findings_add(out, FINDING_WARN, "postfix.unreadable", subject, pf->why, NULL);
		findings_set_unsure(out);
		return;
	}
	for (size_t i = 0; i < pf->conf->service_count; i++)
		smtpds += doctor_service_is_smtpd(&pf->conf->services[i]);
	if (smtpds == 0)
		findings_add(out, FINDING_FAIL, "postfix.no-smtpd", "master.cf", "no service runs smtpd",
		    "in master.cf:\nsmtp inet n - y - - smtpd");
	else
		doctor_add(out, FINDING_PASS, "postfix.ok", subject, NULL, "version %s, %zu smtpd service%s",
		    postconf_get(pf->conf, "mail_version"), smtpds, smtpds == 1 ? "" : "s");
	judge_unused(pf, out);
}

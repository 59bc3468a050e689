/* SPDX-License-Identifier: ISC */
/*
 * requiretls.c - what Postfix 3.11 and later do with mail whose sender asked for REQUIRETLS. Pure.
 *
 * smtp_requiretls_policy is a list of tables and of bare levels; the first one with an answer counts. The default is `enforce': mail
 * that is forwarded to a server without REQUIRETLS, or without a DANE or MTA-STS policy, is then returned to its sender.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/smtpd/requiretls.h"

static const char setting[] = "smtp_requiretls_policy", lenient[] = "opportunistic+starttls";

static bool
is_word(const char *element, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(element, word, len) == 0;
}

/* Whether the level is enforce for servers that are in no table. *tables: the length of the list before the word that decides. */
static bool
ends_in_enforce(const char *policy, size_t *tables)
{
	const char *list = policy, *e;
	size_t len;

	while ((e = postfix_value_next(&list, &len)) != NULL) {
		*tables = (size_t)(e - policy);
		if (is_word(e, len, "opportunistic") || is_word(e, len, lenient))
			return false;
		if (is_word(e, len, "enforce"))
			return true;
	}
	*tables = strlen(policy);
	return true;
}

void
judge_requiretls(const struct doctor_postfix *pf, struct findings *out)
{
	const char *policy = postconf_get(pf->conf, setting);
	char value[DOCTOR_TEXT], fix[DOCTOR_LINE];
	size_t tables = 0;

	if (!postfix_value_is_yes(postconf_get(pf->conf, "requiretls_enable")))
		return;
	if (!ends_in_enforce(policy, &tables)) {
		findings_add(out, FINDING_PASS, "postfix.requiretls", setting, policy, NULL);
		return;
	}
	snprintf(value, sizeof(value), "%.*s%s%s", (int)tables, policy, tables > 0 && policy[tables - 1] != ' ' ? " " : "", lenient);
	findings_add(out, FINDING_INFO, "postfix.requiretls", setting, policy[0] != '\0' ? policy : "empty, which is enforce",
	    doctor_fix(pf, NULL, setting, value, fix));
}

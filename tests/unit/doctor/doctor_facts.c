/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/unit/doctor/doctor_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char good_settings[] =
    "compatibility_level = 3.6\n"
    "header_checks = regexp:{{/^X-MTA-STS[[:space:]]*:/ IGNORE}}\n"
    "mail_version = 3.7.11\n"
    "milter_command_timeout = 30s\n"
    "milter_connect_timeout = 30s\n"
    "milter_content_timeout = 300s\n"
    "milter_default_action = tempfail\n"
    "milter_helo_macros = {tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}\n"
    "milter_protocol = 6\n"
    "myhostname = mx.example.net\n"
    "queue_directory = /var/spool/postfix\n"
    "smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:postfix\n"
    "smtpd_milters = { unix:/m.sock, connect_timeout=2s, command_timeout=10s, content_timeout=10s, default_action=accept } "
    "inet:127.0.0.1:11332\n"
    "smtpd_tls_chain_files = /k.pem, /c.pem\n"
    "smtpd_tls_mandatory_protocols = >=TLSv1.2\n"
    "smtpd_tls_protocols = >=TLSv1.2\n"
    "smtpd_tls_received_header = yes\n"
    "smtpd_tls_security_level = may\n";

static const char good_services[] = "smtp inet n - y - - smtpd\n";

/* The given settings come first; the good settings of the same names are left out. */
static char *
join(const char *settings)
{
	size_t len = strlen(settings);
	char *all = malloc(len + sizeof(good_settings) + 1);

	assert_non_null(all);
	memcpy(all, settings, len + 1);
	for (const char *line = good_settings; *line != '\0'; line += strcspn(line, "\n") + 1) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s =", (int)strcspn(line, " "), line);
		if (strstr(settings, name) == NULL)
			strncat(all, line, strcspn(line, "\n") + 1);
	}
	return all;
}

void
facts_postfix(struct doctor_postfix *pf, const char *settings, const char *services, const char *own)
{
	char *all = join(settings != NULL ? settings : "");

	*pf = (struct doctor_postfix){ .directory = "" };
	assert_int_equal(postconf_parse(all, services != NULL ? services : good_services, own != NULL ? own : "", &pf->conf),
	    STS_OK);
	pf->types = strdup("btree\ncidr\nhash\ninline\nregexp\nsocketmap\nstatic\ntcp\ntexthash\n");
	assert_non_null(pf->types);
	free(all);
}

void
facts_fini(struct doctor_postfix *pf)
{
	doctor_postfix_fini(pf);
}

struct sts_conf *
facts_settings(const char *override)
{
	struct sts_conf *conf;

	assert_int_equal(sts_conf_load(NULL, &override, override != NULL ? 1 : 0, stderr, &conf), STS_OK);
	return conf;
}

void
facts_expect(const char *row, struct findings *findings, const char *want)
{
	char got[2000] = "";

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->list[i];

		if (f->level == FINDING_PASS)
			continue;
		if (f->level == FINDING_FAIL && f->fix[0] == '\0')
			fail_msg("%s: %s says not what to do", row, f->id);
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s %s", got[0] != '\0' ? ", " : "",
		    finding_level_name(f->level), f->id);
	}
	if (strcmp(got, want) != 0)
		fail_msg("%s: \"%s\" and not \"%s\"", row, got, want);
	findings_fini(findings);
}

bool
facts_fix_has(const struct findings *findings, const char *text)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strstr(findings->list[i].fix, text) != NULL)
			return true;
	return false;
}

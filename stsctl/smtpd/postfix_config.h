/* SPDX-License-Identifier: ISC */
/* smtpd/postfix_config.h - Postfix's configuration as postconf(1) prints it, and what to paste to change it. One thread. */
#ifndef STSCTL_SMTPD_POSTFIX_CONFIG_H
#define STSCTL_SMTPD_POSTFIX_CONFIG_H

#include "stsctl/findings/findings.h"
#include "stsctl/machine/inspection.h"
#include "stsctl/machine/postconf.h"
#include "stsctl/machine/postfix_value.h"

struct doctor_postfix {
	const char *directory;		/* "" for the default instance */
	struct postconf *conf;		/* NULL: could not be read */
	char *types;			/* of tables, a line each */
	char *warnings;			/* what postconf complains of, a line each */
	char why[DOCTOR_LINE];		/* with NULL */
};

void inspect_postfix(const struct doctor_env *env, struct doctor_postfix *out);
void judge_postfix(const struct doctor_postfix *pf, struct findings *out);
void doctor_postfix_fini(struct doctor_postfix *pf);
/* 3007 for "3.7.11"; 0 when it cannot be told. */
int doctor_postfix_version(const struct doctor_postfix *pf);
/* The first whose policy maps may add policy_type and so on, by which it matches MX names and reports. */
enum { DOCTOR_POSTFIX_REPORTS = 3010 };
/* What to paste so that a service (NULL: main.cf) goes by another value. out holds DOCTOR_LINE bytes. */
char *doctor_fix(const struct doctor_postfix *pf, const struct postconf_service *service, const char *name, const char *value,
    char out[DOCTOR_LINE]);

#endif

/* SPDX-License-Identifier: ISC */
/* postfix_config.h - reads Postfix's configuration with postconf(1), and composes the lines that change it. One thread. */
#ifndef STSCTL_SMTPD_POSTFIX_CONFIG_H
#define STSCTL_SMTPD_POSTFIX_CONFIG_H

#include "stsctl/findings/findings.h"
#include "stsctl/machine/inspection.h"
#include "stsctl/machine/postconf.h"
#include "stsctl/machine/postfix_value.h"

struct doctor_postfix {
	const char *directory;		/* "" for the default instance */
	struct postconf *conf;		/* NULL: could not be read, why says why */
	char *types;			/* the types of tables, one per line */
	char *warnings;			/* of postconf, one per line */
	char why[DOCTOR_LINE];
};

void inspect_postfix(const struct doctor_env *env, struct doctor_postfix *out);
void judge_postfix(const struct doctor_postfix *pf, struct findings *out);
void doctor_postfix_fini(struct doctor_postfix *pf);
/* 3007 for "3.7.11"; 0 when it is unknown. */
int doctor_postfix_version(const struct doctor_postfix *pf);
/* The first version that understands policy_type and the like in policy maps, which it uses to match MX names and to report. */
enum { DOCTOR_POSTFIX_REPORTS = 3010 };
/* The command line that sets a value for a service (NULL: in main.cf). Returns out. */
char *doctor_fix(const struct doctor_postfix *pf, const struct postconf_service *service, const char *name, const char *value,
    char out[DOCTOR_LINE]);

#endif

/* SPDX-License-Identifier: ISC */
/* smtpd/postfix.h - Postfix's configuration as postconf(1) prints it, and what to paste to change it. One thread. */
#ifndef STSCTL_SMTPD_POSTFIX_H
#define STSCTL_SMTPD_POSTFIX_H

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

void look_postfix(const struct doctor_means *means, struct doctor_postfix *out);
void judge_postfix(const struct doctor_postfix *pf, struct findings *out);
void doctor_postfix_fini(struct doctor_postfix *pf);
/* What to paste so that a service (NULL: main.cf) goes by another value. out holds DOCTOR_LINE bytes. */
char *doctor_fix(const struct doctor_postfix *pf, const struct postconf_service *service, const char *name, const char *value,
    char out[DOCTOR_LINE]);

#endif

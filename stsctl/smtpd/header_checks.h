/* SPDX-License-Identifier: ISC */
/* header_checks.h - whether Postfix itself removes the X-MTA-STS fields that clients send, and keeps the milter's. One thread. */
#ifndef STSCTL_SMTPD_HEADER_CHECKS_H
#define STSCTL_SMTPD_HEADER_CHECKS_H

#include <stdbool.h>

#include "stsctl/smtpd/postfix_config.h"

/* What header_checks do with a client's field. STRIP_SOME: they remove it, but not in every spelling. */
enum doctor_strip { STRIP_YES, STRIP_SOME, STRIP_NO, STRIP_UNKNOWN };
struct doctor_header_checks {
	enum doctor_strip strip;
	const char *left;	/* with STRIP_SOME: a spelling that stays, such as "in small letters" */
	bool wide;		/* other fields are removed, too */
	char own[DOCTOR_LINE];	/* the element of milter_header_checks that removes the milter's own field; "": none */
};
void inspect_header_checks(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_header_checks *out);

/* What the milter's settings require of header_checks. */
struct doctor_strip_needs {
	bool keeps_fields;	/* accept_header_from: the fields of some clients should stay */
	bool depends;		/* strip_forged = postfix: nothing else removes them */
};
void judge_header_checks(const struct doctor_postfix *pf, const struct doctor_header_checks *facts, const struct doctor_strip_needs *needs,
    struct findings *out);
/* For strip_forged = postfix: which services do not apply header_checks. */
void judge_header_checks_off(const struct doctor_postfix *pf, struct findings *out);

/* The value of header_checks with the table that removes the field put in front, because the first table that matches decides. */
char *doctor_header_checks_value(const char *checks, char *out, size_t cap);

#endif

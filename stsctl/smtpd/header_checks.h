/* SPDX-License-Identifier: ISC */
/* header_checks.h - whether Postfix itself removes the X-MTA-STS fields that clients send, and leaves the milter's. One thread. */
#ifndef STSCTL_SMTPD_HEADER_CHECKS_H
#define STSCTL_SMTPD_HEADER_CHECKS_H

#include <stdbool.h>

#include "stsctl/smtpd/postfix_config.h"

/* What header_checks make of a client's field. STRIP_SOME: it is removed, but not however it is written. */
enum doctor_strip { STRIP_YES, STRIP_SOME, STRIP_NO, STRIP_UNKNOWN };
struct doctor_header_checks {
	enum doctor_strip strip;
	const char *left;	/* with STRIP_SOME: what is about one that stays, such as "in small letters" */
	bool wide;		/* other fields go, too */
	char own[DOCTOR_LINE];	/* the element of milter_header_checks that removes the milter's field; "": none */
};
void inspect_header_checks(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_header_checks *out);

/* What the milter's settings ask of them. */
struct doctor_strip_needs {
	bool keeps_fields;	/* accept_header_from: of some clients they should stay */
	bool depends;		/* strip_forged = postfix: nobody else removes them */
};
void judge_header_checks(const struct doctor_postfix *pf, const struct doctor_header_checks *sight, const struct doctor_strip_needs *wish,
    struct findings *out);
/* Where strip_forged = postfix: which smtpd leaves header_checks out. */
void judge_header_checks_off(const struct doctor_postfix *pf, struct findings *out);

/* header_checks as they are, and in front of them the table that removes it: the first one that has something to say decides. */
char *doctor_header_checks_value(const char *checks, char *out, size_t cap);

#endif

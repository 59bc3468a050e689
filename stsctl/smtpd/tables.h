/* SPDX-License-Identifier: ISC */
/* smtpd/tables.h - header_checks and smtp_tls_policy_maps. One thread. */
#ifndef STSCTL_SMTPD_TABLES_H
#define STSCTL_SMTPD_TABLES_H

#include <stdbool.h>

#include "stsctl/smtpd/postfix.h"
#include "stsctl/smtpd/socketmap.h"

/* The table that removes it, as an element of header_checks. */
extern const char doctor_check_line[];
/* What header_checks make of a client's X-MTA-STS field. STRIP_PLAIN: it is removed, but not with a blank before its colon. */
enum doctor_strip { STRIP_YES, STRIP_PLAIN, STRIP_NO, STRIP_UNKNOWN };
enum doctor_strip look_header_checks(const struct doctor_means *means, const struct doctor_postfix *pf);
/* What the milter's settings ask of them. */
struct doctor_strip_wish {
	bool keeps_fields;	/* accept_header_from: of some clients they should stay */
	bool depends;		/* strip_forged = postfix: nobody else removes them */
};
void judge_header_checks(const struct doctor_postfix *pf, enum doctor_strip strip, const struct doctor_strip_wish *wish,
    struct findings *out);
/* Where strip_forged = postfix: which smtpd leaves header_checks out. */
void judge_header_checks_off(const struct doctor_postfix *pf, struct findings *out);

/* exists: whether there is such a file; -1: cannot be told. */
typedef int doctor_exists_fn(const char *path);
int doctor_file_exists(const char *path);
/* ask: socketmap_ask, or a test's. */
typedef enum socketmap_answer doctor_ask_fn(const struct doctor_postfix *pf, const char *name, char why[DOCTOR_LINE]);
void judge_policy_maps(const struct doctor_postfix *pf, doctor_exists_fn *exists, doctor_ask_fn *ask, struct findings *out);

#endif

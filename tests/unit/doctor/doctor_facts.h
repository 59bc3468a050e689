/* SPDX-License-Identifier: ISC */
/* doctor_facts.h - facts for the judges of stsctl doctor, made of text, and findings as text. */
#ifndef TESTS_UNIT_DOCTOR_FACTS_H
#define TESTS_UNIT_DOCTOR_FACTS_H

#include "stsctl/doctor/domains.h"
#include "stsctl/doctor/milter.h"
#include "stsctl/doctor/redis.h"
#include "stsctl/doctor/rspamd.h"
#include "stsctl/outgoing/policy_maps.h"
#include "stsctl/outgoing/smtp_settings.h"
#include "stsctl/smtpd/certificate_files.h"
#include "stsctl/smtpd/header_checks.h"
#include "stsctl/smtpd/requiretls.h"
#include "stsctl/smtpd/smtpd_milters.h"
#include "stsctl/smtpd/tls.h"
#include "stsctl/smtpd/tls_offers.h"

/* A Postfix with these lines of `postconf -x', `postconf -M' and `postconf -Px', on top of what a good one has; NULL for none. To
 * be given to facts_fini. */
void facts_postfix(struct doctor_postfix *pf, const char *settings, const char *services, const char *own);
void facts_fini(struct doctor_postfix *pf);

/* One fault: what differs from a good Postfix, what is found, and what the fix has. NULL: nothing. */
struct facts_row {
	const char *name, *settings, *services, *own, *want, *fix;
};

/* The milter's settings, with one name=value, or NULL. To be given back with sts_conf_unref. */
struct sts_conf *facts_settings(const char *override);

/* "fail postfix.tls-level, info postfix.old-tls" of the findings in their order; passes are left out. Frees the findings. Fails
 * the test row when that is not what is wanted, or a fail has no fix. */
void facts_expect(const char *row, struct findings *findings, const char *want);
/* Whether some finding's fix has this text. */
bool facts_fix_has(const struct findings *findings, const char *text);

#endif

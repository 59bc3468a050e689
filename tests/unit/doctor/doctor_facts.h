/* SPDX-License-Identifier: ISC */
/* doctor_facts.h - makes facts for doctor's judges from text, and text from findings. */
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

/* Makes a good Postfix, with these additional lines of `postconf -x', `postconf -M' and `postconf -Px'; NULL for none. The caller calls
 * facts_fini. */
void facts_postfix(struct doctor_postfix *pf, const char *settings, const char *services, const char *own);
void facts_fini(struct doctor_postfix *pf);

/* One fault: the differences from a good Postfix, the findings, and a part of the fix. NULL: none. */
struct facts_row {
	const char *name, *settings, *services, *own, *want, *fix;
};

/* The milter's settings, with one override "name=value", or NULL. The caller calls sts_conf_unref. */
struct sts_conf *facts_settings(const char *override);

/* Compares the findings, in order and without passes, with "fail postfix.tls-level, info postfix.old-tls". Fails the test if they differ,
 * or if a fail has no fix. Frees the findings. */
void facts_expect(const char *row, struct findings *findings, const char *want);
/* Whether the fix of any finding contains the text. */
bool facts_fix_has(const struct findings *findings, const char *text);

#endif

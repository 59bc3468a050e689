/* SPDX-License-Identifier: ISC */
/* smtpd_milters.h - judges smtpd_milters: which milters each service has, their order, time limits and actions. One thread. */
#ifndef STSCTL_SMTPD_SMTPD_MILTERS_H
#define STSCTL_SMTPD_SMTPD_MILTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "stsctl/machine/postfix_value.h"
#include "stsctl/smtpd/service.h"

/* Which milter an element of the list is. */
enum milter_identity {
	MILTER_OTHER,
	MILTER_OURS,
	MILTER_OURS_OUTSIDE,	/* ours, but by a path outside of the service's chroot */
	MILTER_RSPAMD,
};
typedef enum milter_identity doctor_identify_fn(const void *arg, const struct postfix_milter *milter, bool chrooted);

struct doctor_smtpd_milters {
	const struct doctor_postfix *pf;
	const char *milter_socket;	/* from the milter's settings */
	int64_t policy_wait_ms;
	bool enforces;			/* sts_conf_enforces: the reply to RCPT may wait, too */
	doctor_identify_fn *identify;
	const void *arg;
};
void judge_smtpd_milters(const struct doctor_smtpd_milters *milters, struct findings *out);
/* Writes the value that smtpd_milters of this service should have to out. False when the present one is fine (long time limits count as
 * fine). A value that fills out completely has been cut. */
bool doctor_smtpd_milters_value(const struct doctor_smtpd_milters *milters, const struct postconf_service *service, char *out, size_t cap);
/* The milter's endpoint as smtpd_milters names it: "unix:/x" for "unix:/var/spool/postfix/x" in a chroot; "inet:127.0.0.1:8890" for
 * "inet:8890@127.0.0.1". */
const char *doctor_milter_endpoint(const struct doctor_postfix *pf, const char *milter_socket, bool chrooted, char out[POSTFIX_VALUE_CAP]);

/* The faults of this milter's time limits on this service, as bits. TIGHT: it works, but with little to spare; for commands it will be
 * too short once something is enforced. */
enum {
	LIMIT_CONTENT_SHORT = 1, LIMIT_COMMAND_SHORT = 2, LIMIT_COMMAND_TIGHT = 4, LIMIT_CONNECT_SHORT = 8, LIMIT_CONNECT_TIGHT = 16,
	LIMIT_LONG = 32,
};
unsigned doctor_milter_time_limits(const struct doctor_smtpd_milters *w, const struct postconf_service *service,
    const struct postfix_milter *m);

#endif

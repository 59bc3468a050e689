/* SPDX-License-Identifier: ISC */
/* smtpd/smtpd_milters.h - smtpd_milters: who is listed where, in which order, with which time limits and actions. One thread. */
#ifndef STSCTL_SMTPD_SMTPD_MILTERS_H
#define STSCTL_SMTPD_SMTPD_MILTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "stsctl/machine/postfix_value.h"
#include "stsctl/smtpd/service.h"

/* Whose a listed milter is. */
enum milter_identity {
	MILTER_OTHER,
	MILTER_OURS,
	MILTER_OURS_OUTSIDE,	/* the milter's path as it is outside of the chroot that the service lives in */
	MILTER_RSPAMD,
};
typedef enum milter_identity doctor_identify_fn(const void *arg, const struct postfix_milter *milter, bool chrooted);

struct doctor_smtpd_milters {
	const struct doctor_postfix *pf;
	const char *milter_socket;	/* as in the milter's settings */
	int64_t policy_wait_ms;
	bool enforces;			/* sts_conf_enforces: RCPT may wait, too */
	doctor_identify_fn *identify;
	const void *arg;
};
void judge_smtpd_milters(const struct doctor_smtpd_milters *milters, struct findings *out);
/* What smtpd_milters of this smtpd should be, by the same rules, in out; false when it is as good as that already (what is only a matter
 * of taste counts as good). A value that fills out to its end has been cut. */
bool doctor_smtpd_milters_value(const struct doctor_smtpd_milters *milters, const struct postconf_service *service, char *out, size_t cap);
/* The endpoint as smtpd_milters names it: of "unix:/var/spool/postfix/x" in a chroot "unix:/x", of "inet:8890@127.0.0.1"
 * "inet:127.0.0.1:8890". */
const char *doctor_milter_endpoint(const struct doctor_postfix *pf, const char *milter_socket, bool chrooted, char out[POSTFIX_VALUE_CAP]);

/* What is wrong with the time limits of this milter on this service, as bits. TIGHT: it works, with little to spare; a command's limit
 * is too short as soon as something is enforced. */
enum {
	LIMIT_CONTENT_SHORT = 1, LIMIT_COMMAND_SHORT = 2, LIMIT_COMMAND_TIGHT = 4, LIMIT_CONNECT_SHORT = 8, LIMIT_CONNECT_TIGHT = 16,
	LIMIT_LONG = 32,
};
unsigned doctor_milter_time_limits(const struct doctor_smtpd_milters *w, const struct postconf_service *service,
    const struct postfix_milter *m);

#endif

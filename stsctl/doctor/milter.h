/* SPDX-License-Identifier: ISC */
/* doctor/milter.h - tries the milter's socket: from here, and as smtpd does. Recognises milters by their endpoints. One thread. */
#ifndef STSCTL_DOCTOR_MILTER_H
#define STSCTL_DOCTOR_MILTER_H

#include <stdbool.h>

#include "shared-cache/settings/conf.h"
#include "stsctl/doctor/rspamd.h"
#include "stsctl/smtpd/smtpd_milters.h"

enum doctor_reach { REACH_OK, REACH_ABSENT, REACH_REFUSED, REACH_DENIED, REACH_SILENT, REACH_ODD, REACH_NOT_TRIED };

struct doctor_socket {
	enum doctor_reach here;		/* from this process; REACH_OK: it speaks the milter protocol */
	char why[DOCTOR_LINE];
	bool is_unix, exists;
	unsigned mode;			/* with owner and group: of a unix socket that exists */
	char owner[64], group[64];
	enum doctor_reach smtpd;	/* as Postfix's user, in its chroot */
	bool chrooted;
	char smtpd_why[DOCTOR_LINE];
};
void inspect_milter(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_socket *out);
void judge_milter(const struct sts_conf *conf, const struct doctor_socket *socket, struct findings *out);
/* Identifies a milter by its endpoint; arg is a struct doctor_known_milters, whose rspamd may be NULL. */
struct doctor_known_milters {
	const struct doctor_postfix *pf;
	const char *milter_socket;
	const struct doctor_rspamd *rspamd;
};
doctor_identify_fn doctor_identify_milter;

#endif

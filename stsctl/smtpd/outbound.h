/* SPDX-License-Identifier: ISC */
/* smtpd/outbound.h - mail that goes out: whether the socketmaps of smtp_tls_policy_maps answer, and whether Postfix can do what it
 * is told there. One thread. */
#ifndef STSCTL_SMTPD_OUTBOUND_H
#define STSCTL_SMTPD_OUTBOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/smtpd/postfix.h"

enum doctor_answers { MAP_ANSWERS, MAP_SILENT, MAP_UNTRIED };

struct doctor_socketmap {
	char text[POSTFIX_VALUE_CAP];	/* "socketmap:unix:/path:postfix" */
	char name[POSTFIX_VALUE_WORD * 2];	/* "postfix" */
	enum doctor_answers answers;
	char why[160];			/* with MAP_SILENT, MAP_UNTRIED */
};

/* What Postfix' resolver is told (resolv.conf, or its copy in the chroot). */
struct doctor_resolver {
	char path[POSTFIX_VALUE_CAP];
	bool read;
	bool trust_ad;
	bool remote;			/* a name server that is not this machine */
};

enum { DOCTOR_SOCKETMAPS = 4 };
struct doctor_outbound {
	struct doctor_socketmap maps[DOCTOR_SOCKETMAPS];
	size_t count, silent;
	struct doctor_resolver resolver;
	bool dane;			/* answers may be dane-only: ours, with dane = auto */
};

void look_outbound(const struct doctor_means *means, const struct doctor_postfix *pf, struct doctor_outbound *out);
/* Pure. Says nothing when there is no socketmap. */
void judge_outbound(const struct doctor_postfix *pf, const struct doctor_outbound *outbound, struct findings *out);

/* The text of a resolv.conf, as glibc reads it. */
void doctor_read_resolver(const char *text, struct doctor_resolver *out);

#endif

/* SPDX-License-Identifier: ISC */
/* smtp_settings.h - mail that goes out: whether Postfix can do what a socketmap of smtp_tls_policy_maps tells it. One thread. */
#ifndef STSCTL_OUTGOING_SMTP_SETTINGS_H
#define STSCTL_OUTGOING_SMTP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/smtpd/postfix_config.h"

/* What Postfix' resolver is told (resolv.conf, or its copy in the chroot). */
struct doctor_resolver {
	char path[POSTFIX_VALUE_CAP];
	bool read;
	bool trust_ad;
	bool remote;			/* a name server that is not this machine */
};

struct doctor_socketmap {
	char text[POSTFIX_VALUE_CAP];	/* "socketmap:unix:/path:postfix" */
	char name[2 * POSTFIX_VALUE_WORD];	/* "postfix" */
};

enum { DOCTOR_SOCKETMAPS = 4 };
struct doctor_smtp_settings {
	struct doctor_socketmap maps[DOCTOR_SOCKETMAPS];	/* those without fault */
	size_t count;
	struct doctor_resolver resolver;
	bool dane;			/* answers may be dane-only: ours, with dane = auto */
};

void inspect_smtp_settings(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_smtp_settings *out);
/* Pure. Says nothing when there is no socketmap. */
void judge_smtp_settings(const struct doctor_postfix *pf, const struct doctor_smtp_settings *settings, struct findings *out);

/* The text of a resolv.conf, as glibc reads it. */
void doctor_read_resolver(const char *text, struct doctor_resolver *out);

#endif

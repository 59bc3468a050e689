/* SPDX-License-Identifier: ISC */
/* smtp_settings.h - whether the settings of Postfix's smtp(8) client allow it to follow the answers of a socketmap. One thread. */
#ifndef STSCTL_OUTGOING_SMTP_SETTINGS_H
#define STSCTL_OUTGOING_SMTP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/smtpd/postfix_config.h"

/* The resolver configuration that smtp(8) uses: resolv.conf, or its copy in the chroot. */
struct doctor_resolver {
	char path[POSTFIX_VALUE_CAP];
	bool read;
	bool trust_ad;
	bool remote;			/* some name server is not on this machine */
};

struct doctor_socketmap {
	char text[POSTFIX_VALUE_CAP];	/* "socketmap:unix:/path:postfix" */
	char name[2 * POSTFIX_VALUE_WORD];	/* "postfix" */
};

enum { DOCTOR_SOCKETMAPS = 4 };
struct doctor_smtp_settings {
	struct doctor_socketmap maps[DOCTOR_SOCKETMAPS];	/* the well-formed ones */
	size_t count;
	struct doctor_resolver resolver;
	bool dane;			/* our socketmap server may answer dane-only (dane = auto) */
};

void inspect_smtp_settings(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_smtp_settings *out);
/* Pure. Adds nothing when there is no socketmap. */
void judge_smtp_settings(const struct doctor_postfix *pf, const struct doctor_smtp_settings *settings, struct findings *out);

/* Parses the text of a resolv.conf like glibc. */
void doctor_read_resolver(const char *text, struct doctor_resolver *out);

#endif

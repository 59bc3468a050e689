/* SPDX-License-Identifier: ISC */
/*
 * smtpd/socketmap_client.h - one question to a socketmap server (socketmap_table(5)): whether anybody serves the table.
 *
 * The protocol is netstrings: "NAME KEY" there, "OK VALUE", "NOTFOUND", "TEMP WHY", "TIMEOUT WHY" or "PERM WHY" back. One thread.
 */
#ifndef STSCTL_SMTPD_SOCKETMAP_CLIENT_H
#define STSCTL_SMTPD_SOCKETMAP_CLIENT_H

#include <stddef.h>

#include "stsctl/smtpd/postfix_config.h"

enum socketmap_answer {
	SOCKETMAP_SERVES,	/* OK or NOTFOUND */
	SOCKETMAP_COMPLAINS,	/* TEMP, TIMEOUT or PERM: Postfix defers mail to such a domain */
	SOCKETMAP_SILENT,	/* nobody takes the connection, no reply in time, or none of the protocol */
	SOCKETMAP_CLOSED,	/* it serves, but not Postfix' user: the mode of the socket or of a directory */
	SOCKETMAP_DENIED,	/* this user may not connect, or the place is not known from here */
};

/* Reads one reply. 0: not whole yet; negative: no netstring of this protocol; else how long it is, and the answer, with the server's
 * words in why. Pure. */
int socketmap_reply(const char *bytes, size_t len, enum socketmap_answer *out, char why[DOCTOR_LINE]);

/* name: what stands behind "socketmap:", without fault (postfix_table_socketmap_fault). A unix path is taken as smtp(8) sees it:
 * below the queue directory where that is chrooted; root tries as Postfix' user, too. The key is a name that nobody has. why: words for people, unless it serves. */
enum socketmap_answer socketmap_ask(const struct doctor_postfix *pf, const char *name, char why[DOCTOR_LINE]);

#endif

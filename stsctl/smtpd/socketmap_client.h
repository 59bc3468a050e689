/* SPDX-License-Identifier: ISC */
/*
 * socketmap_client.h - asks a socketmap server (socketmap_table(5)) one question, to see whether it serves a table.
 *
 * The protocol uses netstrings: the request is "NAME KEY"; the reply is "OK VALUE", "NOTFOUND", "TEMP WHY", "TIMEOUT WHY" or
 * "PERM WHY". One thread.
 */
#ifndef STSCTL_SMTPD_SOCKETMAP_CLIENT_H
#define STSCTL_SMTPD_SOCKETMAP_CLIENT_H

#include <stddef.h>

#include "stsctl/smtpd/postfix_config.h"

enum socketmap_answer {
	SOCKETMAP_SERVES,	/* OK or NOTFOUND */
	SOCKETMAP_COMPLAINS,	/* TEMP, TIMEOUT or PERM: Postfix defers mail to such a domain */
	SOCKETMAP_SILENT,	/* no connection, no reply in time, or a reply that is not of this protocol */
	SOCKETMAP_CLOSED,	/* it serves, but Postfix's user cannot connect: the mode of the socket or of a directory */
	SOCKETMAP_DENIED,	/* this user may not connect, or the address cannot be determined */
};

/* Parses one reply. Returns its length, and sets *out and why, the server's words. 0: incomplete; negative: not a netstring of this
 * protocol. Pure. */
int socketmap_reply(const char *bytes, size_t len, enum socketmap_answer *out, char why[DOCTOR_LINE]);

/* name: the part after "socketmap:", which postfix_table_socketmap_fault has accepted. A unix path is taken as smtp(8) sees it: below
 * the queue directory if that is chrooted. Root also tries as Postfix's user. The key is a name that does not exist. why: the reason in
 * words, unless SOCKETMAP_SERVES. */
enum socketmap_answer socketmap_ask(const struct doctor_postfix *pf, const char *name, char why[DOCTOR_LINE]);

#endif

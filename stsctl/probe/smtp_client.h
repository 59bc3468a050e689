/* SPDX-License-Identifier: ISC */
/*
 * smtp_client.h - the client's half of an SMTP dialogue up to STARTTLS (RFC 5321, RFC 3207), fed with bytes.
 *
 * The server is hostile: replies are bounded in lines and bytes, and a server that talks out of turn is found out, above all one
 * that sends something in the same breath as the 220 to STARTTLS: that is how plaintext gets into an encrypted session.
 * Pure: no sockets, no clock. One talk belongs to one thread.
 */
#ifndef STSCTL_SMTPTALK_H
#define STSCTL_SMTPTALK_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SMTPTALK_LINE_MAX = 2048,	/* bytes of one reply line; RFC 5321 section 4.5.3.1.5 promises 512 at most */
	SMTPTALK_REPLY_LINES = 256,
	SMTPTALK_TEXT_CAP = 400,	/* of what is kept of a reply, for people */
	SMTPTALK_COMMAND_CAP = 300,
};

/* What the server answers to. */
enum smtptalk_stage { SMTPTALK_GREETING, SMTPTALK_EHLO, SMTPTALK_STARTTLS };

enum smtptalk_outcome {
	SMTPTALK_UNDECIDED,	/* feed more */
	SMTPTALK_READY,		/* the server expects a TLS handshake now */
	SMTPTALK_REFUSED,	/* greeting or EHLO was answered 4xx or 5xx: it does not want to talk to us */
	SMTPTALK_NOT_OFFERED,	/* no STARTTLS among the extensions, or no extensions at all */
	SMTPTALK_NOT_GRANTED,	/* STARTTLS was offered, and then answered with something other than 220 */
	SMTPTALK_GARBAGE,	/* this is no SMTP, or too much of it */
};

/* In the caller's storage; the fields are for reading. */
struct smtptalk {
	enum smtptalk_outcome outcome;
	char text[SMTPTALK_TEXT_CAP];	/* the last reply on one line, or what is wrong with it; printable */
	/* of the machine */
	enum smtptalk_stage stage;
	char command[SMTPTALK_COMMAND_CAP]; /* to be sent; "" for nothing */
	bool has_starttls;
	unsigned code;			/* of the reply under way, 0 before its first line */
	size_t reply_lines;
	char line[SMTPTALK_LINE_MAX];
	size_t line_len;
};

/* name: what to say in EHLO, a domain or an address literal; longer ones than 255 bytes are cut. */
void smtptalk_init(struct smtptalk *talk, const char *name);

/* What the server has sent. Beyond the outcome nothing is looked at. */
void smtptalk_feed(struct smtptalk *talk, const char *bytes, size_t len);

/* The command to send now, with CRLF, once; NULL when it is the server's turn. */
const char *smtptalk_command(struct smtptalk *talk, char out[SMTPTALK_COMMAND_CAP]);

/* For a talk that is undecided: what is being waited for. */
const char *smtptalk_waits_for(const struct smtptalk *talk);

#endif

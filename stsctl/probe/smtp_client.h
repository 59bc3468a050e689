/* SPDX-License-Identifier: ISC */
/*
 * smtp_client.h - the client's half of an SMTP dialogue up to STARTTLS (RFC 5321, RFC 3207), fed with bytes.
 *
 * The server is hostile: replies are bounded in lines and bytes, and a server that talks out of turn is found out, above all one
 * that sends something in the same breath as the 220 to STARTTLS: that is how plaintext gets into an encrypted session.
 * Pure: no sockets, no clock. One talk belongs to one thread.
 */
#ifndef STSCTL_PROBE_SMTP_CLIENT_H
#define STSCTL_PROBE_SMTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SMTP_CLIENT_LINE_MAX = 2048,	/* bytes of one reply line; RFC 5321 section 4.5.3.1.5 promises 512 at most */
	SMTP_CLIENT_REPLY_LINES = 256,
	SMTP_CLIENT_TEXT_CAP = 400,	/* of what is kept of a reply, for people */
	SMTP_CLIENT_COMMAND_CAP = 300,
};

/* What the server answers to. */
enum smtp_client_stage { SMTP_CLIENT_GREETING, SMTP_CLIENT_EHLO, SMTP_CLIENT_STARTTLS };

enum smtp_client_outcome {
	SMTP_CLIENT_UNDECIDED,	/* feed more */
	SMTP_CLIENT_READY,		/* the server expects a TLS handshake now */
	SMTP_CLIENT_REFUSED,	/* greeting or EHLO was answered 4xx or 5xx: it does not want to talk to us */
	SMTP_CLIENT_NOT_OFFERED,	/* no STARTTLS among the extensions, or no extensions at all */
	SMTP_CLIENT_NOT_GRANTED,	/* STARTTLS was offered, and then answered with something other than 220 */
	SMTP_CLIENT_GARBAGE,	/* this is no SMTP, or too much of it */
};

/* In the caller's storage; the fields are for reading. */
struct smtp_client {
	enum smtp_client_outcome outcome;
	char text[SMTP_CLIENT_TEXT_CAP];	/* the last reply on one line, or what is wrong with it; printable */
	/* of the machine */
	enum smtp_client_stage stage;
	char command[SMTP_CLIENT_COMMAND_CAP]; /* to be sent; "" for nothing */
	bool has_starttls;
	unsigned code;			/* of the reply under way, 0 before its first line */
	size_t reply_lines;
	char line[SMTP_CLIENT_LINE_MAX];
	size_t line_len;
};

/* name: what to say in EHLO, a domain or an address literal; longer ones than 255 bytes are cut. */
void smtp_client_init(struct smtp_client *client, const char *name);

/* What the server has sent. Beyond the outcome nothing is looked at. */
void smtp_client_feed(struct smtp_client *client, const char *bytes, size_t len);

/* The command to send now, with CRLF, once; NULL when it is the server's turn. */
const char *smtp_client_command(struct smtp_client *client, char out[SMTP_CLIENT_COMMAND_CAP]);

/* For a talk that is undecided: what is being waited for. */
const char *smtp_client_waits_for(const struct smtp_client *client);

#endif

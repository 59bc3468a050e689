/* SPDX-License-Identifier: ISC */
/*
 * smtp_client.h - the client's side of an SMTP dialogue up to STARTTLS (RFC 5321, RFC 3207): the caller feeds it the server's bytes.
 *
 * The server is hostile: replies are bounded in lines and bytes. A server that speaks out of turn is detected, above all one that
 * sends something right after the 220 to STARTTLS: that is how plaintext gets into an encrypted session.
 * Pure: no sockets, no clock. A client belongs to one thread.
 */
#ifndef STSCTL_PROBE_SMTP_CLIENT_H
#define STSCTL_PROBE_SMTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SMTP_CLIENT_LINE_MAX = 2048,	/* bytes of one reply line; RFC 5321 section 4.5.3.1.5 allows 512 */
	SMTP_CLIENT_REPLY_LINES = 256,
	SMTP_CLIENT_TEXT_CAP = 400,	/* of the part of a reply that is kept for people */
	SMTP_CLIENT_COMMAND_CAP = 300,
};

/* The reply that is awaited. */
enum smtp_client_stage { SMTP_CLIENT_GREETING, SMTP_CLIENT_EHLO, SMTP_CLIENT_STARTTLS };

enum smtp_client_outcome {
	SMTP_CLIENT_UNDECIDED,	/* feed more */
	SMTP_CLIENT_READY,		/* the server now expects a TLS handshake */
	SMTP_CLIENT_REFUSED,	/* the greeting or the reply to EHLO is 4xx or 5xx: the server rejects this client */
	SMTP_CLIENT_NOT_OFFERED,	/* no STARTTLS among the extensions, or no extensions at all */
	SMTP_CLIENT_NOT_GRANTED,	/* STARTTLS was offered, but the reply to it is not 220 */
	SMTP_CLIENT_GARBAGE,	/* not SMTP, or too much of it */
};

/* In the caller's storage. Callers may read the first two fields; the rest is internal. */
struct smtp_client {
	enum smtp_client_outcome outcome;
	char text[SMTP_CLIENT_TEXT_CAP];	/* the last reply on one line, or what is wrong with it; printable */
	enum smtp_client_stage stage;
	char command[SMTP_CLIENT_COMMAND_CAP]; /* to be sent; "" for none */
	bool has_starttls;
	unsigned code;			/* of the current reply; 0 before its first line */
	size_t reply_lines;
	char line[SMTP_CLIENT_LINE_MAX];
	size_t line_len;
};

/* name: our name in EHLO, a domain or an address literal; cut at 255 bytes. */
void smtp_client_init(struct smtp_client *client, const char *name);

/* Takes what the server has sent. Ignores everything once there is an outcome. */
void smtp_client_feed(struct smtp_client *client, const char *bytes, size_t len);

/* The command to send now, with CRLF; each is returned once. NULL when it is the server's turn. */
const char *smtp_client_command(struct smtp_client *client, char out[SMTP_CLIENT_COMMAND_CAP]);

/* While undecided: the reply that is awaited, in words. */
const char *smtp_client_waits_for(const struct smtp_client *client);

#endif

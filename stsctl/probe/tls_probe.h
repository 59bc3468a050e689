/* SPDX-License-Identifier: ISC */
/*
 * tls_probe.h - one TCP connection to one address, STARTTLS where it is SMTP, one TLS handshake, and what is to be said of it.
 *
 * The handshake goes through to its end whatever the certificate is worth; what a sender would object to is in the result, one
 * thing apart from the other: the chain, the name, the dates. The only file of stsctl that includes <openssl/ssl.h> is
 * tls_probe.c. Blocks until deadline_ms at most. Any thread, one probe each. The process must ignore SIGPIPE.
 */
#ifndef STSCTL_TLSPROBE_H
#define STSCTL_TLSPROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/names/ip_address.h"
#include "stsctl/check/check.h"
#include "stsctl/probe/certificate.h"

/* What the client offers. */
enum tlsprobe_offer {
	TLSPROBE_MODERN,	/* TLS 1.2 and 1.3, with the ciphers of the system's OpenSSL: what a good sender does */
	TLSPROBE_ONLY_12,
	TLSPROBE_OLD,		/* TLS 1.0 and 1.1 */
	TLSPROBE_WEAK,		/* TLS 1.2 or less with weak ciphers alone (legacy_tls_probe.h); is not seen through to its end */
};

enum tlsprobe_outcome {
	TLSPROBE_OK,		/* the handshake is complete */
	TLSPROBE_SPECIAL,	/* a special address (ip_address.h): not tried */
	TLSPROBE_NO_ROUTE,	/* this machine has no way there: not tried, in effect */
	TLSPROBE_NO_CONNECTION,	/* refused, reset, ended */
	TLSPROBE_MUTE,		/* nobody took the connection in time */
	TLSPROBE_NO_REPLY,	/* SMTP: connected, and then no (whole) reply until the time was up */
	TLSPROBE_REFUSED,	/* SMTP: see smtp_client.h for this and the next three */
	TLSPROBE_NOT_OFFERED,
	TLSPROBE_NOT_GRANTED,
	TLSPROBE_GARBAGE,
	TLSPROBE_NO_TLS,	/* the handshake failed: an answer, too */
	TLSPROBE_NO_END,	/* the handshake did not end in time */
	TLSPROBE_TROUBLE,	/* ours: no memory, ca_file cannot be read */
};

struct tlsprobe_request {
	struct sts_ipaddr addr;
	uint16_t port;
	bool smtp;
	const char *host;	/* a `domain`: SNI, and the name that the certificate must hold */
	const char *helo;	/* SMTP: our name; NULL: the literal of the address that we come from */
	const char *ca_file;	/* "" for the system's */
	bool allow_special;
	int64_t now;		/* seconds: the certificates are judged by it */
	int64_t deadline_ms;	/* of sts_clock_mono_ms */
	check_tell_fn *tell;	/* one line a step, or NULL */
	void *tell_arg;
};

struct tlsprobe_result {
	enum tlsprobe_outcome outcome;
	char why[420];		/* printable; of TLSPROBE_OK and TLSPROBE_SPECIAL too: "" and "127.0.0.1 is a loopback address" */
	char shown[46];		/* the address */
	int64_t ms;		/* from connecting to the end of the handshake */
	/* the rest is of TLSPROBE_OK, from chain_fault on also of TLSPROBE_MODERN alone */
	char protocol[16];	/* "TLSv1.3" */
	char cipher[64];
	bool is_harmless;	/* TLSPROBE_WEAK: the cipher lacks authentication and nothing else */
	char chain_fault[120];	/* why nobody vouches for the certificate, dates of the certificate itself apart; "" when all is well */
	bool is_self_signed;
	struct tlscert cert;
};

void tlsprobe(const struct tlsprobe_request *request, enum tlsprobe_offer offer, struct tlsprobe_result *out);

#endif

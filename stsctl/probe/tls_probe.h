/* SPDX-License-Identifier: ISC */
/*
 * tls_probe.h - one TCP connection to one address, STARTTLS where it is SMTP, one TLS handshake, and what is to be said of it.
 *
 * The handshake goes through to its end whatever the certificate is worth; what a sender would object to is in the result, one
 * thing apart from the other: the chain, the name, the dates. The only file of stsctl that includes <openssl/ssl.h> is
 * tls_probe.c. Blocks until deadline_ms at most. Any thread, one probe each. The process must ignore SIGPIPE.
 */
#ifndef STSCTL_PROBE_TLS_PROBE_H
#define STSCTL_PROBE_TLS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"
#include "stsctl/probe/certificate.h"
#include "stsctl/probe/certificate_chain.h"

/* Told what goes on, for --verbose: one line, which may hold hostile bytes. Any thread. */
typedef void probe_trace_fn(void *arg, const char *line);

/* Shown the server's certificate, borrowed, for what is not in the result. Any thread. */
typedef void probe_certificate_fn(void *arg, const X509 *cert);

/* What the client offers. */
enum tls_probe_offer {
	TLS_PROBE_MODERN,	/* TLS 1.2 and 1.3, with the ciphers of the system's OpenSSL: what a good sender does */
	TLS_PROBE_RSA,		/* the same to a server that is to show a certificate with such a key */
	TLS_PROBE_ECDSA,	/* or with another one */
	TLS_PROBE_ONLY_12,
	TLS_PROBE_OLD,		/* TLS 1.0 and 1.1 */
	TLS_PROBE_WEAK,		/* TLS 1.2 or less with weak ciphers alone (legacy_tls_probe.h); is not seen through to its end */
};

enum tls_probe_outcome {
	TLS_PROBE_OK,		/* the handshake is complete */
	TLS_PROBE_SPECIAL,	/* a special address (ipaddr.h): not tried */
	TLS_PROBE_NO_ROUTE,	/* this machine has no way there: not tried, in effect */
	TLS_PROBE_NO_CONNECTION,	/* refused, reset, ended */
	TLS_PROBE_MUTE,		/* nobody took the connection in time */
	TLS_PROBE_NO_REPLY,	/* SMTP: connected, and then no (whole) reply until the time was up */
	TLS_PROBE_REFUSED,	/* SMTP: see smtp_client.h for this and the next three */
	TLS_PROBE_NOT_OFFERED,
	TLS_PROBE_NOT_GRANTED,
	TLS_PROBE_GARBAGE,
	TLS_PROBE_NO_TLS,	/* the handshake failed: an answer, too */
	TLS_PROBE_NO_END,	/* the handshake did not end in time */
	TLS_PROBE_TROUBLE,	/* ours: no memory, ca_file cannot be read */
};

struct tls_probe_request {
	struct sts_ipaddr addr;
	uint16_t port;
	bool smtp;
	const char *host;	/* a `domain`: SNI, and the name that the certificate must hold */
	const char *domain;	/* whose mail goes there, or NULL */
	const char *helo;	/* SMTP: our name; NULL: the literal of the address that we come from */
	const char *ca_file;	/* "" for the system's */
	bool allow_special;
	int64_t now;		/* seconds: the certificates are judged by it */
	int64_t deadline_ms;	/* of sts_clock_mono_ms */
	probe_trace_fn *trace;	/* one line a step, or NULL */
	void *trace_arg;
	probe_certificate_fn *on_certificate;	/* of the first three offers, or NULL */
	void *on_certificate_arg;
};

struct tls_probe_result {
	enum tls_probe_outcome outcome;
	char why[420];		/* printable; of TLS_PROBE_OK and TLS_PROBE_SPECIAL too: "" and "127.0.0.1 is a loopback address" */
	char shown[46];		/* the address */
	int64_t ms;		/* from connecting to the end of the handshake */
	/* the rest is of TLS_PROBE_OK; from cert on also of the first three offers, from chain_fault on of TLS_PROBE_MODERN alone */
	char protocol[16];	/* "TLSv1.3" */
	char cipher[64];
	bool is_harmless;	/* TLS_PROBE_WEAK: the cipher lacks authentication and nothing else */
	struct certificate cert;
	struct certificate_chain chain;
	bool has_domain;	/* the certificate is for `domain', too */
	char chain_fault[120];	/* why nobody vouches for the certificate, dates of the certificate itself apart; "" when all is well */
	bool is_self_signed;
};

void tls_probe(const struct tls_probe_request *request, enum tls_probe_offer offer, struct tls_probe_result *out);

#endif

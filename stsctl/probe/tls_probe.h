/* SPDX-License-Identifier: ISC */
/*
 * tls_probe.h - probes one address: a TCP connection, STARTTLS for SMTP, one TLS handshake.
 *
 * The handshake is completed even if the certificate is bad; the result reports chain, name and dates separately. tls_probe.c is
 * the only file of stsctl that includes <openssl/ssl.h>. Blocks until deadline_ms at most. Any thread, one probe each. The process
 * must ignore SIGPIPE.
 */
#ifndef STSCTL_PROBE_TLS_PROBE_H
#define STSCTL_PROBE_TLS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"
#include "stsctl/probe/certificate.h"
#include "stsctl/probe/certificate_chain.h"

/* Called for --verbose with one line per step, which may hold hostile bytes. Any thread. */
typedef void probe_trace_fn(void *arg, const char *line);

/* Called with the server's certificate, borrowed, for callers that need more than the result. Any thread. */
typedef void probe_certificate_fn(void *arg, const X509 *cert);

/* What the client offers. */
enum tls_probe_offer {
	TLS_PROBE_MODERN,	/* TLS 1.2 and 1.3, with the ciphers of the system's OpenSSL, like a good sender */
	TLS_PROBE_RSA,		/* TLS 1.2 and 1.3, only for certificates with an RSA key */
	TLS_PROBE_ECDSA,	/* TLS 1.2 and 1.3, only for certificates with an ECDSA key */
	TLS_PROBE_ONLY_12,
	TLS_PROBE_OLD,		/* TLS 1.0 and 1.1 */
	TLS_PROBE_WEAK,		/* TLS 1.2 or older with weak ciphers only (legacy_tls_probe.h); not completed */
};

enum tls_probe_outcome {
	TLS_PROBE_OK,		/* the handshake is complete */
	TLS_PROBE_SPECIAL,	/* a special address (ipaddr.h): not tried */
	TLS_PROBE_NO_ROUTE,	/* this machine has no route there, so nothing was really tried */
	TLS_PROBE_NO_CONNECTION,	/* refused, reset or closed */
	TLS_PROBE_MUTE,		/* no connection in time */
	TLS_PROBE_NO_REPLY,	/* SMTP: connected, but no (complete) reply in time */
	TLS_PROBE_REFUSED,	/* SMTP: see smtp_client.h for this and the next three */
	TLS_PROBE_NOT_OFFERED,
	TLS_PROBE_NOT_GRANTED,
	TLS_PROBE_GARBAGE,
	TLS_PROBE_NO_TLS,	/* the handshake failed: that is an answer, too */
	TLS_PROBE_NO_END,	/* the handshake was not complete in time */
	TLS_PROBE_TROUBLE,	/* a problem of ours: out of memory, ca_file cannot be read */
};

struct tls_probe_request {
	struct sts_ipaddr addr;
	uint16_t port;
	bool smtp;
	const char *host;	/* a `domain`: for SNI, and the name that the certificate must have */
	const char *domain;	/* the domain whose mail goes there, or NULL */
	const char *helo;	/* SMTP: our name; NULL: the literal of our address */
	const char *ca_file;	/* "" for the system's */
	bool allow_special;	/* connect to special addresses, too (ipaddr.h) */
	int64_t now;		/* seconds, to verify certificates */
	int64_t deadline_ms;	/* by sts_clock_mono_ms */
	probe_trace_fn *trace;	/* or NULL */
	void *trace_arg;
	probe_certificate_fn *on_certificate;	/* for the first three offers; or NULL */
	void *on_certificate_arg;
};

struct tls_probe_result {
	enum tls_probe_outcome outcome;
	char why[420];		/* printable; "" with TLS_PROBE_OK; "127.0.0.1 is a loopback address" with TLS_PROBE_SPECIAL */
	char shown[46];		/* the address */
	int64_t ms;		/* from connecting to the end of the handshake */
	/* The rest is set with TLS_PROBE_OK: from cert on only by the first three offers, from chain_fault on only by TLS_PROBE_MODERN. */
	char protocol[16];	/* "TLSv1.3" */
	char cipher[64];
	bool is_harmless;	/* TLS_PROBE_WEAK: the cipher lacks authentication and nothing else */
	struct certificate cert;
	struct certificate_chain chain;
	bool has_domain;	/* the certificate is also for `domain' */
	char chain_fault[120];	/* why the chain cannot be verified, apart from the certificate's own dates; "" when it can */
	bool is_self_signed;
};

void tls_probe(const struct tls_probe_request *request, enum tls_probe_offer offer, struct tls_probe_result *out);

#endif

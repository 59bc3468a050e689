/* SPDX-License-Identifier: ISC */
/*
 * required_tls.h - what Postfix asks of a server's TLS by a socketmap's reply: "OK secure match=a.example:.b.example ...".
 *
 * Read from the very reply, so that nothing else than what Postfix is told can be judged by. Pure. Any thread.
 */
#ifndef STSCTL_SENDTEST_REQUIRED_TLS_H
#define STSCTL_SENDTEST_REQUIRED_TLS_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "shared-cache/outbound/send_rules.h"

struct required_tls {
	enum sts_send_level level;	/* never STS_SEND_DEFAULT */
	bool defers;			/* TEMP: Postfix does not even connect */
	bool by_default;		/* there is no answer: level is what main.cf says */
	const char *domain;		/* borrowed: the next-hop */
	const char *match;		/* borrowed, of the reply, up to a blank; NULL: Postfix's own, the domain and what is below it */
	const char *patterns;		/* borrowed: the reply from its first mx_host_pattern on; NULL: any host may take mail */
};

/* by_default: for a reply without an answer. reply, domain: borrowed for as long as *out is used. False: no reply of ours. */
bool required_tls_read(const char *reply, const char *domain, enum sts_send_level by_default, struct required_tls *out);

/* The level of that name; STS_SEND_DEFAULT: there is none, or it is no level of main.cf. */
enum sts_send_level required_tls_level(const char *name);

/* Whether mail may go to an MX host, by the policy's patterns (RFC 8461 section 4.1; Postfix 3.10.5 and later). */
bool required_tls_allows_host(const struct required_tls *required, const char *host);

/* Whether a name of a certificate, perhaps "*.example", fits. With patterns it must be the host's own; otherwise, as Postfix has
 * it, any of those in match will do, and one that begins with a dot stands for all below it. */
bool required_tls_allows_name(const struct required_tls *required, const char *host, const char *name);

/* Whether any DNS name in subjectAltName does. */
bool required_tls_allows_certificate(const struct required_tls *required, const char *host, const X509 *cert);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * required_tls.h - the TLS that Postfix requires of a server after a socketmap's reply: "OK secure match=a.example:.b.example ...".
 *
 * Parses the reply itself, so that the test uses exactly what Postfix is told. Pure. Any thread.
 */
#ifndef STSCTL_SENDTEST_REQUIRED_TLS_H
#define STSCTL_SENDTEST_REQUIRED_TLS_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "shared-cache/outbound/send_rules.h"

struct required_tls {
	enum sts_send_level level;	/* never STS_SEND_DEFAULT */
	bool defers;			/* TEMP: Postfix does not even connect */
	bool by_default;		/* there is no answer, so level is that of main.cf */
	const char *domain;		/* borrowed: the next-hop */
	const char *match;		/* borrowed, in the reply, up to a blank; NULL: Postfix's default, the domain and all below it */
	const char *patterns;		/* borrowed: the reply from its first mx_host_pattern on; NULL: any host is allowed */
};

/* by_default: the level if the reply has no answer. *out borrows reply and domain. False: not a reply of our server. */
bool required_tls_read(const char *reply, const char *domain, enum sts_send_level by_default, struct required_tls *out);

/* The level of that name; STS_SEND_DEFAULT if there is none. */
enum sts_send_level required_tls_level(const char *name);

/* Whether the policy's patterns allow delivery to an MX host (RFC 8461 section 4.1; Postfix 3.10.5 and later). */
bool required_tls_allows_host(const struct required_tls *required, const char *host);

/* Whether a name in a certificate, such as "*.example", is acceptable. With patterns it must be the host's; otherwise, as in Postfix, any
 * name in match will do, and one that begins with a dot stands for all names below it. */
bool required_tls_allows_name(const struct required_tls *required, const char *host, const char *name);

/* Whether any DNS name in subjectAltName is acceptable. */
bool required_tls_allows_certificate(const struct required_tls *required, const char *host, const X509 *cert);

#endif

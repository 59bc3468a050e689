/* SPDX-License-Identifier: ISC */
/*
 * certificate.h - the facts about a server's certificate that people want to see: names, issuer, key, dates, time left.
 *
 * All texts are printable, whatever the certificate contains. Pure. Any thread.
 */
#ifndef STSCTL_PROBE_CERTIFICATE_H
#define STSCTL_PROBE_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

enum { CERTIFICATE_NAME_CAP = 200, CERTIFICATE_NAMES_CAP = 600, CERTIFICATE_KEY_CAP = 40 };

struct certificate {
	char subject[CERTIFICATE_NAME_CAP];	/* "CN=mx.example.com" */
	char issuer[CERTIFICATE_NAME_CAP];
	char names[CERTIFICATE_NAMES_CAP];	/* the DNS names of subjectAltName, separated by ", "; "" for none */
	char key[CERTIFICATE_KEY_CAP];	/* "RSA 2048 bits" */
	bool is_rsa;
	int64_t not_before, not_after;	/* seconds since the epoch */
	size_t chain_length;		/* certificates that the server sent, including this one; the caller sets it */
	bool has_name;			/* a DNS name of subjectAltName matches the host */
};

/* host: a `domain` (domain.h), compared with subjectAltName only. */
void certificate_read(X509 *cert, const char *host, struct certificate *out);
/* Whether the certificate is for another name, by the same rule. */
bool certificate_is_for(X509 *cert, const char *host);

enum certificate_age { CERTIFICATE_FRESH, CERTIFICATE_EXPIRES_SOON, CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET };
enum certificate_age certificate_age(const struct certificate *cert, int64_t now);
/* The same for two dates. Soon: less than a third of the lifetime is left, which is when certbot and the like renew, whether the lifetime
 * is 90 days or 47. */
enum certificate_age certificate_age_of(int64_t not_before, int64_t not_after, int64_t now);
/* Whole days until the certificate expires; negative once it has. */
int64_t certificate_days_left(const struct certificate *cert, int64_t now);

/* "2026-11-24". */
enum { CERTIFICATE_DATE_CAP = 32 };
const char *certificate_date(int64_t when, char out[CERTIFICATE_DATE_CAP]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * certificate.h - what a person wants to know of a server's certificate, and how old it may become.
 *
 * All texts are printable, whatever the certificate holds. Pure; any thread.
 */
#ifndef STSCTL_TLSCERT_H
#define STSCTL_TLSCERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

enum { TLSCERT_EXPIRES_SOON_DAYS = 14, TLSCERT_NAME_CAP = 200, TLSCERT_NAMES_CAP = 600, TLSCERT_KEY_CAP = 40 };

struct tlscert {
	char subject[TLSCERT_NAME_CAP];	/* "CN=mx.example.com" */
	char issuer[TLSCERT_NAME_CAP];
	char names[TLSCERT_NAMES_CAP];	/* the DNS names of subjectAltName, by ", "; "" for none */
	char key[TLSCERT_KEY_CAP];	/* "RSA 2048 bits" */
	int64_t not_before, not_after;	/* seconds */
	size_t chain_length;		/* certificates that the server has sent, this one counted */
	bool has_name;			/* the host's, as a DNS name of subjectAltName */
};

/* host: a `domain` (domain.h), held against subjectAltName alone. */
void tlscert_read(X509 *cert, const char *host, struct tlscert *out);

enum tlscert_age { TLSCERT_FRESH, TLSCERT_EXPIRES_SOON, TLSCERT_EXPIRED, TLSCERT_NOT_YET };
enum tlscert_age tlscert_age(const struct tlscert *cert, int64_t now);
/* Whole days until the certificate expires, below zero once it has. */
int64_t tlscert_days_left(const struct tlscert *cert, int64_t now);

/* "2026-11-24". */
enum { TLSCERT_DATE_CAP = 32 };
const char *tlscert_date(int64_t when, char out[TLSCERT_DATE_CAP]);

#endif

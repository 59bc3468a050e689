/* SPDX-License-Identifier: ISC */
/* certificates.h - makes certificates for a test, as PEM files in a temporary directory. On failure, these functions end the
 * program. */
#ifndef TESTS_STORE_CERTIFICATES_H
#define TESTS_STORE_CERTIFICATES_H

/* A certificate's contents; dates in days from now. */
struct certificate_spec {
	const char *name;	/* file name and common name */
	const char *issuer;	/* the name of one made earlier; NULL: self-signed */
	const char *alt_names;	/* subjectAltName in OpenSSL's notation, "DNS:a,IP:b"; NULL: a CA certificate */
	int from_days, to_days;
};

/* Creates an empty directory; returns its path. */
const char *certificates_open(void);
void certificates_close(void);

/* Writes NAME.pem and NAME.key, with a new key. */
void certificates_make(const struct certificate_spec *spec);
/* NAME.locked: its key, with a passphrase. NAME.both: certificate and key. */
void certificates_lock_key(const char *name);
void certificates_join(const char *name);

/* DIRECTORY/NAME, in static storage that the eighth call after this one reuses. "" stays "". */
const char *certificates_path(const char *name);

#endif

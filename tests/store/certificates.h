/* SPDX-License-Identifier: ISC */
/* certificates.h - certificates of the test's own, in PEM files of a directory that goes with the test. Helpers that cannot go on end
 * the program. */
#ifndef TESTS_STORE_CERTIFICATES_H
#define TESTS_STORE_CERTIFICATES_H

/* What is in a certificate: dates in days from now. */
struct certificate_spec {
	const char *name;	/* of the file, and the common name */
	const char *issuer;	/* the name of another one that has been made; NULL: itself */
	const char *alt_names;	/* subjectAltName as OpenSSL writes it, "DNS:a,IP:b"; NULL: an authority's certificate */
	int from_days, to_days;
};

/* An empty directory; returns its path. */
const char *certificates_open(void);
void certificates_close(void);

/* NAME.pem and NAME.key, with a key of its own. */
void certificates_make(const struct certificate_spec *spec);
/* NAME.locked: its key once more, with a passphrase. NAME.both: certificate and key. */
void certificates_lock_key(const char *name);
void certificates_join(const char *name);

/* DIRECTORY/NAME; in storage that the call after the next seven uses again. "" stays "". */
const char *certificates_path(const char *name);

#endif

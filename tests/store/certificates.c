/* SPDX-License-Identifier: ISC */
/* certificates.c - makes keys and certificates with OpenSSL, self-signed or signed by another. */
#include "config.h"

#include "certificates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { NAMES_MAX = 32, PATH_CAP = 128, DAY_S = 86400 };

static char dir[64];
static char files[NAMES_MAX][PATH_CAP];	/* removed by certificates_close */
static size_t file_count;
static long serial;

static void
die(const char *what)
{
	fprintf(stderr, "certificates: %s\n", what);
	abort();
}

const char *
certificates_open(void)
{
	strcpy(dir, "/tmp/sts-certificates-XXXXXX");
	if (mkdtemp(dir) == NULL)
		die("mkdtemp");
	return dir;
}

void
certificates_close(void)
{
	while (file_count > 0)
		unlink(files[--file_count]);
	rmdir(dir);
}

const char *
certificates_path(const char *name)
{
	static char paths[8][PATH_CAP];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_CAP, name[0] != '\0' ? "%s/%s" : "%.0s%s", dir, name);
	return path;
}

static FILE *
open_file(const char *name, const char *end, const char *mode)
{
	char path[PATH_CAP];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, end);
	f = fopen(path, mode);
	if (f == NULL)
		die(path);
	if (mode[0] == 'w') {
		if (file_count == NAMES_MAX)
			die("too many files");
		strcpy(files[file_count++], path);
	}
	return f;
}

static EVP_PKEY *
read_key(const char *name)
{
	FILE *f = open_file(name, ".key", "re");
	EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);

	fclose(f);
	if (key == NULL)
		die(name);
	return key;
}

static X509 *
read_certificate(const char *name)
{
	FILE *f = open_file(name, ".pem", "re");
	X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);

	fclose(f);
	if (cert == NULL)
		die(name);
	return cert;
}

static void
add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, NULL, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	if (extension == NULL || X509_add_ext(cert, extension, -1) != 1)
		die(value);
	X509_EXTENSION_free(extension);
}

static X509 *
make_certificate(const struct certificate_spec *spec, EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_NAME_new();

	if (cert == NULL || subject == NULL || X509_set_version(cert, X509_VERSION_3) != 1 ||
	    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial) != 1 ||
	    X509_gmtime_adj(X509_getm_notBefore(cert), (long)spec->from_days * DAY_S) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(cert), (long)spec->to_days * DAY_S) == NULL ||
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)spec->name, -1, -1, 0) != 1 ||
	    X509_set_subject_name(cert, subject) != 1 || X509_set_pubkey(cert, key) != 1)
		die(spec->name);
	X509_NAME_free(subject);
	add_extension(cert, NID_basic_constraints, spec->alt_names == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (spec->alt_names != NULL && spec->alt_names[0] != '\0')
		add_extension(cert, NID_subject_alt_name, spec->alt_names);
	return cert;
}

void
certificates_make(const struct certificate_spec *spec)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *issuer_key;
	X509 *cert = make_certificate(spec, key), *issuer;
	FILE *f = open_file(spec->name, ".key", "we");

	if (PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) != 1 || fclose(f) != 0)
		die(spec->name);
	issuer_key = spec->issuer != NULL ? read_key(spec->issuer) : key;
	issuer = spec->issuer != NULL ? read_certificate(spec->issuer) : cert;
	if (X509_set_issuer_name(cert, X509_get_subject_name(issuer)) != 1 || X509_sign(cert, issuer_key, EVP_sha256()) == 0)
		die(spec->name);
	f = open_file(spec->name, ".pem", "we");
	if (PEM_write_X509(f, cert) != 1 || fclose(f) != 0)
		die(spec->name);
	if (spec->issuer != NULL) {
		EVP_PKEY_free(issuer_key);
		X509_free(issuer);
	}
	EVP_PKEY_free(key);
	X509_free(cert);
}

void
certificates_lock_key(const char *name)
{
	static unsigned char passphrase[] = "open sesame";
	EVP_PKEY *key = read_key(name);
	FILE *f = open_file(name, ".locked", "we");

	if (PEM_write_PrivateKey(f, key, EVP_aes_128_cbc(), passphrase, sizeof(passphrase) - 1, NULL, NULL) != 1 || fclose(f) != 0)
		die(name);
	EVP_PKEY_free(key);
}

void
certificates_join(const char *name)
{
	EVP_PKEY *key = read_key(name);
	X509 *cert = read_certificate(name);
	FILE *f = open_file(name, ".both", "we");

	if (PEM_write_X509(f, cert) != 1 || PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) != 1 || fclose(f) != 0)
		die(name);
	EVP_PKEY_free(key);
	X509_free(cert);
}

/* SPDX-License-Identifier: ISC */
/* key_file.c - reads PEM with OpenSSL: one pass for each kind of object, which skips the other kinds. */
#include "config.h"

#include "stsctl/probe/key_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

int
key_file_no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

/* Digests the bytes of the key as they are in the file, even if this OpenSSL does not know the key's type. */
static size_t
take(X509_PUBKEY *public, EVP_PKEY *key, struct key_digest *out)
{
	const char *name = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;

	if (public == NULL || !certificate_key_digest(public, out->digest))
		return 0;
	if (name != NULL)
		snprintf(out->kind, sizeof(out->kind), "%s %d bits", name, EVP_PKEY_get_bits(key));
	else
		snprintf(out->kind, sizeof(out->kind), "of an unknown type");
	return 1;
}

/* Frees key. */
static size_t
take_key(EVP_PKEY *key, struct key_digest *out)
{
	X509_PUBKEY *public = NULL;
	size_t taken = key != NULL && X509_PUBKEY_set(&public, key) == 1 ? take(public, key, out) : 0;

	X509_PUBKEY_free(public);
	EVP_PKEY_free(key);
	return taken;
}

static size_t
take_private(BIO *pem, struct key_digest out[KEY_FILE_MAX])
{
	size_t count = 0;
	EVP_PKEY *key;

	while (count < KEY_FILE_MAX && (key = PEM_read_bio_PrivateKey(pem, NULL, key_file_no_password, NULL)) != NULL)
		count += take_key(key, &out[count]);
	return count;
}

static size_t
take_certificate(BIO *pem, struct key_digest out[KEY_FILE_MAX])
{
	X509 *cert = PEM_read_bio_X509(pem, NULL, key_file_no_password, NULL);
	size_t count = cert != NULL ? take(X509_get_X509_PUBKEY(cert), X509_get0_pubkey(cert), out) : 0;

	X509_free(cert);
	return count;
}

static size_t
take_request(BIO *pem, struct key_digest out[KEY_FILE_MAX])
{
	X509_REQ *request = PEM_read_bio_X509_REQ(pem, NULL, key_file_no_password, NULL);
	size_t count = request != NULL ? take(X509_REQ_get_X509_PUBKEY(request), X509_REQ_get0_pubkey(request), out) : 0;

	X509_REQ_free(request);
	return count;
}

static size_t
take_public(BIO *pem, struct key_digest out[KEY_FILE_MAX])
{
	return take_key(PEM_read_bio_PUBKEY(pem, NULL, key_file_no_password, NULL), out);
}

size_t
key_file_read(const char *pem, size_t len, struct key_digest out[KEY_FILE_MAX])
{
	static size_t (*const passes[])(BIO *, struct key_digest *) = { take_private, take_certificate, take_request, take_public };
	size_t count = 0;

	for (size_t i = 0; len <= INT_MAX && count == 0 && i < sizeof(passes) / sizeof(passes[0]); i++) {
		BIO *bio = BIO_new_mem_buf(pem, (int)len);

		if (bio != NULL)
			count = passes[i](bio, out);
		BIO_free(bio);
	}
	ERR_clear_error();
	return count;
}

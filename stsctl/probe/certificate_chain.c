/* SPDX-License-Identifier: ISC */
/* certificate_chain.c - orders and digests OpenSSL's certificates. */
#include "config.h"

#include "stsctl/probe/certificate_chain.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

static bool
digest(const uint8_t *bytes, size_t len, const EVP_MD *md, uint8_t *out)
{
	return EVP_Digest(bytes, len, out, NULL, md, NULL) == 1;
}

/* Digests len bytes of der, and frees it; len below 1: there are none. */
static bool
digest_both(uint8_t *der, int len, uint8_t *out_256, uint8_t *out_512)
{
	bool ok = len > 0 && digest(der, (size_t)len, EVP_sha256(), out_256) &&
	    (out_512 == NULL || digest(der, (size_t)len, EVP_sha512(), out_512));

	OPENSSL_free(der);
	return ok;
}

bool
certificate_key_digest(X509_PUBKEY *key, uint8_t out[CERTIFICATE_SHA256_LEN])
{
	uint8_t *der = NULL;
	int len = i2d_X509_PUBKEY(key, &der);

	return digest_both(der, len, out, NULL);
}

static bool
add_digests(X509 *cert, struct certificate_digests *out)
{
	uint8_t *whole = NULL, *key = NULL;
	int whole_len = i2d_X509(cert, &whole), key_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &key);
	bool ok = digest_both(whole, whole_len, out->whole_256, out->whole_512);

	return digest_both(key, key_len, out->key_256, out->key_512) && ok;
}

/* The certificate, among those sent, whose key signed cert; NULL for none, and for a self-signed one. */
static X509 *
issuer_of(X509 *cert, STACK_OF(X509) *sent)
{
	for (int i = 0; i < sk_X509_num(sent); i++) {
		X509 *other = sk_X509_value(sent, i);

		if (X509_cmp(other, cert) != 0 && X509_check_issued(other, cert) == X509_V_OK &&
		    X509_verify(cert, X509_get0_pubkey(other)) == 1)
			return other;
	}
	return NULL;
}

void
certificate_chain_read(X509 *own, STACK_OF(X509) *sent, struct certificate_chain *out)
{
	X509 *cert = own;

	out->count = 0;
	while (cert != NULL && out->count < CERTIFICATE_CHAIN_MAX && add_digests(cert, &out->list[out->count])) {
		out->count++;
		cert = issuer_of(cert, sent);
	}
	ERR_clear_error();
}

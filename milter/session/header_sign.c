/* SPDX-License-Identifier: ISC */
/* header_sign.c - OpenSSL's BLAKE2b as a message authentication code. Knows neither the header's tags nor the settings. */
#include "config.h"

#include "milter/session/header_sign.h"

#include <stdio.h>

#include <openssl/evp.h>

enum { DIGEST_MAX = 64, KEPT = (STS_HEADER_SIG_CAP - 1) / 2 };

/* Computes all 64 bytes and cuts them: the digest's length is part of BLAKE2b's input, and rspamd knows only this one. */
static bool
digest(const struct sts_header_key *key, const char *text, size_t len, unsigned char out[DIGEST_MAX])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "BLAKE2BMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	size_t made = 0;
	bool ok = ctx != NULL && EVP_MAC_init(ctx, key->bytes, key->len, NULL) == 1 &&
	    EVP_MAC_update(ctx, (const unsigned char *)text, len) == 1 &&
	    EVP_MAC_final(ctx, out, &made, DIGEST_MAX) == 1 && made == DIGEST_MAX;

	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return ok;
}

bool
header_sign(const struct sts_header_key *key, const char *text, size_t len, char out[STS_HEADER_SIG_CAP])
{
	unsigned char bytes[DIGEST_MAX];

	out[0] = '\0';
	if (!digest(key, text, len, bytes))
		return false;
	for (size_t i = 0; i < KEPT; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

/* SPDX-License-Identifier: ISC */
/*
 * header_sign.h - computes the header's sig=: keyed BLAKE2b-512, its first quarter in hex. Knows nothing of headers.
 *
 * The same as rspamd_cryptobox_hash.create_keyed(key, text):hex():sub(1, 32), openssl mac BLAKE2BMAC, Python's
 * hashlib.blake2b(text, key=key). Any thread.
 */
#ifndef MILTER_SESSION_HEADER_SIGN_H
#define MILTER_SESSION_HEADER_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/judge/header.h"

/* False: OpenSSL has no BLAKE2b (a FIPS provider alone), or no memory. */
bool header_sign(const struct sts_header_key *key, const char *text, size_t len, char out[STS_HEADER_SIG_CAP]);

#endif

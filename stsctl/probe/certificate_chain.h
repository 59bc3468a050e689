/* SPDX-License-Identifier: ISC */
/*
 * certificate_chain.h - the certificates that a server has sent, as digests: all that a TLSA record is held against (RFC 6698).
 *
 * Pure; any thread.
 */
#ifndef STSCTL_PROBE_CERTIFICATE_CHAIN_H
#define STSCTL_PROBE_CERTIFICATE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

enum { CERTIFICATE_CHAIN_MAX = 8, CERTIFICATE_SHA256_LEN = 32, CERTIFICATE_SHA512_LEN = 64 };

struct certificate_digests {
	uint8_t whole_256[CERTIFICATE_SHA256_LEN], whole_512[CERTIFICATE_SHA512_LEN];	/* of the certificate */
	uint8_t key_256[CERTIFICATE_SHA256_LEN], key_512[CERTIFICATE_SHA512_LEN];	/* of its SubjectPublicKeyInfo */
};

/* The server's own certificate first, then its issuer's, and so on: each has signed the one before, whatever the order on the wire.
 * What was sent and leads nowhere is left out. */
struct certificate_chain {
	struct certificate_digests list[CERTIFICATE_CHAIN_MAX];
	size_t count;
};

/* sent may be NULL. An empty chain: no memory. */
void certificate_chain_read(X509 *own, STACK_OF(X509) *sent, struct certificate_chain *out);

/* SHA-256 of a SubjectPublicKeyInfo: what a TLSA record `3 1 1' holds. */
bool certificate_key_digest(X509_PUBKEY *key, uint8_t out[CERTIFICATE_SHA256_LEN]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * certificate_chain.h - the digests of the certificates that a server sent, for comparison with TLSA records (RFC 6698).
 *
 * Pure. Any thread.
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

/* The server's own certificate first, then its issuer's, and so on: each has signed the one before it, whatever the order on the wire.
 * Certificates outside this chain are left out. */
struct certificate_chain {
	struct certificate_digests list[CERTIFICATE_CHAIN_MAX];
	size_t count;
};

/* own: the server's certificate; sent: all that it sent, may be NULL. The chain is empty when memory ran out. */
void certificate_chain_read(X509 *own, STACK_OF(X509) *sent, struct certificate_chain *out);

/* The SHA-256 of a SubjectPublicKeyInfo, which is the data of a TLSA record `3 1 1'. False when memory ran out. */
bool certificate_key_digest(X509_PUBKEY *key, uint8_t out[CERTIFICATE_SHA256_LEN]);

#endif

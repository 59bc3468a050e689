/* SPDX-License-Identifier: ISC */
/*
 * legacy_tls_probe.h - the first message of a TLS handshake that offers weak ciphers alone, and the cipher that the server chose.
 *
 * By hand, because libraries have forgotten these ciphers: Debian's OpenSSL has no RC4, no DES, no 3DES and no export ciphers, and
 * so could not say whether a server still has them. The handshake is never finished: what the server would agree to is in the
 * first bytes of its answer (RFC 5246 section 7.4.1).
 * Pure: no sockets, no randomness of its own. Any thread.
 */
#ifndef STSCTL_PROBE_LEGACY_TLS_PROBE_H
#define STSCTL_PROBE_LEGACY_TLS_PROBE_H

#include <stddef.h>
#include <stdint.h>

enum { LEGACY_HELLO_CAP = 768, LEGACY_HELLO_RANDOM = 32 };

/* In the order in which they are offered, the worst first. */
enum weak_kind { WEAK_NULL, WEAK_EXPORT, WEAK_DES, WEAK_RC4, WEAK_3DES, WEAK_ANONYMOUS };

struct weak_cipher {
	uint16_t id;
	enum weak_kind kind;
	const char *name;	/* OpenSSL's */
};

/* TLS 1.2 or less, with host in SNI; a host that is longer than a domain is left out. Returns the length. */
size_t legacy_hello_make(const char *host, const uint8_t random[LEGACY_HELLO_RANDOM], uint8_t out[LEGACY_HELLO_CAP]);

enum legacy_hello_answer {
	LEGACY_HELLO_MORE,		/* too few bytes to say */
	LEGACY_HELLO_CHOSEN,	/* *cipher is what the server agrees to */
	LEGACY_HELLO_DECLINED,	/* an alert */
	LEGACY_HELLO_GARBAGE,	/* no TLS, or a choice that was not offered */
};

/* What has come from the server so far. */
enum legacy_hello_answer legacy_hello_read(const uint8_t *bytes, size_t len, const struct weak_cipher **cipher);
/* So many bytes are always enough. */
enum { LEGACY_HELLO_ANSWER_MAX = 5 + 4 + 2 + 32 + 1 + 32 + 2 };

#endif

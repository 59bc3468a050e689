/* SPDX-License-Identifier: ISC */
/*
 * legacy_tls_probe.h - composes a ClientHello that offers only weak ciphers, and reads from the ServerHello which one the server chose.
 *
 * Written by hand, because libraries have dropped these ciphers: Debian's OpenSSL has no RC4, DES, 3DES or export ciphers, so it
 * cannot tell whether a server still has them. The handshake is never completed: the first bytes of the server's answer say what it
 * would agree to (RFC 5246 section 7.4.1).
 * Pure: no sockets, no randomness of its own. Any thread.
 */
#ifndef STSCTL_PROBE_LEGACY_TLS_PROBE_H
#define STSCTL_PROBE_LEGACY_TLS_PROBE_H

#include <stddef.h>
#include <stdint.h>

enum { LEGACY_HELLO_CAP = 768, LEGACY_HELLO_RANDOM = 32 };

/* In the order of the offer, the worst first. */
enum weak_kind { WEAK_NULL, WEAK_EXPORT, WEAK_DES, WEAK_RC4, WEAK_3DES, WEAK_ANONYMOUS };

struct weak_cipher {
	uint16_t id;
	enum weak_kind kind;
	const char *name;	/* OpenSSL's */
};

/* Composes a ClientHello for TLS 1.2 or older, with host in SNI, unless host is longer than a domain may be. Returns the length. */
size_t legacy_hello_make(const char *host, const uint8_t random[LEGACY_HELLO_RANDOM], uint8_t out[LEGACY_HELLO_CAP]);

enum legacy_hello_answer {
	LEGACY_HELLO_MORE,		/* incomplete: more bytes are needed */
	LEGACY_HELLO_CHOSEN,	/* *cipher is what the server agrees to */
	LEGACY_HELLO_DECLINED,	/* an alert */
	LEGACY_HELLO_GARBAGE,	/* not TLS, or a cipher that was not offered */
};

/* Reads all bytes that the server has sent so far. */
enum legacy_hello_answer legacy_hello_read(const uint8_t *bytes, size_t len, const struct weak_cipher **cipher);
/* A buffer of this size is always enough. */
enum { LEGACY_HELLO_ANSWER_MAX = 5 + 4 + 2 + 32 + 1 + 32 + 2 };

#endif

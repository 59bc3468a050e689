/* SPDX-License-Identifier: ISC */
/*
 * legacy_tls_probe.h - the first message of a TLS handshake that offers weak ciphers alone, and the cipher that the server chose.
 *
 * By hand, because libraries have forgotten these ciphers: Debian's OpenSSL has no RC4, no DES, no 3DES and no export ciphers, and
 * so could not say whether a server still has them. The handshake is never finished: what the server would agree to is in the
 * first bytes of its answer (RFC 5246 section 7.4.1).
 * Pure: no sockets, no randomness of its own. Any thread.
 */
#ifndef STSCTL_WEAKHELLO_H
#define STSCTL_WEAKHELLO_H

#include <stddef.h>
#include <stdint.h>

enum { WEAKHELLO_CAP = 768, WEAKHELLO_RANDOM = 32 };

/* In the order in which they are offered, the worst first. */
enum weak_kind { WEAK_NULL, WEAK_EXPORT, WEAK_DES, WEAK_RC4, WEAK_3DES, WEAK_ANONYMOUS };

struct weak_cipher {
	uint16_t id;
	enum weak_kind kind;
	const char *name;	/* OpenSSL's */
};

/* TLS 1.2 or less, with host in SNI; a host that is longer than a domain is left out. Returns the length. */
size_t weakhello_make(const char *host, const uint8_t random[WEAKHELLO_RANDOM], uint8_t out[WEAKHELLO_CAP]);

enum weakhello_answer {
	WEAKHELLO_MORE,		/* too few bytes to say */
	WEAKHELLO_CHOSEN,	/* *cipher is what the server agrees to */
	WEAKHELLO_DECLINED,	/* an alert */
	WEAKHELLO_GARBAGE,	/* no TLS, or a choice that was not offered */
};

/* What has come from the server so far. */
enum weakhello_answer weakhello_read(const uint8_t *bytes, size_t len, const struct weak_cipher **cipher);
/* So many bytes are always enough. */
enum { WEAKHELLO_ANSWER_MAX = 5 + 4 + 2 + 32 + 1 + 32 + 2 };

#endif

/* SPDX-License-Identifier: ISC */
/*
 * tls.h - what a session's TLS looked like, and whether that is adequate.
 *
 * Three states, never two: unknown never fails anybody. Version and cipher are the MTA's words (OpenSSL spelling:
 * "TLSv1.3", "TLS_AES_256_GCM_SHA384"); they are copied with a bound and escaped where they are printed.
 * Pure. Any thread.
 */
#ifndef STS_JUDGE_TLS_H
#define STS_JUDGE_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/policy/reason.h"

enum sts_tls_state { STS_TLS_UNKNOWN, STS_TLS_NONE, STS_TLS_SECURED };

struct sts_tls {
	enum sts_tls_state state;
	char version[16];	/* STS_TLS_SECURED: as the MTA says */
	char cipher[80];	/* "" when the MTA did not say */
	int bits;		/* -1 when the MTA did not say */
};

struct sts_tls_rules {
	int min_version;		/* see sts_tls_version_rank */
	int min_bits;
	const char *const *weak_ciphers; /* patterns, NULL-terminated: a `*` at either end or none; case-insensitive */
};

/* Rank of a version name: SSLv3 1, TLSv1 2 (TLSv1.0 too), TLSv1.1 3, TLSv1.2 4, TLSv1.3 5; a later TLSv1.N or TLSvN
 * ranks above; 0 when it is no version name at all. */
int sts_tls_version_rank(const char *name);

/* STS_REASON_NONE when adequate; else plaintext, tls-version, cipher or tls-unknown. A cipher without encryption or
 * authentication (NULL, anonymous, export) is never adequate, whatever the rules say. */
enum sts_reason sts_tls_rate(const struct sts_tls *tls, const struct sts_tls_rules *rules);

/* The tls tag: the version, "none" or "unknown". */
const char *sts_tls_name(const struct sts_tls *tls);

/* What a fixed set of names can hold, where dashboards and keys must not grow a line for each odd word: which of them it is,
 * and the name; "other" for STS_TLS_KNOWN, which is everything else. */
enum { STS_TLS_KNOWN = 6 };
unsigned sts_tls_known(const struct sts_tls *tls);
const char *sts_tls_known_name(unsigned known);

#endif

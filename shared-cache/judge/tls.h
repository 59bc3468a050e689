/* SPDX-License-Identifier: ISC */
/*
 * tls.h - the TLS of an SMTP session, and whether it is adequate.
 *
 * Three states, never two: unknown never makes anybody fail. Version and cipher are the MTA's words, in OpenSSL's spelling
 * ("TLSv1.3", "TLS_AES_256_GCM_SHA384"); they are copied with a bound, and escaped wherever they are printed.
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
	char version[16];	/* STS_TLS_SECURED: as the MTA spells it */
	char cipher[80];	/* "" when the MTA did not say */
	int bits;		/* -1 when the MTA did not say */
};

struct sts_tls_rules {
	int min_version;		/* see sts_tls_version_rank */
	int min_bits;
	const char *const *weak_ciphers; /* patterns with or without `*` at either end, case-insensitive; NULL-terminated */
};

/* The rank of a version: SSLv3 1, TLSv1 or TLSv1.0 2, TLSv1.1 3, TLSv1.2 4, TLSv1.3 5; a later TLSv1.N or TLSvN
 * ranks higher; 0 when name is not a version. */
int sts_tls_version_rank(const char *name);

/* STS_REASON_NONE when adequate; else plaintext, tls-version, cipher or tls-unknown. A cipher without encryption or
 * authentication (NULL, anonymous, export) is never adequate, whatever the rules say. */
enum sts_reason sts_tls_rate(const struct sts_tls *tls, const struct sts_tls_rules *rules);

/* The value of the tls tag: the version, "none" or "unknown". */
const char *sts_tls_name(const struct sts_tls *tls);

/* The same as one of a fixed set of names, for dashboards and keys, which must not grow with every odd version: its index, and the
 * name of an index; "other" for STS_TLS_KNOWN, which stands for everything else. */
enum { STS_TLS_KNOWN = 6 };
unsigned sts_tls_known(const struct sts_tls *tls);
const char *sts_tls_known_name(unsigned known);

#endif

/* SPDX-License-Identifier: ISC */
/* policy_hash.h - names for texts that are known again by their SHA-256 (OpenSSL). Any thread. */
#ifndef STS_REPORTSTATS_POLICY_HASH_H
#define STS_REPORTSTATS_POLICY_HASH_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum { STS_TEXT_HASH_CAP = 33 };	/* 32 hex digits: the first half of the SHA-256 */

/* Of so many parts, each with its length before it. STS_ENOMEM when OpenSSL cannot. */
enum sts_status sts_text_hash(const char *const *parts, size_t count, char out[STS_TEXT_HASH_CAP]);

/* Of a policy's text as published, or of the lines that a report quotes: the same for both, see canonical_policy.h. canon, if not
 * NULL, gets the canonical text, to be freed. STS_ENOTFOUND, STS_EFULL as sts_canonical_policy. */
enum sts_status sts_policy_hash(const char *const *lines, size_t count, char out[STS_TEXT_HASH_CAP], char **canon);

#endif

/* SPDX-License-Identifier: ISC */
/* policy_hash.h - hashes (SHA-256, OpenSSL) by which texts are recognised. Any thread. */
#ifndef STS_REPORTSTATS_POLICY_HASH_H
#define STS_REPORTSTATS_POLICY_HASH_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum { STS_TEXT_HASH_CAP = 33 };	/* 32 hex digits: the first half of the SHA-256 */

/* Hash of several parts, each preceded by its length. STS_ENOMEM when OpenSSL fails. */
enum sts_status sts_text_hash(const char *const *parts, size_t count, char out[STS_TEXT_HASH_CAP]);

/* Hash of a policy's text, as published or as the lines that a report quotes; it is the same for both, see canonical_policy.h. canon, if
 * not NULL, gets the canonical text, which the caller frees. STS_ENOTFOUND, STS_EFULL: as sts_canonical_policy. */
enum sts_status sts_policy_hash(const char *const *lines, size_t count, char out[STS_TEXT_HASH_CAP], char **canon);

#endif

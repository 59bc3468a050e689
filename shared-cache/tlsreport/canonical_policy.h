/* SPDX-License-Identifier: ISC */
/*
 * canonical_policy.h - the canonical form of a policy's text, independent of the order, spacing and ends of its lines.
 *
 * Reports quote the policy that the sender had (policy-string), but not its id. So a policy is recognised by its text: lines
 * trimmed, `name: value' with one space, names and mx in lower case, empty lines left out, sorted. The policies that stsctl publish
 * writes go through the same function, and the hashes are compared (sts_policy_hash, policy_hash.h).
 * Pure. Any thread.
 */
#ifndef STS_TLSREPORT_CANONICAL_POLICY_H
#define STS_TLSREPORT_CANONICAL_POLICY_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum { STS_CANONICAL_POLICY_LINES_MAX = 512, STS_CANONICAL_POLICY_MAX = 65536 };

/* Takes lines as reports have them: an element may hold several, ended by LF or CRLF. Each line of the result ends in LF; the
 * caller frees it. STS_ENOTFOUND: there are no lines; STS_EFULL: there is more text than any policy has. */
enum sts_status sts_canonical_policy(const char *const *lines, size_t count, char **out);

/* The value of mode in a canonical text: "enforce", "testing", "none"; "other" for anything else, and if there is none. */
const char *sts_canonical_policy_mode(const char *canon);

#endif

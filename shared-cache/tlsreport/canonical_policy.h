/* SPDX-License-Identifier: ISC */
/*
 * canonical_policy.h - the one form of a policy's text, however its lines are ordered, spaced and ended.
 *
 * Reports quote the policy that the sender held (policy-string), and not its id. So a policy is known again by its text: lines
 * trimmed, `name: value' with one blank, names and mx in lower case, empty lines left out, sorted. What publish wrote goes
 * through the same function, and the hash of both is compared (sts_policy_hash, policy_hash.h).
 * Pure. Any thread.
 */
#ifndef STS_TLSREPORT_CANONICAL_POLICY_H
#define STS_TLSREPORT_CANONICAL_POLICY_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum { STS_CANONICAL_POLICY_LINES_MAX = 512, STS_CANONICAL_POLICY_MAX = 65536 };

/* Lines as a report has them: an element may hold several, ended by LF or CRLF. The result has a LF behind each line; the
 * caller frees it. STS_ENOTFOUND: there is not one line; STS_EFULL: there is more of it than any policy has. */
enum sts_status sts_canonical_policy(const char *const *lines, size_t count, char **out);

/* The value of mode in a canonical text: "enforce", "testing", "none"; "other" for anything else and for nothing. */
const char *sts_canonical_policy_mode(const char *canon);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * align.h - whether the client belongs to the sender's organisation, by its name (the header's `aligned` tag).
 *
 * Compares the organisational domain (Public Suffix List, libpsl) of the client's verified host name with that of the envelope
 * domain and of each mx of its policy. Evidence only; never a reason to fail.
 * Pure after creation. Any thread.
 */
#ifndef STS_JUDGE_ALIGN_H
#define STS_JUDGE_ALIGN_H

#include "shared-cache/base/status.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/policy/policy.h"

struct sts_align;

/* Loads the system's list if it is newer, else libpsl's built-in one. STS_ENOTFOUND when there is neither: then pass NULL below,
 * which takes every top-level domain for a public suffix (last two labels). */
enum sts_status sts_align_new(struct sts_align **out);
void sts_align_free(struct sts_align **align);

/* client is the verified host name in any case; NULL, "" or "unknown" when there is none. policy may be NULL. */
enum sts_aligned sts_align_check(const struct sts_align *align, const char *client, const char *domain,
    const struct sts_policy *policy);

#endif

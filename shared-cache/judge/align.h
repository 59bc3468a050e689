/* SPDX-License-Identifier: ISC */
/*
 * align.h - does the client look like the sender's own? (the header's `aligned` tag)
 *
 * Compares organisational domains (Public Suffix List, libpsl) of the client's verified host name with the envelope
 * domain and with each mx of its policy. Evidence only; never a reason to fail.
 * Pure after creation. Any thread.
 */
#ifndef STS_JUDGE_ALIGN_H
#define STS_JUDGE_ALIGN_H

#include "shared-cache/base/status.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/policy/policy.h"

struct sts_align;

/* Loads the system's newer list if there is one, else libpsl's built-in. STS_ENOTFOUND when there is none at all: then
 * pass NULL below, which compares whole names and their parents as a PSL of `*` would (last two labels). */
enum sts_status sts_align_new(struct sts_align **out);
void sts_align_free(struct sts_align **align);

/* client is the verified host name in any case, NULL or "" or "unknown" when there is none; policy may be NULL. */
enum sts_aligned sts_align_check(const struct sts_align *align, const char *client, const char *domain,
    const struct sts_policy *policy);

#endif

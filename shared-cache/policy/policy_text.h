/* SPDX-License-Identifier: ISC */
/*
 * canonical_policy.h - a policy file as fetched, and what it says: immutable and counted, so that many domains can share one. Thousands of
 * them publish the same file, that of whoever hosts their mail.
 * Pure. Any thread; counting is atomic.
 */
#ifndef STS_POLICY_POLICY_TEXT_H
#define STS_POLICY_POLICY_TEXT_H

#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/organisation.h"
#include "shared-cache/policy/policy.h"

struct sts_policy_text {
	const struct sts_policy *policy;
	size_t len;
	const char *text;		/* len bytes and a NUL */
};

/* As sts_policy_parse; the caller owns one reference. With organisations the policy's orgs are filled in; NULL: they are left out. */
enum sts_status sts_policy_text_new(const char *text, size_t len, const struct sts_organisations *organisations,
    struct sts_policy_text **out);
struct sts_policy_text *sts_policy_text_ref(struct sts_policy_text *text);
/* Sets *text to NULL; *text may be NULL. */
void sts_policy_text_unref(struct sts_policy_text **text);

/* Bytes of memory that it holds. */
size_t sts_policy_text_size(const struct sts_policy_text *text);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * policy_text.h - a policy file as fetched, with the parsed policy: immutable and reference-counted, so that domains can share
 * one. Thousands of domains publish the same file, that of their mail hoster.
 * Pure. Any thread; the count is atomic.
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
	const char *text;		/* len bytes, NUL-terminated */
};

/* As sts_policy_parse; the caller owns one reference. organisations: to fill in the policy's orgs; NULL: leave them empty. */
enum sts_status sts_policy_text_new(const char *text, size_t len, const struct sts_organisations *organisations,
    struct sts_policy_text **out);
struct sts_policy_text *sts_policy_text_ref(struct sts_policy_text *text);
/* Sets *text to NULL; *text may be NULL. */
void sts_policy_text_unref(struct sts_policy_text **text);

/* Its memory in bytes. */
size_t sts_policy_text_size(const struct sts_policy_text *text);

#endif

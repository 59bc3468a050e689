/* SPDX-License-Identifier: ISC */
/*
 * header.h - makes the text of X-MTA-STS (tags, order, folding, escaping), and recognises incoming fields of that name.
 *
 * Pure: the caller supplies the signing function. Any thread.
 */
#ifndef STS_JUDGE_HEADER_H
#define STS_JUDGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/judge/verdict.h"

#define STS_HEADER_NAME "X-MTA-STS"
enum { STS_HEADER_CAP = 2048, STS_HEADER_COLUMNS = 78 };
enum { STS_HEADER_KEY_MIN = 16, STS_HEADER_KEY_MAX = 64, STS_HEADER_SIG_CAP = 33 };

/* The key that signs the field; len is 0 without one. */
struct sts_header_key {
	unsigned char bytes[STS_HEADER_KEY_MAX];
	size_t len;
};

/* Computes the value of sig=, 32 hex digits, over text; false when it cannot. */
typedef bool sts_header_sign_fn(void *arg, const char *text, size_t len, char out[STS_HEADER_SIG_CAP]);

/* The author of the field. sign may be NULL: no sig. */
struct sts_header_author {
	const char *host;		/* authserv_id */
	sts_header_sign_fn *sign;
	void *arg;
	bool shows_action;		/* enforcement is on: shows the action */
};

/* Whether an incoming field of this name claims to be ours and must be removed: X-MTA-STS in any case, ignoring white space at
 * either end. Similar names (X-MTA-STS-Foo) do not count. */
bool sts_header_is_ours(const char *name);

/* Makes the field's value, without name and final newline, folded with "\n\t" so that no line is longer than 78 columns (the first
 * includes the name and ": ", a tab counts one). False when it does not fit, which cannot happen with bounded values.
 * Signed are: the queue id, LF, and the field's value up to sig's semicolon, with a space for each fold. A message
 * without queue id is not signed, because its field could be reused. */
bool sts_header_render(const struct sts_header_author *author, const struct sts_evidence *evidence,
    const struct sts_policy_view *policy, const struct sts_verdict *verdict, char out[STS_HEADER_CAP]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * header.h - the text of X-MTA-STS (tags, order, folding, escapes), and which incoming field names are ours.
 *
 * Pure: how a signature is computed, the caller says. Any thread.
 */
#ifndef STS_JUDGE_HEADER_H
#define STS_JUDGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/judge/verdict.h"

#define STS_HEADER_NAME "X-MTA-STS"
enum { STS_HEADER_CAP = 2048, STS_HEADER_COLUMNS = 78 };
enum { STS_HEADER_KEY_MIN = 16, STS_HEADER_KEY_MAX = 64, STS_HEADER_SIG_CAP = 33 };

/* What signs the field; len is 0 when nothing does. */
struct sts_header_key {
	unsigned char bytes[STS_HEADER_KEY_MAX];
	size_t len;
};

/* Makes the value of sig=, 32 hex digits, of text; false when it cannot be made. */
typedef bool sts_header_sign_fn(void *arg, const char *text, size_t len, char out[STS_HEADER_SIG_CAP]);

/* Whose field it is. sign may be NULL: no sig. */
struct sts_header_author {
	const char *host;		/* authserv_id */
	sts_header_sign_fn *sign;
	void *arg;
	bool shows_action;		/* something could be done about mail */
};

/* Whether an incoming field of this name is a claim to be ours and must go: X-MTA-STS in any case, white space at either
 * end ignored. Near names (X-MTA-STS-Foo) are not. */
bool sts_header_is_ours(const char *name);

/* The field's value, without name and without final newline, folded with "\n\t" so that no line (the name and ": " count
 * for the first, the tab counts one) is longer than 78 columns. Returns false when it did not fit, which cannot happen
 * with bounded values.
 * What is signed: the queue id, LF, and the field's value up to sig's semicolon with a space for each fold. A message
 * without queue id is not signed, or its field could be used again. */
bool sts_header_render(const struct sts_header_author *author, const struct sts_evidence *evidence,
    const struct sts_policy_view *policy, const struct sts_verdict *verdict, char out[STS_HEADER_CAP]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * sts_header.h - the text of X-MTA-STS (tags, order, folding, escapes), and which incoming field names are ours.
 *
 * Pure. Any thread.
 */
#ifndef STS_HEADER_H
#define STS_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/sts_verdict.h"

#define STS_HEADER_NAME "X-MTA-STS"
enum { STS_HEADER_CAP = 2048, STS_HEADER_COLUMNS = 78 };

/* Whether an incoming field of this name is a claim to be ours and must go: X-MTA-STS in any case, white space at either
 * end ignored. Near names (X-MTA-STS-Foo) are not. */
bool sts_header_is_ours(const char *name);

/* The field's value, without name and without final newline, folded with "\n\t" so that no line (the name and ": " count
 * for the first, the tab counts one) is longer than 78 columns. Returns false when it did not fit, which cannot happen
 * with bounded values. host is authserv_id. */
bool sts_header_render(const char *host, const struct sts_evidence *evidence, const struct sts_policy_view *policy,
    const struct sts_verdict *verdict, char out[STS_HEADER_CAP]);

#endif

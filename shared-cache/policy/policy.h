/* SPDX-License-Identifier: ISC */
/*
 * policy.h - parses the policy file of RFC 8461 section 3.2, and matches MX hosts (section 4.1).
 *
 * Where the RFC leaves room: the first of duplicate fields wins, even if invalid; names and values are
 * case-sensitive; version may stand anywhere; unknown fields are ignored whatever colons they contain; only LF and CRLF end a
 * line; trailing blank lines are accepted with a warning; max_age above 31557600 counts as 31557600, with a warning. All mx
 * are kept, which may be thousands (our mail to a host left out would wait), but beyond STS_POLICY_ORGS_MAX there is a warning:
 * incoming mail is compared with that many organisational domains only (section 3.2 gives no number).
 * Pure. Any thread; a policy is immutable.
 */
#ifndef STS_POLICY_POLICY_H
#define STS_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/base/status.h"
#include "shared-cache/names/organisation.h"

#define STS_POLICY_TEXT_MAX 65536	/* bytes; a longer text is refused, never truncated */
#define STS_POLICY_MAX_AGE_S 31557600	/* seconds; RFC 8461 section 3.2 */

enum { STS_POLICY_ORGS_MAX = 100 };

enum sts_mode { STS_MODE_NONE, STS_MODE_TESTING, STS_MODE_ENFORCE };	/* in order of strictness */

struct sts_policy {
	enum sts_mode mode;
	uint32_t max_age_s;	/* capped, never raised */
	size_t mx_count;	/* 0 only with STS_MODE_NONE */
	char **mx;		/* as published, but in lower case and with `*.` */
	size_t org_count;	/* 0: sts_policy_find_orgs has not been called, or there is no mx */
	const char **orgs;	/* the organisational domains of mx, each once, the first STS_POLICY_ORGS_MAX */
};

/* STS_OK, STS_EINVAL (diag->error has the line and the fault) or STS_ENOMEM. *out is NULL unless STS_OK; the caller
 * frees it. diag may be NULL. */
enum sts_status sts_policy_parse(const char *text, size_t len, struct sts_policy **out, struct sts_diag *diag);

/* Frees and sets *policy to NULL; *policy may be NULL. */
void sts_policy_free(struct sts_policy **policy);

/* Fills in orgs. Once, and before the policy is shared. */
void sts_policy_find_orgs(struct sts_policy *policy, const struct sts_organisations *organisations);

/* Its memory in bytes. */
size_t sts_policy_size(const struct sts_policy *policy);

/* RFC 8461 section 4.1: `*.` matches exactly one leftmost label; case does not matter; a trailing dot of the host is
 * ignored. False when pattern is not a valid mx value. */
bool sts_policy_mx_matches(const char *pattern, const char *host);

/* Whether pattern is a valid mx value (section 3.2): a host name, with at most one `*.` in front. diag may be NULL. */
bool sts_policy_mx_valid(const char *pattern, size_t len, unsigned line, struct sts_diag *diag);

const char *sts_mode_name(enum sts_mode mode);
bool sts_mode_parse(const char *name, size_t len, enum sts_mode *out);

#endif

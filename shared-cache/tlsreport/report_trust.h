/* SPDX-License-Identifier: ISC */
/*
 * report_trust.h - whether a mailed report really comes from its submitter (RFC 8460 section 3: reporters sign reports with DKIM).
 *
 * We do not verify signatures: our own mail server has done that, and added Authentication-Results. Of these fields, from the top,
 * the first one with a configured authserv-id and a DKIM result decides; one with a foreign authserv-id ends the search, because
 * whatever is below it may come from the sender. The d= that passed must be the submitter's domain or a parent of it; the free-text
 * organisation name proves nothing.
 * Pure. Any thread.
 */
#ifndef STS_TLSREPORT_REPORT_TRUST_H
#define STS_TLSREPORT_REPORT_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/names/domain_set.h"
#include "shared-cache/names/organisation.h"

/* The value of a header field; hostile bytes. */
struct sts_mail_field {
	const char *value;
	size_t len;
};

enum { STS_TRUST_FIELDS_MAX = 64, STS_TRUST_NAMES = 3 };

struct sts_trust_case {
	const struct sts_domain_set *authserv_ids;	/* the authserv-ids to trust */
	const struct sts_domain_set *trusted_reporters;	/* the setting trusted_reporters; NULL: none */
	const struct sts_organisations *organisations;	/* public suffixes sign for nobody below them; NULL: only top-level domains */
	const struct sts_mail_field *results;		/* Authentication-Results, topmost first */
	size_t result_count;
	const struct sts_mail_field *signatures;		/* DKIM-Signature */
	size_t signature_count;
	/* The domains that the report names as its sender, normalised, "" or NULL for none: from TLS-Report-Submitter, the file name or
	 * subject, and contact-info. */
	const char *names[STS_TRUST_NAMES];
};

enum sts_trust {
	STS_TRUST_VERIFIED,	/* by DKIM */
	STS_TRUST_BY_SETTING,	/* one of trusted_reporters signed it, and SPF passed: as good as verified */
	STS_TRUST_NO_VERDICT,	/* our own server wrote no Authentication-Results about DKIM */
	STS_TRUST_UNSIGNED,	/* its result is dkim=none */
	STS_TRUST_KEY_TYPE,	/* signed by the submitter, but not passed: OpenDKIM rejects s=tlsrpt keys; trusted_reporters helps */
	STS_TRUST_FAILED,	/* any other result than pass */
	STS_TRUST_STRANGER,	/* the d= that passed is not the submitter's */
	STS_TRUST_PARTIAL,	/* l=: the signature covers only a part of the body */
	STS_TRUST_NOT_MAILED,	/* a file: nobody vouches for it. Set by the caller, never by sts_trust_judge */
	STS_TRUSTS
};

struct sts_trust_verdict {
	enum sts_trust trust;
	char signer[STS_DOMAIN_CAP];	/* with VERIFIED and BY_SETTING; else "" */
};

void sts_trust_judge(const struct sts_trust_case *c, struct sts_trust_verdict *out);
bool sts_trust_is_good(enum sts_trust trust);
const char *sts_trust_name(enum sts_trust trust);	/* "verified", "unsigned", ...: one word */
const char *sts_trust_text(enum sts_trust trust);	/* the same in a sentence, for people */

/* Whether parent is domain, or a parent of it. Both normalised. */
bool sts_trust_is_parent(const char *parent, const char *domain);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * auth_results.h - parses an Authentication-Results field (RFC 8601): its authserv-id, and the results of DKIM and SPF.
 *
 * Comments, quoted strings, folding and case are handled by the grammar; the field is read up to the first syntax error.
 * Whether to trust the authserv-id is up to the caller.
 * Pure. Any thread.
 */
#ifndef STS_TLSREPORT_AUTH_RESULTS_H
#define STS_TLSREPORT_AUTH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/names/domain.h"

enum { STS_AUTH_DKIM_MAX = 16, STS_AUTH_WORD_CAP = 32, STS_AUTH_VALUE_MAX = 65536 };

struct sts_auth_dkim {
	char result[STS_AUTH_WORD_CAP];	/* "pass", "fail", ...; lower case */
	char domain[STS_DOMAIN_CAP];	/* header.d, or the domain of header.i; "" for none */
	char selector[STS_DOMAIN_CAP];	/* header.s; "" when missing */
	char b[STS_AUTH_WORD_CAP];	/* header.b: the beginning of the signature; "" when missing */
};

struct sts_auth_results {
	char authserv_id[STS_DOMAIN_CAP];	/* lower case */
	struct sts_auth_dkim dkim[STS_AUTH_DKIM_MAX];
	size_t dkim_count;
	char spf[STS_AUTH_WORD_CAP];	/* "" without a result for SPF */
	char mail_from[STS_DOMAIN_CAP];	/* the domain of smtp.mailfrom; "" when missing */
};

/* value: of the field, folded or not. False: not even an authserv-id can be parsed. */
bool sts_auth_results_parse(const char *value, size_t len, struct sts_auth_results *out);

/* Parses the value of a DKIM-Signature: d=, s= and b= (as above), and whether there is an l=, which lets anybody append to
 * the mail. False: there is no d=. */
struct sts_dkim_signature {
	char domain[STS_DOMAIN_CAP], selector[STS_DOMAIN_CAP], b[STS_AUTH_WORD_CAP];
	bool partial;
};
bool sts_dkim_signature_parse(const char *value, size_t len, struct sts_dkim_signature *out);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * auth_results.h - an Authentication-Results field (RFC 8601) -> who wrote it, and what it says of DKIM and SPF.
 *
 * Comments, quoted strings, folding and any case are read as the grammar has them; what cannot be read ends the field there.
 * Whether the writer may be believed is the caller's question.
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
	char selector[STS_DOMAIN_CAP];	/* header.s; "" when it is not said */
	char b[STS_AUTH_WORD_CAP];	/* header.b: the beginning of the signature; "" */
};

struct sts_auth_results {
	char authserv_id[STS_DOMAIN_CAP];	/* lower case */
	struct sts_auth_dkim dkim[STS_AUTH_DKIM_MAX];
	size_t dkim_count;
	char spf[STS_AUTH_WORD_CAP];	/* "" when it says nothing of SPF */
	char mail_from[STS_DOMAIN_CAP];	/* the domain of smtp.mailfrom; "" */
};

/* value: the field's, folded or not. False: not even an authserv-id can be read. */
bool sts_auth_results_parse(const char *value, size_t len, struct sts_auth_results *out);

/* Of a DKIM-Signature's value: d=, s= and b= (as above), and whether there is an l=: then anything may have been appended to
 * the mail. False: there is no d=. */
struct sts_dkim_signature {
	char domain[STS_DOMAIN_CAP], selector[STS_DOMAIN_CAP], b[STS_AUTH_WORD_CAP];
	bool partial;
};
bool sts_dkim_signature_parse(const char *value, size_t len, struct sts_dkim_signature *out);

#endif

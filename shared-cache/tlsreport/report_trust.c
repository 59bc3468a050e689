/* SPDX-License-Identifier: ISC */
/* report_trust.c - decides whether a report counts as verified. Knows no mail, only the fields that it gets. */
#include "config.h"

#include "shared-cache/tlsreport/report_trust.h"

#include <string.h>

#include "shared-cache/tlsreport/auth_results.h"

static const struct {
	const char *name, *text;
} trusts[STS_TRUSTS] = {
	[STS_TRUST_VERIFIED] = { "verified", "signed by the reporter (DKIM)" },
	[STS_TRUST_BY_SETTING] = { "trusted", "signed by one of trusted_reporters, and SPF passed" },
	[STS_TRUST_NO_VERDICT] = { "no-verdict", "no Authentication-Results of ours about DKIM: see authserv_id, report_authserv_ids" },
	[STS_TRUST_UNSIGNED] = { "unsigned", "not signed" },
	[STS_TRUST_KEY_TYPE] = { "key-type",
	    "signed, but not passed; a key for s=tlsrpt alone fails in OpenDKIM: see trusted_reporters" },
	[STS_TRUST_FAILED] = { "failed", "the signature did not pass" },
	[STS_TRUST_STRANGER] = { "stranger", "signed by somebody else than the reporter" },
	[STS_TRUST_PARTIAL] = { "partial", "the signature covers only a part of the mail (l=)" },
	[STS_TRUST_NOT_MAILED] = { "not-mailed", "not a mail: nobody has signed it" },
};

const char *
sts_trust_name(enum sts_trust trust)
{
	return trusts[trust].name;
}

const char *
sts_trust_text(enum sts_trust trust)
{
	return trusts[trust].text;
}

bool
sts_trust_is_good(enum sts_trust trust)
{
	return trust == STS_TRUST_VERIFIED || trust == STS_TRUST_BY_SETTING;
}

bool
sts_trust_is_parent(const char *parent, const char *domain)
{
	size_t p = strlen(parent), d = strlen(domain);

	/* A name without a dot is a top-level domain, which signs no mail. */
	if (strchr(parent, '.') == NULL || d < p || strcmp(domain + d - p, parent) != 0)
		return false;
	return d == p || domain[d - p - 1] == '.';
}

/* A parent, but none above what somebody has registered: co.uk does not speak for those under it. */
static bool
is_submitters(const struct sts_trust_case *c, const char *signer)
{
	for (size_t i = 0; i < STS_TRUST_NAMES; i++)
		if (c->names[i] != NULL && c->names[i][0] != '\0' && sts_trust_is_parent(signer, c->names[i]) &&
		    strlen(signer) >= strlen(sts_organisation_of(c->organisations, c->names[i])))
			return true;
	return false;
}

/* Our first field with a DKIM result; false: there is none above the first foreign one. */
static bool
find_results(const struct sts_trust_case *c, struct sts_auth_results *out)
{
	for (size_t i = 0; i < c->result_count; i++) {
		char id[STS_DOMAIN_CAP];

		if (!sts_auth_results_parse(c->results[i].value, c->results[i].len, out) ||
		    sts_domain_normalise(out->authserv_id, strlen(out->authserv_id), id) != STS_DOMAIN_OK ||
		    !sts_domain_set_contains(c->authserv_ids, id))
			return false;
		if (out->dkim_count > 0)
			return true;
	}
	return false;
}

/* The SPF result may be in another of our fields than DKIM's. */
static bool
spf_passed_for(const struct sts_trust_case *c, const char *domain)
{
	struct sts_auth_results found;
	char id[STS_DOMAIN_CAP];

	for (size_t i = 0; i < c->result_count; i++) {
		if (!sts_auth_results_parse(c->results[i].value, c->results[i].len, &found) ||
		    sts_domain_normalise(found.authserv_id, strlen(found.authserv_id), id) != STS_DOMAIN_OK ||
		    !sts_domain_set_contains(c->authserv_ids, id))
			return false;
		if (found.spf[0] != '\0')
			return strcmp(found.spf, "pass") == 0 && sts_trust_is_parent(domain, found.mail_from);
	}
	return false;
}

/* Whether the result is about this signature: selector and beginning of the signature tell, if the result has them. */
static bool
is_about(const struct sts_auth_dkim *dkim, const struct sts_dkim_signature *signature)
{
	return strcmp(dkim->domain, signature->domain) == 0 &&
	    (dkim->selector[0] == '\0' || strcmp(dkim->selector, signature->selector) == 0) &&
	    strncmp(dkim->b, signature->b, strlen(dkim->b)) == 0;
}

static bool
is_partial(const struct sts_trust_case *c, const struct sts_auth_dkim *dkim)
{
	struct sts_dkim_signature signature;

	for (size_t i = 0; i < c->signature_count; i++)
		if (sts_dkim_signature_parse(c->signatures[i].value, c->signatures[i].len, &signature) && signature.partial &&
		    is_about(dkim, &signature))
			return true;
	return false;
}

/* The domain of a signature that is the submitter's, whatever its result; preferably one of a trusted reporter. */
static bool
signed_by_submitter(const struct sts_trust_case *c, char out[STS_DOMAIN_CAP])
{
	struct sts_dkim_signature signature;
	bool found = false;

	for (size_t i = 0; i < c->signature_count; i++) {
		if (!sts_dkim_signature_parse(c->signatures[i].value, c->signatures[i].len, &signature) ||
		    signature.partial || !is_submitters(c, signature.domain))
			continue;
		strcpy(out, signature.domain);
		found = true;
		if (sts_domain_set_contains(c->trusted_reporters, out))
			break;
	}
	return found;
}

static enum sts_trust
judge_pass(const struct sts_trust_case *c, const struct sts_auth_dkim *dkim)
{
	if (!is_submitters(c, dkim->domain))
		return STS_TRUST_STRANGER;
	return is_partial(c, dkim) ? STS_TRUST_PARTIAL : STS_TRUST_VERIFIED;
}

/* The result when no signature has passed. */
static void
judge_rest(const struct sts_trust_case *c, const struct sts_auth_results *results, struct sts_trust_verdict *out)
{
	char signer[STS_DOMAIN_CAP];

	out->trust = STS_TRUST_UNSIGNED;
	for (size_t i = 0; i < results->dkim_count; i++)
		if (strcmp(results->dkim[i].result, "none") != 0)
			out->trust = STS_TRUST_FAILED;
	if (!signed_by_submitter(c, signer))
		return;
	out->trust = STS_TRUST_KEY_TYPE;
	if (sts_domain_set_contains(c->trusted_reporters, signer) && spf_passed_for(c, signer)) {
		out->trust = STS_TRUST_BY_SETTING;
		strcpy(out->signer, signer);
	}
}

void
sts_trust_judge(const struct sts_trust_case *c, struct sts_trust_verdict *out)
{
	struct sts_auth_results results;
	bool passed = false;

	*out = (struct sts_trust_verdict){ .trust = STS_TRUST_NO_VERDICT };
	if (!find_results(c, &results))
		return;
	for (size_t i = 0; i < results.dkim_count; i++) {
		const struct sts_auth_dkim *dkim = &results.dkim[i];
		enum sts_trust trust;

		if (strcmp(dkim->result, "pass") != 0)
			continue;
		trust = judge_pass(c, dkim);
		if (!passed || trust == STS_TRUST_VERIFIED)
			out->trust = trust;
		passed = true;
		if (trust == STS_TRUST_VERIFIED) {
			strcpy(out->signer, dkim->domain);
			return;
		}
	}
	if (!passed || out->trust == STS_TRUST_STRANGER) {
		struct sts_trust_verdict rest = { .trust = out->trust };

		judge_rest(c, &results, &rest);
		if (!passed || rest.trust == STS_TRUST_BY_SETTING)
			*out = rest;
	}
}

/* SPDX-License-Identifier: ISC */
/* report_advice.c - the table; a lookup takes the first row that matches. */
#include "config.h"

#include "shared-cache/tlsreport/report_advice.h"

#include <string.h>

#include "shared-cache/tlsreport/safe_word.h"

#define CHECK "stsctl check %d"
#define FETCHES "stsctl fetches; stsctl check --public %d"

static const struct sts_advice table[] = {
	{ "starttls-not-supported", "", "", STS_ACT_YES, STS_CAUSED_BY_MX,
	    "The mail exchanger did not offer STARTTLS to this sender, or somebody in between removed it.", CHECK },
	{ "certificate-host-mismatch", "", "", STS_ACT_YES, STS_CAUSED_BY_MX,
	    "The certificate of the mail exchanger does not contain the host name in the MX record.", CHECK },
	{ "certificate-expired", "", "", STS_ACT_YES, STS_CAUSED_BY_MX,
	    "The certificate of the mail exchanger had expired. After a renewal, the server may still be using the old one.",
	    CHECK },
	{ "certificate-not-trusted", "", "", STS_ACT_YES, STS_CAUSED_BY_MX,
	    "The sender does not know the issuer of the certificate: it is self-signed or from a private authority, or the "
	    "intermediate certificate is not sent.", CHECK },
	{ "validation-failure", "mx_hosts_mismatch", "", STS_ACT_YES, STS_CAUSED_BY_POLICY,
	    "The mail exchanger matches none of the policy's mx lines (a `*.' stands for one label only): MX record and "
	    "policy were changed in the wrong order, or an old MX is still in use.", CHECK },
	{ "validation-failure", "", "google.com", STS_ACT_YES, STS_CAUSED_BY_POLICY,
	    "Google reports this, without a reason code, if a mail exchanger matches none of the policy's mx lines, and "
	    "for certificates that fail in other ways.", CHECK },
	{ "validation-failure", "", "microsoft.com", STS_ACT_LOOK, STS_CAUSED_BY_MX,
	    "Microsoft could not validate the mail exchanger and says no more. If check finds nothing even when it happens "
	    "again, a session broke off on their side.", CHECK },
	{ "validation-failure", "", "", STS_ACT_LOOK, STS_CAUSED_BY_MX,
	    "The TLS session failed for a reason that the RFC has no word for: an old protocol version or cipher, a "
	    "handshake that broke off, a name that matches no mx line.", CHECK },
	{ "tlsa-invalid", "", "", STS_ACT_YES, STS_CAUSED_BY_DNS,
	    "No TLSA record matches the certificate of the mail exchanger: DANE senders do not deliver. Usually the key "
	    "was changed at a renewal.", CHECK },
	{ "dnssec-invalid", "", "", STS_ACT_YES, STS_CAUSED_BY_DNS,
	    "The DNSSEC signatures could not be validated: DANE senders do not deliver.", CHECK },
	{ "dane-required", "", "", STS_ACT_NO, STS_CAUSED_BY_SENDER,
	    "The sender insists on DANE for this destination, and there are no TLSA records that it can use. That is its "
	    "own choice.", "" },
	{ "sts-policy-fetch-error", "bad_https_response_code", "", STS_ACT_YES, STS_CAUSED_BY_POLICY,
	    "The policy host answered with a status other than 200, usually 404 from the wrong virtual host.", FETCHES },
	{ "sts-policy-fetch-error", "", "microsoft.com", STS_ACT_LOOK, STS_CAUSED_BY_POLICY,
	    "Microsoft could not fetch the policy and says no more. If others can, check whether its request arrived: none "
	    "in the log means DNS (also IPv6, CAA, DNSSEC) or a firewall that blocks its networks.", FETCHES },
	{ "sts-policy-fetch-error", "", "", STS_ACT_YES, STS_CAUSED_BY_POLICY,
	    "The sender could not fetch the policy: DNS or routing of the policy host, a firewall, a status other than "
	    "200, a redirect, or a slow answer.", FETCHES },
	{ "sts-policy-invalid", "", "", STS_ACT_YES, STS_CAUSED_BY_POLICY,
	    "The sender fetched the policy, but could not parse it.", CHECK },
	{ "sts-webpki-invalid", "", "", STS_ACT_YES, STS_CAUSED_BY_POLICY,
	    "The certificate of the policy host was not valid: expired, for another name, or with an incomplete chain.", CHECK },
	{ "sts-webpki-not-trusted", "", "", STS_ACT_YES, STS_CAUSED_BY_POLICY,
	    "The sender does not know the issuer of the policy host's certificate.", CHECK },
	{ "other", "", "", STS_ACT_LOOK, STS_CAUSED_BY_UNKNOWN,
	    "A result type that RFC 8460 does not define; the reporter's documentation may explain it.", CHECK },
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

static bool
fits(const struct sts_advice *row, const char *result, const char *reason, const char *reporter)
{
	size_t whole = strlen(reporter), part = strlen(row->reporter);

	if (strcmp(row->result, result) != 0 || strncmp(reason, row->reason, strlen(row->reason)) != 0)
		return false;
	return part == 0 || (whole >= part && strcmp(reporter + whole - part, row->reporter) == 0 &&
	    (whole == part || reporter[whole - part - 1] == '.'));
}

const struct sts_advice *
sts_advice_find(const char *result, const char *reason, const char *reporter)
{
	const char *name = sts_report_result_name(sts_report_result_find(result));
	char word[STS_SAFE_WORD_CAP];

	sts_safe_word(reason, STS_SAFE_WORD_CAP, true, word);
	for (size_t i = 0; i < ROWS - 1; i++)
		if (fits(&table[i], name, word, reporter))
			return &table[i];
	return &table[ROWS - 1];
}

const struct sts_advice *
sts_advice_at(size_t index)
{
	return index < ROWS ? &table[index] : NULL;
}

const char *
sts_must_act_name(enum sts_must_act act)
{
	static const char *const names[] = { "no", "look", "yes" };

	return names[act];
}

const char *
sts_advice_cause_name(enum sts_advice_cause cause)
{
	static const char *const names[] = { "mx", "policy", "dns", "sender", "unknown" };

	return names[cause];
}

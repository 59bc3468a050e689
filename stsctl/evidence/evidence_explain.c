/* SPDX-License-Identifier: ISC */
/* evidence_explain.c - the meanings of fields and values (doc/evidence.md), and the order in which they are printed. */
#include "config.h"

#include "stsctl/evidence/evidence_explain.h"

#include <string.h>

#include "stsctl/evidence/evidence_filter.h"
#include "stsctl/evidence/evidence_line.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/wrap.h"

enum { INDENT = 17 };

static const struct {
	const char *field, *value, *meaning;
} meanings[] = {
	{ "aligned", "yes", "the client's verified name belongs to the sender's domain, or to its mail exchangers" },
	{ "aligned", "no", "the client's verified name belongs to somebody else: a forwarder, a service, or a forger" },
	{ "aligned", "unknown", "the client has no verified name" },
	{ "tls", "none", "plaintext: anybody on the way could read and change it" },
	{ "tls", "unknown", "Postfix did not say whether there was TLS" },
	{ "identity", "mailfrom", "the domain is that of the envelope sender" },
	{ "identity", "helo", "the envelope sender was empty, the domain is that of the HELO name" },
	{ "policy", "enforce", "the domain requires TLS for mail to it" },
	{ "policy", "testing", "the domain tests TLS for mail to it: failures are only reported" },
	{ "policy", "none", "the domain announces that it no longer has a policy" },
	{ "policy", "absent", "the domain publishes no policy" },
	{ "policy", "unknown", "the domain's policy could not be used, or not be found out" },
	{ "result", "pass", "adequate TLS, and a policy of mode enforce or testing" },
	{ "result", "fail", "the policy says enforce, but this message came without adequate TLS" },
	{ "result", "softfail", "the policy says testing, but this message came without adequate TLS" },
	{ "result", "neutral", "there is a policy, but the session's TLS is unknown" },
	{ "result", "none", "there is no policy to compare with" },
	{ "result", "temperror", "the policy could not be found out yet" },
	{ "result", "permerror", "a policy is announced, but cannot be used" },
	{ "reason", "plaintext", "the session had no TLS" },
	{ "reason", "tls-version", "the version of TLS is older than min_tls_version" },
	{ "reason", "cipher", "the cipher is one of weak_ciphers, or has fewer than min_cipher_bits" },
	{ "reason", "tls-unknown", "Postfix did not say whether there was TLS" },
	{ "reason", "pending", "the lookup was still under way when policy_wait was over" },
	{ "reason", "dns-timeout", "DNS did not answer in time" },
	{ "reason", "dns-failure", "DNS answered with an error" },
	{ "reason", "record-invalid", "the TXT record at _mta-sts cannot be used" },
	{ "reason", "fetch-timeout", "the policy host did not answer in time" },
	{ "reason", "fetch-connect", "nobody listens at the policy host" },
	{ "reason", "fetch-tls", "the policy host's certificate is not valid" },
	{ "reason", "fetch-status", "the policy host answered with a status other than 200" },
	{ "reason", "fetch-type", "the policy host sent a content type other than text/plain" },
	{ "reason", "fetch-size", "the policy is longer than 64 KiB" },
	{ "reason", "fetch-refused", "the policy host has no address that may be connected to" },
	{ "reason", "policy-invalid", "the policy's text is not valid" },
	{ "reason", "overload", "too many lookups were waiting" },
	{ "history", "always-tls", "the domain's own clients have long used TLS, and did again" },
	{ "history", "downgrade", "the domain's own clients have long used TLS, but not this time" },
	{ "requiretls", "yes", "the sender asked for TLS on every hop (RFC 8689)" },
	{ "action", "accept", "nothing was done about it" },
	{ "action", "quarantine", "Postfix was told to hold it" },
	{ "action", "tempfail", "it was refused for now (4xx)" },
	{ "action", "reject", "it was refused (5xx)" },
	{ "action", "would-quarantine", "it would have been held, but was only marked" },
	{ "action", "would-tempfail", "it would have been refused for now, but was only marked" },
	{ "action", "would-reject", "it would have been refused, but was only marked" },
	{ "cause", "sender-policy", "because of what the sender's domain publishes" },
	{ "cause", "recipient-policy", "because of what our own domain publishes" },
	{ "cause", "sender-rule", "because of a line in domain_rules about the sender" },
	{ "cause", "recipient-rule", "because of a line in domain_rules about the recipient" },
	{ "cause", "downgrade", "because of downgrade_action" },
	{ "cause", "forged-fields", "because of more than max_forged_fields X-MTA-STS fields" },
};

/* The order: the client, the session, the sender; what the domain publishes, the result, the action. */
static const struct {
	const char *field, *label;
} order[] = {
	{ "node", "milter" },
	{ "client", "client" },
	{ "tls", "TLS" },
	{ "cipher", "cipher" },
	{ "bits", "bits" },
	{ "sni", "asked for host" },
	{ "domain", "sender domain" },
	{ "identity", "identity" },
	{ "aligned", "aligned" },
	{ "requiretls", "REQUIRETLS" },
	{ "policy", "policy" },
	{ "id", "policy id" },
	{ "result", "result" },
	{ "reason", "reason" },
	{ "history", "history" },
	{ "rcpt", "our policy" },
	{ "rcpts", "accepted for" },
	{ "refused_rcpts", "refused for" },
	{ "action", "action" },
	{ "cause", "cause" },
};

const char *
evidence_meaning(const char *field, const char *value)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].field, field) == 0 && strcmp(meanings[i].value, value) == 0)
			return meanings[i].meaning;
	return NULL;
}

static void
print_field(const struct sts_query_entry *entry, const char *field, const char *label, size_t width, FILE *to)
{
	char value[EVIDENCE_VALUE_CAP];
	const char *meaning;

	if (strcmp(evidence_word(entry, field, value), "-") == 0)
		return;
	meaning = evidence_meaning(field, value);
	fprintf(to, "  %-*s%s%s", INDENT - 2, label, value, meaning != NULL ? ":" : "");
	if (meaning != NULL)
		(void)wrap_words(meaning, INDENT + strlen(value) + 1, INDENT, width, to);
	putc('\n', to);
}

void
evidence_explain(const struct sts_query_entry *entry, int64_t now, size_t width, FILE *to)
{
	char value[EVIDENCE_VALUE_CAP], time[HUMAN_TIME_CAP], age[HUMAN_AGE_CAP];
	int64_t when = evidence_time(entry);

	fprintf(to, "%s, %s (%s)\n", evidence_word(entry, "queue_id", value), human_time(when, time), human_age(when, now, age));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		print_field(entry, order[i].field, order[i].label, width, to);
	fprintf(to, "  %-*s%s\n", INDENT - 2, "stream entry", entry->id);
}

/* SPDX-License-Identifier: ISC */
/* domain_rule_check.c - compares a rule with a message: whether it applies, what is lacking, what to do. Does not parse. */
#include "config.h"

#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/enforcement/domain_rules_private.h"

static const char *const unmet_names[STS_UNMET_COUNT] = {
	[STS_UNMET_NOTHING] = "nothing",
	[STS_UNMET_TLS] = "tls",
	[STS_UNMET_VERSION] = "version",
	[STS_UNMET_CIPHER] = "cipher",
	[STS_UNMET_CERT] = "cert",
	[STS_UNMET_CLIENT] = "client",
};

const char *
sts_unmet_name(enum sts_unmet unmet)
{
	return (unsigned)unmet < STS_UNMET_COUNT ? unmet_names[unmet] : "";
}

const char *
sts_rule_kind_name(enum sts_rule_kind kind)
{
	switch (kind) {
	case STS_RULE_REQUIRE:
		return "require";
	case STS_RULE_OPTIONAL:
		return "optional";
	case STS_RULE_EXEMPT:
		return "exempt";
	}
	return "";
}

const char *
sts_rule_side_prefix(enum sts_rule_side side)
{
	return side == STS_RULE_RCPT ? "rcpt:" : "";
}

/* `*` matches any bytes, `?` one; case does not matter. After a mismatch the last `*` takes one more byte: earlier ones need not be
 * tried again, so the cost is at most the product of the two lengths. */
static bool
glob_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			resume = text;
		} else if (*pattern == '?' || sts_ascii_lower(*pattern) == sts_ascii_lower(*text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool
name_matches(const char *pattern, const char *name)
{
	size_t plen = strlen(pattern), len = strlen(name);

	if (pattern[0] == '.')
		return len > plen && memcmp(name + len - plen, pattern, plen) == 0;
	return strcmp(pattern, name) == 0;
}

static bool
any_name_matches(const char *names, const char *client_name)
{
	char name[STS_DOMAIN_CAP];

	/* "unknown" could be a host name, but here it is Postfix's word for having none. */
	if (client_name == NULL || sts_domain_normalise(client_name, strlen(client_name), name) != STS_DOMAIN_OK ||
	    strcmp(name, "unknown") == 0)
		return false;
	for (; *names != '\0'; names += strlen(names) + 1) {
		if (name_matches(names, name))
			return true;
	}
	return false;
}

static bool
client_matches(const struct sts_rule_clients *clients, const struct sts_rule_session *session)
{
	if (clients == NULL)
		return true;
	if (clients->networks != NULL && session->client != NULL && sts_netlist_contains(clients->networks, session->client))
		return true;
	return any_name_matches(clients->names, session->client_name);
}

static bool
common_name_matches(const char *pattern, const char *name)
{
	return pattern == NULL || (name != NULL && name[0] != '\0' && glob_matches(pattern, name));
}

static bool
cert_matches(const struct sts_domain_rule *rule, const struct sts_rule_session *session)
{
	return !session->cert_told || (common_name_matches(rule->cert_subject, session->cert_subject) &&
	    common_name_matches(rule->cert_issuer, session->cert_issuer));
}

bool
sts_domain_rule_applies(const struct sts_domain_rule *rule, const struct sts_rule_session *session)
{
	return rule->kind == STS_RULE_REQUIRE || (cert_matches(rule, session) && client_matches(rule->clients, session));
}

enum sts_unmet
sts_domain_rule_check(const struct sts_domain_rule *rule, const struct sts_tls *tls, const struct sts_tls_rules *tls_rules,
    const struct sts_rule_session *session)
{
	struct sts_tls_rules wanted = *tls_rules;
	enum sts_reason reason;

	if (rule->kind != STS_RULE_REQUIRE)
		return STS_UNMET_NOTHING;
	if (rule->min_version != 0)
		wanted.min_version = rule->min_version;
	reason = sts_tls_rate(tls, &wanted);
	/* Behind a front end that terminates TLS, nothing is known of the client: not its certificate, and often not its address. */
	if (reason == STS_REASON_TLS_UNKNOWN)
		return STS_UNMET_NOTHING;
	if (reason == STS_REASON_PLAINTEXT)
		return STS_UNMET_TLS;
	if (reason == STS_REASON_TLS_VERSION)
		return STS_UNMET_VERSION;
	if (reason == STS_REASON_CIPHER)
		return STS_UNMET_CIPHER;
	if (!cert_matches(rule, session))
		return STS_UNMET_CERT;
	return client_matches(rule->clients, session) ? STS_UNMET_NOTHING : STS_UNMET_CLIENT;
}

enum sts_action
sts_domain_rule_action(const struct sts_domain_rule *rule, enum sts_unmet unmet, const struct sts_rule_session *session)
{
	if (unmet == STS_UNMET_NOTHING)
		return STS_ACTION_ACCEPT;
	if (rule->action == STS_ACTION_REJECT && session->client_name_pending)
		return STS_ACTION_TEMPFAIL;
	return rule->action;
}

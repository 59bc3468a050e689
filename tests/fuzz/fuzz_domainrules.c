/* SPDX-License-Identifier: ISC */
/*
 * fuzz_domainrules.c - any file of domain rules, and questions to it from the same input: an input is the text, a NUL, a
 * domain, a NUL, and the name of a client and of a certificate.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/names/domain.h"
#include "tests/fuzz/fuzz.h"

static const int64_t now = 1800000000;

struct told {
	unsigned last;
	size_t count;
	bool more;
};

static void
check_note(void *arg, unsigned line, const char *text)
{
	struct told *told = arg;

	MUST(!told->more && ++told->count <= STS_RULES_NOTES + 1);
	MUST(line >= told->last || (line == 0 && told->count == STS_RULES_NOTES + 1));
	told->more = line == 0;
	told->last = line;
	MUST(text[0] != '\0');
	for (const char *c = text; *c != '\0'; c++)
		MUST((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f);
}

static void
check_rule(const struct sts_domain_rule *rule, const char *domain, const struct sts_rule_session *session)
{
	static const char *const no_weak[] = { NULL };
	static const struct sts_tls_rules tls_rules = { 4, 128, no_weak };
	const size_t len = strlen(domain), plen = strlen(rule->pattern);
	struct sts_tls tls = { .state = STS_TLS_UNKNOWN, .bits = -1 };
	char normal[STS_DOMAIN_CAP];
	enum sts_unmet unmet;

	/* the pattern is in normal form, and matches this domain */
	MUST(sts_domain_normalise(rule->pattern + (rule->pattern[0] == '.'), plen - (rule->pattern[0] == '.'), normal) ==
	    STS_DOMAIN_OK && strcmp(normal, rule->pattern + (rule->pattern[0] == '.')) == 0);
	MUST(rule->pattern[0] == '.' ? plen < len : plen == len);
	MUST(memcmp(domain + len - plen, rule->pattern, plen) == 0);
	MUST(rule->from <= rule->until && rule->from <= now / 86400 && rule->until >= now / 86400);
	MUST(rule->kind == STS_RULE_REQUIRE || (rule->action == STS_ACTION_ACCEPT && rule->min_version == 0));
	/* unknown TLS never fails; plaintext fails exactly the rules that require TLS */
	MUST(sts_domain_rule_check(rule, &tls, &tls_rules, session) == STS_UNMET_NOTHING);
	tls.state = STS_TLS_NONE;
	unmet = sts_domain_rule_check(rule, &tls, &tls_rules, session);
	MUST(unmet == (rule->kind == STS_RULE_REQUIRE ? STS_UNMET_TLS : STS_UNMET_NOTHING));
	MUST(sts_domain_rule_action(rule, unmet, session) == (unmet != STS_UNMET_NOTHING ? rule->action : STS_ACTION_ACCEPT));
	tls = (struct sts_tls){ STS_TLS_SECURED, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256 };
	unmet = sts_domain_rule_check(rule, &tls, &tls_rules, session);
	MUST(unmet == STS_UNMET_NOTHING || (unmet == STS_UNMET_CERT && rule->cert_subject != NULL) ||
	    (unmet == STS_UNMET_CLIENT && rule->clients != NULL));
}

static void
ask(const struct sts_domain_rules *rules, const char *name, const char *who)
{
	static const struct sts_ipaddr client = { { 192, 0, 2, 1 }, 4 };
	const struct sts_rule_session session = { &client, who, false, true, who, who };
	char domain[STS_DOMAIN_CAP];

	if (sts_domain_normalise(name, strlen(name), domain) != STS_DOMAIN_OK)
		return;
	for (unsigned side = 0; side < STS_RULE_SIDES; side++) {
		const struct sts_domain_rule *rule = sts_domain_rules_find(rules, (enum sts_rule_side)side, domain, &session, now);

		if (rule == NULL)
			continue;
		MUST(rule->side == side);
		check_rule(rule, domain, &session);
	}
	(void)sts_domain_rules_find_role(rules, who, domain, &session, now);
	(void)sts_domain_rules_find_role(rules, "abuse", domain, &session, now);
}

/* The bytes of text up to a NUL, or to its end, terminated; the caller frees. */
static char *
next_string(const char **text, size_t *size)
{
	const char *nul = memchr(*text, '\0', *size);
	size_t len = nul != NULL ? (size_t)(nul - *text) : *size;
	char *copy = malloc(len + 1);

	MUST(copy != NULL);
	memcpy(copy, *text, len);
	copy[len] = '\0';
	*text += len + (nul != NULL ? 1 : 0);
	*size -= len + (nul != NULL ? 1 : 0);
	return copy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t left = size;
	char *file = next_string(&text, &left), *domain = next_string(&text, &left), *who = next_string(&text, &left);
	struct sts_domain_rules *rules, *again;
	struct told mistakes = { 0 }, warnings = { 0 }, all = { 0 };
	enum sts_status status = sts_domain_rules_parse(file, strlen(file), check_note, &mistakes, &rules);

	MUST(status == STS_OK || status == STS_EINVAL);
	MUST((rules != NULL) == (status == STS_OK) && (mistakes.count == 0) == (status == STS_OK));
	if (rules != NULL) {
		sts_domain_rules_warn(rules, now, check_note, &warnings);
		ask(rules, domain, who);
	}
	sts_domain_rules_free(&rules);
	/* the whole input, with its NULs */
	(void)sts_domain_rules_parse((const char *)data, size, check_note, &all, &again);
	sts_domain_rules_free(&again);
	free(file);
	free(domain);
	free(who);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* mx_judge.c - finds hosts that match no mx, mx patterns that match no host, and patterns that match other people's hosts. */
#include "config.h"

#include "stsctl/diagnosis/mx_judge.h"

#include <stdio.h>
#include <string.h>

#include <libpsl.h>

#include "shared-cache/base/text.h"
#include "stsctl/diagnosis/dane_judge.h"

enum { LIST_CAP = CHECK_MX_MAX * (STS_DOMAIN_CAP + 16), LINE_CAP = STS_DOMAIN_CAP + 80 };

static bool
matches_any(const struct sts_policy *policy, const char *host)
{
	for (size_t i = 0; i < policy->mx_count; i++)
		if (sts_policy_mx_matches(policy->mx[i], host))
			return true;
	return false;
}

static bool
holds_to_mx(const struct sts_policy *policy)
{
	return policy != NULL && policy->mode != STS_MODE_NONE;
}

/* Returns whether all hosts are covered. */
static bool
judge_hosts(struct check_facts *facts, struct findings *out)
{
	char seen[LINE_CAP], fix[LINE_CAP];
	bool all = true;
	bool enforced = facts->policy != NULL && facts->policy->mode == STS_MODE_ENFORCE;

	for (size_t i = 0; i < facts->mx_count; i++) {
		struct check_mx *mx = &facts->mx[i];

		mx->covered = !holds_to_mx(facts->policy) || matches_any(facts->policy, mx->host);
		if (mx->covered)
			continue;
		all = false;
		snprintf(seen, sizeof(seen), "preference %u; it matches no mx of the policy", mx->preference);
		snprintf(fix, sizeof(fix), "mx: %s", mx->host);
		findings_add(out, enforced ? FINDING_FAIL : FINDING_WARN, "mx.not-covered", mx->host, seen, fix);
	}
	return all;
}

/* A policy may have thousands of lines; STS_POLICY_ORGS_MAX of them are shown. */
static void
judge_patterns(const struct check_facts *facts, struct findings *out)
{
	size_t unused = 0;
	char rest[LINE_CAP];

	for (size_t i = 0; i < facts->policy->mx_count; i++) {
		const char *pattern = facts->policy->mx[i];
		bool used = false;

		for (size_t k = 0; k < facts->mx_count; k++)
			used = used || sts_policy_mx_matches(pattern, facts->mx[k].host);
		if (!used && unused++ < STS_POLICY_ORGS_MAX)
			findings_add(out, FINDING_INFO, "mx.unused", pattern, "no MX record of the domain names such a host",
			    "remove the line from the policy, unless the host is about to be used");
	}
	if (unused > STS_POLICY_ORGS_MAX) {
		snprintf(rest, sizeof(rest), "and %zu more lines that match no MX record", unused - STS_POLICY_ORGS_MAX);
		findings_add(out, FINDING_INFO, "mx.unused", facts->domain, rest, NULL);
	}
}

/* Reports only clear cases: a wildcard directly below a public suffix matches anybody's names; one directly below another organisation's
 * domain matches all of its hosts. */
static void
judge_width(const struct check_facts *facts, struct findings *out)
{
	psl_ctx_t *psl = psl_latest(NULL);
	const char *own = psl != NULL ? psl_registrable_domain(psl, facts->domain) : NULL;

	for (size_t i = 0; psl != NULL && i < facts->policy->mx_count && i < STS_POLICY_ORGS_MAX; i++) {
		const char *pattern = facts->policy->mx[i], *parent = pattern + 2, *whole;

		if (strncmp(pattern, "*.", 2) != 0)
			continue;
		if (psl_is_public_suffix(psl, parent)) {
			findings_add(out, FINDING_WARN, "mx.wide", pattern,
			    "anybody can register a name below this public suffix", "name the hosts one by one");
			continue;
		}
		whole = psl_registrable_domain(psl, parent);
		if (whole != NULL && strcmp(parent, whole) == 0 && (own == NULL || strcmp(parent, own) != 0))
			findings_add(out, FINDING_INFO, "mx.wide", pattern,
			    "all hosts of another organisation's domain match, not only its mail exchangers",
			    "name the hosts one by one");
	}
	psl_free(psl);
}

bool
mx_is_listed_before(const struct check_facts *facts, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(facts->mx[i].host, facts->mx[index].host) == 0)
			return true;
	}
	return false;
}

static void
list_hosts(const struct check_facts *facts, bool (*wanted)(const struct check_mx *mx), char out[LIST_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, LIST_CAP);
	for (size_t i = 0; i < facts->mx_count; i++)
		if (wanted(&facts->mx[i]))
			sts_text_addf(&text, "%s%u %s", text.len > 0 ? ", " : "", facts->mx[i].preference, facts->mx[i].host);
}

static bool
is_any(const struct check_mx *mx)
{
	(void)mx;
	return true;
}

static bool
is_dane(const struct check_mx *mx)
{
	return mx->dane == CHECK_DANE;
}

static bool
is_dane_alone(const struct check_mx *mx)
{
	return is_dane(mx) && !mx->covered;
}

static bool
is_unsigned_domain(const struct check_mx *mx)
{
	return mx->dane == CHECK_DANE_UNSIGNED_DOMAIN;
}

/* Judges the records of each host once. */
static void
judge_tlsa(const struct check_facts *facts, struct findings *out)
{
	char list[LIST_CAP];

	for (size_t i = 0; i < facts->mx_count; i++) {
		const struct check_mx *mx = &facts->mx[i];

		if (mx_is_listed_before(facts, i))
			continue;
		if (mx->dane == CHECK_DANE)
			dane_judge_records(mx->host, &mx->tlsa, out);
		else if (mx->dane == CHECK_DANE_UNSIGNED_HOST)
			findings_add(out, FINDING_WARN, "dane.unsigned-host", mx->host,
			    "has TLSA records that senders cannot trust: its zone, or a zone above it, is not signed",
			    "sign the host's zone, or remove the TLSA records");
		else if (mx->dane == CHECK_DANE_UNSIGNED)
			findings_add(out, FINDING_INFO, "dane.unsigned-host", mx->host, "has TLSA records that nothing secures: "
			    "neither the domain's zone nor the host's is signed, or the resolver that was queried does not validate",
			    "sign both zones; stsctl doctor (dane.resolver) says whether this machine's resolver validates");
	}
	list_hosts(facts, is_unsigned_domain, list);
	if (list[0] != '\0')
		findings_add(out, FINDING_INFO, "dane.unsigned-domain", facts->domain, list,
		    "sign the domain's zone: the hosts are ready for DANE");
}

/* Senders that support DANE (RFC 7672) require TLS for these hosts, whatever the policy says. */
static void
judge_dane(const struct check_facts *facts, struct findings *out)
{
	char list[LIST_CAP], seen[LIST_CAP + 200];

	judge_tlsa(facts, out);
	list_hosts(facts, is_dane, list);
	if (list[0] == '\0')
		return;
	findings_add(out, FINDING_INFO, "dane.present", facts->domain, list, NULL);
	if (facts->policy == NULL)
		return;
	if (facts->policy->mode == STS_MODE_NONE) {
		snprintf(seen, sizeof(seen), "senders that support DANE require TLS for these hosts; with mode none, others do not: %s",
		    list);
		findings_add(out, FINDING_INFO, "dane.conflict", facts->domain, seen, NULL);
		return;
	}
	list_hosts(facts, is_dane_alone, list);
	snprintf(seen, sizeof(seen), "these hosts have TLSA records, but the policy does not name them: %s", list);
	if (list[0] != '\0')
		findings_add(out, FINDING_WARN, "dane.conflict", facts->domain, seen, "add the hosts to the policy");
}

void
mx_judge(struct check_facts *facts, struct findings *out)
{
	char list[LIST_CAP];

	if (facts->null_mx) {
		findings_add(out, FINDING_INFO, "mx.null", facts->domain, "the domain accepts no mail",
		    holds_to_mx(facts->policy) ? "retire the policy: there is no mail for it to protect" : NULL);
		return;
	}
	list_hosts(facts, is_any, list);
	if (judge_hosts(facts, out) && list[0] != '\0')
		findings_add(out, FINDING_PASS, "mx.ok", facts->domain, list, NULL);
	if (holds_to_mx(facts->policy)) {
		judge_patterns(facts, out);
		judge_width(facts, out);
	}
	judge_dane(facts, out);
}

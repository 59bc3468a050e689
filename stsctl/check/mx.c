/* SPDX-License-Identifier: ISC */
/* check/mx.c - looks up a domain's MX records and their TLSA records. mx_judge.c judges them. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/check/check.h"
#include "stsctl/check/dns_lookup.h"
#include "stsctl/diagnosis/mx_judge.h"

enum { SEEN_CAP = 2 * STS_DOMAIN_CAP + 80 };

/* NULL when the lookup failed, which is noted in out. */
static struct sts_dns_reply *
ask(const struct check_env *env, const char *name, enum sts_dns_type type, struct findings *out)
{
	struct sts_dns_reply *reply = check_dns_ask(env, name, type, out);

	if (reply != NULL && sts_dns_reply_failed(reply)) {
		findings_add(out, FINDING_WARN, "mx.lookup", name, reply->why, NULL);
		findings_set_unsure(out);
		sts_dns_reply_free(&reply);
	}
	return reply;
}

/* ---- the records ---- */

static int
by_preference(const void *a, const void *b)
{
	const struct check_mx *left = a, *right = b;

	if (left->preference != right->preference)
		return left->preference < right->preference ? -1 : 1;
	return strcmp(left->host, right->host);
}

static void
take_records(const struct sts_dns_reply *reply, struct check_facts *facts, struct findings *out)
{
	size_t roots = 0, count = 0;

	for (size_t i = 0; i < reply->count; i++) {
		const struct sts_dns_record *record = &reply->records[i];
		struct check_mx *mx = &facts->mx[facts->mx_count];

		if (record->type != STS_DNS_MX)
			continue;
		count++;
		if (record->target[0] == '\0')
			roots++;
		else if (facts->mx_count < CHECK_MX_MAX) {
			*mx = (struct check_mx){ .preference = record->preference, .covered = true };
			snprintf(mx->host, sizeof(mx->host), "%s", record->target);
			facts->mx_count++;
		}
	}
	qsort(facts->mx, facts->mx_count, sizeof(facts->mx[0]), by_preference);
	facts->null_mx = roots > 0 && roots == count;
	if (count - roots > CHECK_MX_MAX) {
		findings_add(out, FINDING_WARN, "check.trouble", facts->domain, "more MX records than this command checks", NULL);
		findings_set_unsure(out);
	}
	if (roots > 0 && roots < count)
		findings_add(out, FINDING_WARN, "mx.null", facts->domain, "there are other MX records beside a null MX",
		    "a null MX must be the only MX record (RFC 7505 section 3)");
}

/* Without MX records, mail goes to the addresses of the domain itself. */
static void
fall_back(const struct check_env *env, struct check_facts *facts, struct findings *out)
{
	static const enum sts_dns_type types[] = { STS_DNS_A, STS_DNS_AAAA };
	bool found = false;
	char fix[2 * STS_DOMAIN_CAP + 40];

	snprintf(fix, sizeof(fix), "%s. IN MX 10 MAIL-HOST.%s.", facts->domain, facts->domain);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !found; i++) {
		struct sts_dns_reply *reply = ask(env, facts->domain, types[i], out);

		if (reply == NULL)
			return;
		found = reply->outcome == STS_DNS_REPLY_ANSWER;
		sts_dns_reply_free(&reply);
	}
	if (!found) {
		findings_add(out, FINDING_FAIL, "mx.missing", facts->domain,
		    "neither MX records nor an address: the domain cannot receive mail", fix);
		return;
	}
	findings_add(out, FINDING_WARN, "mx.missing", facts->domain,
	    "no MX records: mail goes to the address of the domain itself", fix);
	facts->mx[0] = (struct check_mx){ .covered = true };
	snprintf(facts->mx[0].host, sizeof(facts->mx[0].host), "%s", facts->domain);
	facts->mx_count = 1;
}

/* ---- each host ---- */

/* The DNS records that lead to a host's TLSA records. */
struct dane_path {
	bool mx_is_signed, host_is_signed;	/* the resolver validated them (AD): the MX records, the addresses */
	char target[STS_DOMAIN_CAP];		/* the target of the host's aliases; the host itself when there are none */
};

static void
check_alias(const struct check_env *env, const struct check_mx *mx, struct dane_path *dane_path, struct findings *out)
{
	struct sts_dns_reply *reply = check_dns_ask(env, mx->host, STS_DNS_A, out);
	char seen[SEEN_CAP];

	dane_path->host_is_signed = reply != NULL && reply->authentic;
	snprintf(dane_path->target, sizeof(dane_path->target), "%s", reply != NULL && reply->name[0] != '\0' ? reply->name : mx->host);
	if (reply != NULL && strcmp(reply->name, mx->host) != 0 && !sts_dns_reply_failed(reply)) {
		snprintf(seen, sizeof(seen), "an alias of %s", reply->name);
		findings_add(out, FINDING_WARN, "mx.cname", mx->host, seen, "make the MX record name the host itself");
	}
	sts_dns_reply_free(&reply);
}

static enum check_dane
dane_status(const struct dane_path *dane_path, bool tlsa_is_signed)
{
	if (dane_path->host_is_signed && tlsa_is_signed)
		return dane_path->mx_is_signed ? CHECK_DANE : CHECK_DANE_UNSIGNED_DOMAIN;
	return dane_path->mx_is_signed ? CHECK_DANE_UNSIGNED_HOST : CHECK_DANE_UNSIGNED;
}

static struct sts_dns_reply *
ask_tlsa(const struct check_env *env, const char *host, struct findings *out)
{
	char name[STS_DOMAIN_CAP + 16];

	snprintf(name, sizeof(name), "_25._tcp.%s", host);
	return check_dns_ask(env, name, STS_DNS_TLSA, out);
}

/* For an alias, the TLSA records of its target count; those of the alias only if the target has none (RFC 7672 section 2.2.2). */
static void
check_tlsa(const struct check_env *env, const struct dane_path *dane_path, struct check_mx *mx, struct findings *out)
{
	struct sts_dns_reply *reply;

	reply = ask_tlsa(env, dane_path->target, out);
	if (reply != NULL && strcmp(dane_path->target, mx->host) != 0 && !sts_dns_reply_failed(reply) &&
	    reply->outcome != STS_DNS_REPLY_ANSWER) {
		sts_dns_reply_free(&reply);
		reply = ask_tlsa(env, mx->host, out);
	}
	if (reply != NULL && reply->outcome == STS_DNS_REPLY_ANSWER) {
		mx->dane = dane_status(dane_path, reply->authentic);
		dane_records_read(reply, &mx->tlsa);
	}
	if (reply != NULL && sts_dns_reply_failed(reply) && dane_path->mx_is_signed && dane_path->host_is_signed) {
		findings_add(out, FINDING_WARN, "dane.lookup", mx->host, reply->why, NULL);
		findings_set_unsure(out);
	}
	sts_dns_reply_free(&reply);
}

void
check_mx(const struct check_env *env, struct check_facts *facts, struct findings *out)
{
	struct sts_dns_reply *reply = ask(env, facts->domain, STS_DNS_MX, out);
	struct dane_path dane_path = { .mx_is_signed = reply != NULL && reply->authentic };

	if (reply == NULL)
		return;
	if (reply->outcome == STS_DNS_REPLY_ANSWER)
		take_records(reply, facts, out);
	else
		fall_back(env, facts, out);
	sts_dns_reply_free(&reply);
	for (size_t i = 0; i < facts->mx_count; i++) {
		check_alias(env, &facts->mx[i], &dane_path, out);
		check_tlsa(env, &dane_path, &facts->mx[i], out);
	}
	if (facts->mx_count > 0 || facts->null_mx)
		mx_judge(facts, out);
}

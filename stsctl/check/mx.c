/* SPDX-License-Identifier: ISC */
/* check/mx.c - asks for the mail exchangers of a domain and for their TLSA records. What they are worth is told by mx_judge.c. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/check/ask.h"
#include "stsctl/check/check.h"
#include "stsctl/diagnosis/mx_judge.h"

enum { SEEN_CAP = 2 * STS_DOMAIN_CAP + 80 };

/* NULL when nothing was learnt, which out then knows. */
static struct dns_reply *
ask(const struct check_means *means, const char *name, enum dns_type type, struct findings *out)
{
	struct dns_reply *reply = check_ask(means, name, type, out);

	if (reply != NULL && dns_reply_failed(reply)) {
		findings_add(out, FINDING_WARN, "mx.lookup", name, reply->why, NULL);
		findings_unsure(out);
		dns_reply_free(&reply);
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
take_records(const struct dns_reply *reply, struct check_facts *facts, struct findings *out)
{
	size_t roots = 0, count = 0;

	for (size_t i = 0; i < reply->count; i++) {
		const struct dns_record *record = &reply->records[i];
		struct check_mx *mx = &facts->mx[facts->mx_count];

		if (record->type != DNS_MX)
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
		findings_add(out, FINDING_WARN, "check.trouble", facts->domain, "more MX records than are looked at here", NULL);
		findings_unsure(out);
	}
	if (roots > 0 && roots < count)
		findings_add(out, FINDING_WARN, "mx.null", facts->domain, "a null MX stands beside other MX records",
		    "a null MX must be the only MX record (RFC 7505 section 3)");
}

/* Without MX records, mail goes to the addresses of the domain itself. */
static void
fall_back(const struct check_means *means, struct check_facts *facts, struct findings *out)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	bool found = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !found; i++) {
		struct dns_reply *reply = ask(means, facts->domain, types[i], out);

		if (reply == NULL)
			return;
		found = reply->outcome == DNS_ANSWER;
		dns_reply_free(&reply);
	}
	if (!found) {
		findings_add(out, FINDING_FAIL, "mx.missing", facts->domain,
		    "neither MX records nor an address: no mail can be sent there", NULL);
		return;
	}
	findings_add(out, FINDING_WARN, "mx.missing", facts->domain,
	    "no MX records: mail goes to the address of the domain itself", NULL);
	facts->mx[0] = (struct check_mx){ .covered = true };
	snprintf(facts->mx[0].host, sizeof(facts->mx[0].host), "%s", facts->domain);
	facts->mx_count = 1;
}

/* ---- what is known of each host ---- */

static void
check_alias(const struct check_means *means, const struct check_mx *mx, struct findings *out)
{
	struct dns_reply *reply = check_ask(means, mx->host, DNS_A, out);
	char seen[SEEN_CAP];

	if (reply != NULL && strcmp(reply->name, mx->host) != 0 && !dns_reply_failed(reply)) {
		snprintf(seen, sizeof(seen), "an alias of %s", reply->name);
		findings_add(out, FINDING_WARN, "mx.cname", mx->host, seen, "let the MX record name the host itself");
	}
	dns_reply_free(&reply);
}

/* TLSA records count only when the MX records are vouched for, too (RFC 7672 section 2.2.1). */
static void
check_tlsa(const struct check_means *means, struct check_mx *mx, struct findings *out)
{
	char name[STS_DOMAIN_CAP + 16];
	struct dns_reply *reply;

	snprintf(name, sizeof(name), "_25._tcp.%s", mx->host);
	reply = check_ask(means, name, DNS_TLSA, out);
	mx->dane = reply != NULL && reply->outcome == DNS_ANSWER && reply->authentic;
	dns_reply_free(&reply);
}

void
check_mx(const struct check_means *means, struct check_facts *facts, struct findings *out)
{
	struct dns_reply *reply = ask(means, facts->domain, DNS_MX, out);
	bool authentic = reply != NULL && reply->authentic;

	if (reply == NULL)
		return;
	if (reply->outcome == DNS_ANSWER)
		take_records(reply, facts, out);
	else
		fall_back(means, facts, out);
	dns_reply_free(&reply);
	for (size_t i = 0; i < facts->mx_count; i++) {
		check_alias(means, &facts->mx[i], out);
		if (authentic)
			check_tlsa(means, &facts->mx[i], out);
	}
	if (facts->mx_count > 0 || facts->null_mx)
		mx_judge(facts, out);
}

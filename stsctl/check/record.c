/* SPDX-License-Identifier: ISC */
/*
 * check/record.c - queries _mta-sts.DOMAIN at every resolver and at the domain's own servers, and compares their answers.
 * record_judge.c judges the records.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "shared-cache/base/text.h"
#include "stsctl/check/check.h"
#include "stsctl/check/dns_lookup.h"
#include "stsctl/diagnosis/record_judge.h"
#include "stsctl/diagnosis/txt_records.h"

enum { REPLIES_MAX = CHECK_RESOLVERS_MAX + HOST_ADDRESSES_MAX, WHO_CAP = STS_DOMAIN_CAP + 64, SEEN_CAP = 8192,
	SHOWN_MAX = 300 /* of one record */ };

/* A resolver or server, and its reply. */
struct server_reply {
	char who[WHO_CAP];
	bool recursive;
	struct sts_dns_reply *reply;
};

struct record_query {
	const struct check_env *env;
	struct check_facts *facts;
	struct findings *out;
	char name[STS_DOMAIN_CAP + 16];	/* _mta-sts.DOMAIN */
	struct server_reply replies[REPLIES_MAX];
	size_t count;
};

/* ---- queries ---- */

static void
ask_one(struct record_query *q, const char *who, const char *servers, bool recursive)
{
	struct dns_query *dns = check_dns_open(q->env, servers, recursive);
	struct server_reply *w = &q->replies[q->count];

	if (dns == NULL || dns_query_ask(dns, q->name, STS_DNS_TXT, &w->reply) != STS_OK)
		q->out->no_memory = true;
	else {
		w->recursive = recursive;
		snprintf(w->who, sizeof(w->who), "%s%s%s", who, who[0] != '\0' ? " " : "", dns_query_servers(dns));
		q->count++;
	}
	dns_query_free(&dns);
}

static void
ask_resolvers(struct record_query *q)
{
	for (size_t i = 0; i < q->env->resolver_count; i++)
		ask_one(q, "", q->env->resolvers[i], true);
}

static void
ask_authority(struct record_query *q)
{
	struct check_nameserver servers[HOST_ADDRESSES_MAX];
	size_t count = check_dns_nameservers(q->env, q->name, servers, q->out);
	char subject[WHO_CAP], addr[46];

	for (size_t i = 0; i < count; i++) {
		if (servers[i].servers[0] != '\0') {
			ask_one(q, servers[i].name, servers[i].servers, false);
			continue;
		}
		sts_ipaddr_format(&servers[i].addr, addr);
		snprintf(subject, sizeof(subject), "%s %s", servers[i].name, addr);
		findings_add(q->out, FINDING_WARN, "record.lookup", subject,
		    "the server's address cannot be reached from the Internet, so it was not asked", NULL);
	}
}

/* ---- do they agree? ---- */

/* Appends a reply in one line. */
static void
add_answer(struct sts_text *text, const struct sts_dns_reply *reply, const struct txt_records *set)
{
	if (set->count == 0)
		sts_text_add(text, check_dns_outcome(reply));
	for (size_t i = 0; i < set->count; i++)
		sts_text_addf(text, "%s%.*s", i > 0 ? ", " : "", SHOWN_MAX, set->zone[i]);
}

/* An authoritative server does not answer for the target of an alias in another zone, so such a reply cannot be compared. */
static bool
is_comparable(const struct record_query *q, const struct server_reply *w)
{
	return !sts_dns_reply_failed(w->reply) &&
	    (w->recursive || w->reply->outcome == STS_DNS_REPLY_ANSWER || strcmp(w->reply->name, q->name) == 0);
}

static bool
is_valid(const struct txt_records *set)
{
	char id[STS_ID_CAP];

	return sts_record_select(set->txt, set->count, id, NULL) == STS_RECORD_VALID;
}

/* Appends a line for each reply. Sets *agree if all are the same, and *usable if all have a valid record. */
static void
compare(struct record_query *q, struct sts_text *text, bool *agree, bool *usable)
{
	struct txt_records first = { 0 }, set;
	bool seen = false;

	*agree = *usable = true;
	for (size_t i = 0; i < q->count; i++) {
		const struct server_reply *w = &q->replies[i];

		if (!is_comparable(q, w))
			continue;
		if (txt_records_init(&set, w->reply) != STS_OK) {
			q->out->no_memory = true;
			continue;
		}
		sts_text_addf(text, "%s%s: ", text->len > 0 ? "\n" : "", w->who);
		add_answer(text, w->reply, &set);
		*usable = *usable && is_valid(&set);
		*agree = *agree && (!seen || txt_records_same(&first, &set));
		if (seen)
			txt_records_fini(&set);
		else
			first = set;
		seen = true;
	}
	txt_records_fini(&first);
}

static void
judge_agreement(struct record_query *q)
{
	char storage[SEEN_CAP];
	struct sts_text text;
	bool agree, usable;

	sts_text_init(&text, storage, sizeof(storage));
	compare(q, &text, &agree, &usable);
	if (!agree)
		findings_add(q->out, usable ? FINDING_WARN : FINDING_FAIL, "record.inconsistent", q->name, storage,
		    "wait until the old records have expired; if they still differ, make sure that all servers have the same "
		    "zone");
}

/* Having no route to a server is this host's problem, not the domain's. */
static void
judge_failures(struct record_query *q)
{
	for (size_t i = 0; i < q->count; i++) {
		const struct sts_dns_reply *reply = q->replies[i].reply;

		if (sts_dns_reply_failed(reply))
			findings_add(q->out, reply->no_route ? FINDING_INFO : FINDING_WARN, "record.lookup",
			    q->replies[i].who, reply->why, NULL);
	}
}

/* ---- the record ---- */

/* Queries a random name beside _mta-sts, to detect a wildcard. */
static struct sts_dns_reply *
ask_sibling(struct record_query *q)
{
	char name[STS_DOMAIN_CAP + 32];
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return NULL;
	snprintf(name, sizeof(name), "x%016" PRIx64 ".%s", random, q->facts->domain);
	return check_dns_ask(q->env, name, STS_DNS_TXT, q->out);
}

static bool
has_sts(const struct sts_dns_reply *reply)
{
	struct txt_records set;
	bool found = false;

	if (txt_records_init(&set, reply) != STS_OK)
		return false;
	for (size_t i = 0; i < set.count; i++)
		found = found || (set.txt[i].len >= 8 && memcmp(set.txt[i].data, "v=STSv1;", 8) == 0);
	txt_records_fini(&set);
	return found;
}

static void
judge(struct record_query *q, const struct sts_dns_reply *reply)
{
	struct record_view view = { .domain = q->facts->domain, .now = q->env->now, .reply = reply };
	struct sts_dns_reply *sibling = ask_sibling(q), *misplaced[RECORD_MISPLACED] = { NULL };
	char name[STS_DOMAIN_CAP];

	if (sibling != NULL && !sts_dns_reply_failed(sibling))
		view.sibling = sibling;
	for (size_t i = 0; i < RECORD_MISPLACED && !has_sts(reply); i++) {
		if (record_misplaced(q->facts->domain, i, name)[0] != '\0')
			misplaced[i] = check_dns_ask(q->env, name, STS_DNS_TXT, q->out);
		view.misplaced[i] = misplaced[i];
	}
	q->facts->record = record_judge(&view, q->facts->id, q->out);
	for (size_t i = 0; i < RECORD_MISPLACED; i++)
		sts_dns_reply_free(&misplaced[i]);
	sts_dns_reply_free(&sibling);
}

/* Judges the first usable reply. */
static void
judge_first(struct record_query *q)
{
	for (size_t i = 0; i < q->count; i++) {
		if (is_comparable(q, &q->replies[i])) {
			judge(q, q->replies[i].reply);
			return;
		}
	}
	findings_set_unsure(q->out);
}

void
check_record(const struct check_env *env, struct check_facts *facts, struct findings *out)
{
	struct record_query q = { .env = env, .facts = facts, .out = out };

	snprintf(q.name, sizeof(q.name), "_mta-sts.%s", facts->domain);
	ask_resolvers(&q);
	if (env->authoritative)
		ask_authority(&q);
	judge_first(&q);
	judge_failures(&q);
	judge_agreement(&q);
	for (size_t i = 0; i < q.count; i++)
		sts_dns_reply_free(&q.replies[i].reply);
}

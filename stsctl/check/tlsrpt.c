/* SPDX-License-Identifier: ISC */
/* check/tlsrpt.c - checks the record at _smtp._tls.DOMAIN, and whether mail can reach its addresses. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/policy/tlsrpt_record.h"
#include "stsctl/check/check.h"
#include "stsctl/check/dns_lookup.h"
#include "stsctl/diagnosis/txt_records.h"

enum { NAME_CAP = STS_DOMAIN_CAP + 16, SEEN_CAP = 4096, LINE_CAP = 2048, SHOWN_MAX = 1000 /* of one record */ };

struct tlsrpt {
	const struct check_env *env;
	const struct check_facts *facts;
	struct findings *out;
	char owner[NAME_CAP];	/* _smtp._tls.DOMAIN */
	struct txt_records set;
	struct sts_tlsrpt record;
	struct sts_diag diag;
};

/* The line for a zone file, with the address from a faulty record, or one in the domain itself. */
static const char *
zone_line(const struct tlsrpt *t, char line[LINE_CAP])
{
	const char *rua = NULL, *end = NULL;

	for (size_t i = 0; i < t->set.count && rua == NULL; i++) {
		const struct sts_txt *txt = &t->set.txt[i];

		rua = txt->len > 0 ? memmem(txt->data, txt->len, "mailto:", 7) : NULL;
		for (end = rua; rua != NULL && end < txt->data + txt->len && *end > 0x20 && *end < 0x7f &&
		    strchr("\"'\\;!", *end) == NULL && end - rua < 1000; end++)
			;
	}
	if (rua != NULL && end - rua > 7)
		snprintf(line, LINE_CAP, "%s. IN TXT \"v=TLSRPTv1; rua=%.*s\"", t->owner, (int)(end - rua), rua);
	else
		snprintf(line, LINE_CAP, "%s. IN TXT \"v=TLSRPTv1; rua=mailto:tlsrpt@%s\"", t->owner, t->facts->domain);
	return line;
}

static void
report(const struct tlsrpt *t, enum finding_level level, const char *id, const char *why)
{
	char storage[SEEN_CAP], line[LINE_CAP];
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	for (size_t i = 0; i < t->set.count; i++)
		sts_text_addf(&text, "%.*s\n", SHOWN_MAX, t->set.zone[i]);
	sts_text_add(&text, why);
	findings_add(t->out, level, id, t->owner, storage, zone_line(t, line));
}

/* ---- the reports' addresses ---- */

/* Reports a domain that cannot receive mail (RFC 5321 section 5.1, RFC 7505). */
static void
check_mail_domain(const struct tlsrpt *t, const char *domain, const char *subject)
{
	static const enum sts_dns_type types[] = { STS_DNS_MX, STS_DNS_A, STS_DNS_AAAA };
	char seen[STS_DOMAIN_CAP + 80];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct sts_dns_reply *reply = check_dns_ask(t->env, domain, types[i], t->out);
		bool found = reply != NULL && reply->outcome == STS_DNS_REPLY_ANSWER;
		bool null_mx = found && types[i] == STS_DNS_MX && reply->count == 1 && reply->records[0].target[0] == '\0';
		bool failed = reply != NULL && sts_dns_reply_failed(reply);

		if (failed) {
			findings_add(t->out, FINDING_WARN, "tlsrpt.lookup", domain, reply->why, NULL);
			findings_set_unsure(t->out);
		}
		sts_dns_reply_free(&reply);
		if ((found && !null_mx) || failed)
			return;
		if (null_mx)
			break;
	}
	snprintf(seen, sizeof(seen), "%s accepts no mail: it has a null MX, or neither MX records nor an address", domain);
	findings_add(t->out, FINDING_FAIL, "tlsrpt.mailto-no-mx", subject, seen, NULL);
}

static void
check_addresses(const struct tlsrpt *t)
{
	for (size_t i = 0; i < t->record.rua_count; i++) {
		char shown[STS_TXT_FIELDS_SHOWN_CAP], domain[STS_DOMAIN_CAP];

		if (sts_tlsrpt_mail_domain(t->record.rua[i], domain))
			check_mail_domain(t, domain, sts_slice_shown(t->record.rua[i], shown));
	}
}

/* ---- the record ---- */

static void
judge_valid(const struct tlsrpt *t)
{
	char storage[SEEN_CAP];
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	for (size_t i = 0; i < t->record.rua_count; i++) {
		sts_text_add(&text, i > 0 ? ", " : "");
		sts_text_add_shown(&text, t->record.rua[i].s, t->record.rua[i].len, 200);
	}
	findings_add(t->out, FINDING_PASS, "tlsrpt.ok", t->owner, storage, NULL);
	for (size_t i = 0; i < t->diag.warning_count; i++)
		findings_add(t->out, FINDING_WARN, t->record.foreign_count > 0 ? "tlsrpt.rua-scheme" : "tlsrpt.syntax", t->owner,
		    t->diag.warnings[i].text, NULL);
	check_addresses(t);
}

static void
judge_none(const struct tlsrpt *t, const struct sts_dns_reply *reply)
{
	size_t several = 0;

	for (size_t i = 0; i < t->set.count; i++)
		several += t->set.txt[i].len >= 11 && memcmp(t->set.txt[i].data, "v=TLSRPTv1;", 11) == 0;
	if (several > 1)
		report(t, FINDING_FAIL, "tlsrpt.multiple", t->diag.error.text);
	else if (t->diag.warning_count > 0)
		report(t, FINDING_FAIL, "tlsrpt.syntax", t->diag.warnings[0].text);
	else
		report(t, FINDING_WARN, "tlsrpt.missing", t->set.count > 0 ? t->diag.error.text : check_dns_outcome(reply));
}

static void
judge(struct tlsrpt *t, const struct sts_dns_reply *reply)
{
	switch (sts_tlsrpt_select(t->set.txt, t->set.count, &t->record, &t->diag)) {
	case STS_RECORD_VALID:
		judge_valid(t);
		break;
	case STS_RECORD_INVALID:
		report(t, FINDING_FAIL, t->record.foreign_count > 0 ? "tlsrpt.rua-scheme" : "tlsrpt.syntax", t->diag.error.text);
		break;
	case STS_RECORD_NONE:
		judge_none(t, reply);
		break;
	}
}

void
check_tlsrpt(const struct check_env *env, struct check_facts *facts, struct findings *out)
{
	struct tlsrpt t = { .env = env, .facts = facts, .out = out };
	struct sts_dns_reply *reply;

	sts_diag_init(&t.diag);
	snprintf(t.owner, sizeof(t.owner), "_smtp._tls.%s", facts->domain);
	reply = check_dns_ask(env, t.owner, STS_DNS_TXT, out);
	if (reply == NULL)
		return;
	if (sts_dns_reply_failed(reply)) {
		findings_add(out, FINDING_WARN, "tlsrpt.lookup", t.owner, reply->why, NULL);
		findings_set_unsure(out);
	} else if (txt_records_init(&t.set, reply) != STS_OK)
		out->no_memory = true;
	else
		judge(&t, reply);
	txt_records_fini(&t.set);
	sts_dns_reply_free(&reply);
}

/* SPDX-License-Identifier: ISC */
/* contents_senders.c - the sections about senders: whose mail comes in plaintext or over old TLS, and what senders publish. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/page/contents_private.h"
#include "stsctl/page/number_format.h"
#include "stsctl/terminal/human_numbers.h"

/* Formats the day without the time. */
static void
day_of(int64_t seconds, char out[HUMAN_TIME_CAP])
{
	human_time(seconds, out);
	if (strlen(out) > 10)
		out[10] = '\0';
}

static void
sender_row(struct document *doc, struct document_block *block, const struct page_data_sender *s)
{
	struct document_row *row = document_row(doc, block);
	char n[NUMBER_FORMAT_CAP], day[HUMAN_TIME_CAP], share[HUMAN_PERCENT_CAP];
	int64_t weak = s->plain;

	page_data_add(&weak, s->old);
	day_of(s->last_seen, day);
	document_cell(doc, row, "%s", s->domain);
	document_set(doc, &row->remark, "policy %s, last seen %s, %s from clients of its own", page_data_policy_name(s->policy), day,
	    s->aligned == 0 ? "none" : s->aligned >= weak ? "all" : number_format(s->aligned, n));
	document_cell(doc, row, "%s", number_format(s->plain, n));
	document_cell(doc, row, "%s", number_format(s->old, n));
	document_cell(doc, row, "%s", number_format(s->messages, n));
	document_cell(doc, row, "%s", human_percent(weak, s->messages, share));
}

void
contents_senders(const struct page_data *f, struct document *doc)
{
	static const char *const heads[] = { "Domain", "Plaintext", "Older TLS", "Messages", "Share", NULL };
	struct document_block *block;
	char n[NUMBER_FORMAT_CAP];

	document_add(doc, DOCUMENT_HEADING, "Who sends in plaintext or over old TLS");
	if (f->sender_count == 0) {
		document_add(doc, DOCUMENT_TEXT, f->messages == 0 ? "None is known." :
		    "No domain's mail came in plaintext or over TLS before 1.2.");
		return;
	}
	block = document_add(doc, DOCUMENT_TABLE, "Domains with the most plaintext or old TLS");
	block->heads = heads;
	for (size_t i = 0; i < f->sender_count; i++)
		sender_row(doc, block, &f->senders[i]);
	if (f->senders_all > (int64_t)f->sender_count)
		document_add(doc, DOCUMENT_NOTE, "And %s more: stsctl stats --top 1000 --by plaintext.",
		    number_format(f->senders_all - (int64_t)f->sender_count, n));
	document_add(doc, DOCUMENT_NOTE, "This is mail that claimed to come from these domains, forged senders and forwarders included. A domain's "
	    "policy is about mail to it: mail from it without TLS breaks no rule, but is worth a look when it came from clients of its own.");
}

/* ---- postures ---- */

static const struct document_series posture_series[] = {
	{ "TLS 1.3", TONE_TLS13 }, { "TLS 1.2", TONE_TLS12 }, { "older TLS", TONE_OLD }, { "plaintext", TONE_PLAIN },
	{ "not known", TONE_UNKNOWN },
};

static void
posture_row(struct document *doc, struct document_block *block, enum page_data_policy policy, const struct page_data_posture *p)
{
	static const char *const remarks[PAGE_DATA_POLICIES] = {
		[PAGE_DATA_ENFORCE] = "requires TLS for mail to it", [PAGE_DATA_TESTING] = "asks for reports only",
		[PAGE_DATA_NONE] = "published as mode none", [PAGE_DATA_ABSENT] = "publishes no policy",
		[PAGE_DATA_UNSURE] = "could not be found out",
	};
	struct document_row *row = document_row(doc, block);
	char n[NUMBER_FORMAT_CAP], share[HUMAN_PERCENT_CAP];
	int64_t weak = p->tls[PAGE_DATA_OLD];

	page_data_add(&weak, p->tls[PAGE_DATA_PLAIN]);
	document_cell(doc, row, "%s", page_data_policy_name(policy));
	document_set(doc, &row->remark, "%s", remarks[policy]);
	document_cell(doc, row, "%s", number_format(p->domains, n));
	document_cell(doc, row, "%s", number_format(p->messages, n));
	document_cell(doc, row, "%s", human_percent(weak, p->messages, share));
	memcpy(row->parts, p->tls, sizeof(p->tls));
}

void
contents_postures(const struct page_data *f, struct document *doc)
{
	static const char *const heads[] = { "Policy", "Domains", "Messages", "Plaintext or old TLS", NULL };
	struct document_block *block;

	document_add(doc, DOCUMENT_HEADING, "What senders publish");
	if (f->domains == 0) {
		document_add(doc, DOCUMENT_TEXT, "No sender domain is known.");
		return;
	}
	block = document_add(doc, DOCUMENT_TABLE, "Sender domains by their own MTA-STS policy, and how their mail came in");
	block->heads = heads;
	block->series = posture_series;
	block->series_count = PAGE_DATA_TLS;
	for (size_t i = 0; i < PAGE_DATA_POLICIES; i++)
		if (f->postures[i].domains > 0)
			posture_row(doc, block, (enum page_data_policy)i, &f->postures[i]);
	document_add(doc, DOCUMENT_NOTE, "A domain counts where most of its messages do. Domains seen once only, without a policy, are in the "
	    "totals above and not here.");
}

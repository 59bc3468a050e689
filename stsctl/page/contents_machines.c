/* SPDX-License-Identifier: ISC */
/* contents_machines.c - the sections about certificates and milters. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "stsctl/page/contents_private.h"
#include "stsctl/page/number_format.h"
#include "stsctl/terminal/human_numbers.h"

enum { DAY_S = 86400 };

static void
certificate_row(const struct page_data *f, struct document *doc, struct document_block *block, const struct page_data_certificate *c)
{
	struct document_row *row = document_row(doc, block);
	char time[HUMAN_TIME_CAP];

	document_cell(doc, row, "%s", c->host);
	document_set(doc, &row->remark, "of %s", c->domain);
	document_cell(doc, row, "%s", human_time(c->expires, time));
	if (c->expires <= f->now)
		document_cell(doc, row, "expired");
	else
		document_cell(doc, row, "%" PRId64, (c->expires - f->now) / DAY_S);
}

void
contents_certificates(const struct page_data *f, struct document *doc)
{
	static const char *const heads[] = { "Host", "Expires", "Days left", NULL };
	size_t shown = f->certificate_count < f->limit ? f->certificate_count : f->limit;
	struct document_block *block;
	char time[HUMAN_TIME_CAP];

	document_add(doc, DOCUMENT_HEADING, "Certificates of your hosts");
	if (f->certificates_seen == 0) {
		document_add(doc, DOCUMENT_TEXT, "Not known: nothing here has checked them. stsctl check --metrics FILE does, as "
		    "stsctl-check.timer does every day.");
		return;
	}
	if (f->certificate_count == 0)
		document_add(doc, DOCUMENT_TEXT, "stsctl check has seen none.");
	else {
		block = document_add(doc, DOCUMENT_TABLE, "Policy hosts and mail exchangers, the first to expire first");
		block->heads = heads;
		for (size_t i = 0; i < shown; i++)
			certificate_row(f, doc, block, &f->certificates[i]);
	}
	if (shown < f->certificate_count)
		document_add(doc, DOCUMENT_NOTE, "And %zu more that expire later.", f->certificate_count - shown);
	document_add(doc, DOCUMENT_NOTE, "As stsctl check saw them at %s.", human_time(f->certificates_seen, time));
}

void
contents_nodes(const struct page_data *f, struct document *doc)
{
	static const char *const heads[] = { "Node", "Last seen", "Enforcement", NULL };
	struct document_block *block;
	char time[HUMAN_TIME_CAP];

	document_add(doc, DOCUMENT_HEADING, "Milters");
	if (f->node_count == 0) {
		document_add(doc, DOCUMENT_TEXT, "No milter has sent a heartbeat in the last 7 days.");
		return;
	}
	block = document_add(doc, DOCUMENT_TABLE, "Milters of the last 7 days");
	block->heads = heads;
	for (size_t i = 0; i < f->node_count; i++) {
		const struct page_data_node *node = &f->nodes[i];
		struct document_row *row = document_row(doc, block);

		document_cell(doc, row, "%s", node->name);
		document_cell(doc, row, "%s", human_time(node->seen, time));
		document_cell(doc, row, "%s", node->tripped ? "tripped" : node->dry_run ? "dry run" : node->enforcing ? "on" : "off");
	}
}

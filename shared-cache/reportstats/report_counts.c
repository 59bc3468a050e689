/* SPDX-License-Identifier: ISC */
/* report_counts.c - turns a report's policies into counters of our domains. Knows neither Redis nor its keys. */
#include "config.h"

#include "shared-cache/reportstats/report_counts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/tlsreport/canonical_policy.h"
#include "shared-cache/tlsreport/safe_word.h"

enum { NAME_CAP = 1024, ORG_MAX = 64, WORD_MAX = 64 };

/* ---- rows ---- */

struct builder {
	const struct sts_report_counts_params *params;
	char org[STS_SAFE_WORD_CAP];
	struct sts_report_counts *out;
};

static struct sts_report_count *
find_row(struct sts_domain_counts *counts, const char *name)
{
	for (size_t i = 0; i < counts->row_count; i++)
		if (strcmp(counts->rows[i].name, name) == 0)
			return &counts->rows[i];
	return NULL;
}

static bool
add_named(struct sts_domain_counts *counts, enum sts_report_count_scope scope, int64_t n, const char *name)
{
	struct sts_report_count *row = find_row(counts, name);

	if (row != NULL) {
		row->n = row->n + n <= STS_REPORT_COUNT_MAX ? row->n + n : STS_REPORT_COUNT_MAX;
		return true;
	}
	if (counts->row_count == counts->row_cap) {
		size_t cap = counts->row_cap > 0 ? 2 * counts->row_cap : 32;
		struct sts_report_count *rows = realloc(counts->rows, cap * sizeof(*rows));

		if (rows == NULL)
			return false;
		counts->rows = rows;
		counts->row_cap = cap;
	}
	row = &counts->rows[counts->row_count];
	*row = (struct sts_report_count){ strdup(name), n, scope };
	if (row->name == NULL)
		return false;
	counts->row_count++;
	return true;
}

static bool add(struct sts_domain_counts *counts, enum sts_report_count_scope scope, int64_t n, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Leaves out counters of 0, except those of the totals, where a reader may want to see the 0. */
static bool
add(struct sts_domain_counts *counts, enum sts_report_count_scope scope, int64_t n, const char *format, ...)
{
	char name[NAME_CAP];
	va_list ap;

	if (n == 0 && scope == STS_SCOPE_DAY)
		return true;
	va_start(ap, format);
	vsnprintf(name, sizeof(name), format, ap);
	va_end(ap);
	return add_named(counts, scope, n, name);
}

/* ---- a domain ---- */

static struct sts_domain_counts *
counts_of(struct builder *b, const char *domain)
{
	struct sts_domain_counts *counts;

	for (size_t i = 0; i < b->out->count; i++)
		if (strcmp(b->out->list[i].domain, domain) == 0)
			return &b->out->list[i];
	counts = realloc(b->out->list, (b->out->count + 1) * sizeof(*counts));
	if (counts == NULL)
		return NULL;
	b->out->list = counts;
	counts += b->out->count++;
	memset(counts, 0, sizeof(*counts));
	strcpy(counts->domain, domain);
	if (!add(counts, STS_SCOPE_TOTAL_FIXED, 1, "reports") || !add(counts, STS_SCOPE_TOTAL, 1, "org:%s", b->org))
		return NULL;
	return counts;
}

/* ---- a policy ---- */

/* "" for sts, whose counters have no prefix. */
static const char *
column(enum sts_report_kind kind)
{
	static const char *const columns[STS_REPORT_KINDS] = { "", "tlsa:", "none:" };

	return columns[kind];
}

static bool
add_summary(struct builder *b, struct sts_domain_counts *counts, const struct sts_report_policy *p)
{
	const char *kind = sts_report_kind_name(p->kind);

	return add(counts, STS_SCOPE_TOTAL_FIXED, p->success, "%ssuccess", column(p->kind)) &&
	    add(counts, STS_SCOPE_TOTAL_FIXED, p->failure, "%sfailure", column(p->kind)) &&
	    add(counts, STS_SCOPE_DAY, p->success, "org:%s:%s:success", b->org, kind) &&
	    add(counts, STS_SCOPE_DAY, p->failure, "org:%s:%s:failure", b->org, kind);
}

/* Keeps a bounded number of unknown result types: names in the totals stay for ever. */
static void
fold_result(struct sts_domain_counts *counts, enum sts_report_kind kind, bool room, char result[STS_SAFE_WORD_CAP])
{
	size_t known = sts_report_result_find(result);
	char name[NAME_CAP];

	if (known != STS_REPORT_RESULT_OTHER)
		return;
	snprintf(name, sizeof(name), "%sfailure:%s", column(kind), result);
	if (find_row(counts, name) != NULL)
		return;
	if (room && counts->odd_result_count < STS_REPORT_COUNTS_ODD_RESULTS_MAX)
		counts->odd_result_count++;
	else
		strcpy(result, sts_report_result_name(STS_REPORT_RESULT_OTHER));
}

static bool
add_detail(struct builder *b, struct sts_domain_counts *counts, enum sts_report_kind kind, const struct sts_report_detail *d)
{
	char result[STS_SAFE_WORD_CAP], reason[STS_SAFE_WORD_CAP], mx[STS_SAFE_WORD_CAP], domain[STS_DOMAIN_CAP];
	bool room = counts->detail_count < STS_REPORT_COUNTS_DETAILS_MAX, known;
	const char *name = sts_report_kind_name(kind);

	if (d->count == 0)
		return true;
	sts_safe_word(d->result, WORD_MAX, true, result);
	sts_safe_word(room ? d->reason : "", WORD_MAX, true, reason);
	if (sts_domain_normalise(d->mx, strlen(d->mx), domain) != STS_DOMAIN_OK)
		domain[0] = '\0';
	sts_safe_word(!room ? "" : domain[0] != '\0' ? domain : d->mx, STS_DOMAIN_MAX, true, mx);
	fold_result(counts, kind, room, result);
	known = sts_report_result_find(result) != STS_REPORT_RESULT_OTHER;
	counts->detail_count++;
	return add(counts, known ? STS_SCOPE_TOTAL_FIXED : STS_SCOPE_TOTAL, d->count, "%sfailure:%s", column(kind), result) &&
	    add(counts, STS_SCOPE_DAY, d->count, "detail:%s:%s:%s:%s:%s", name, result, reason, mx, b->org);
}

static enum sts_status
add_text(struct sts_domain_counts *counts, const struct sts_report_policy *p)
{
	struct sts_report_policy_text text = { .canon = NULL };
	enum sts_status status = sts_policy_hash(p->text, p->text_count, text.hash, &text.canon);
	bool added, known = false;

	if (status != STS_OK)
		return status == STS_ENOMEM ? STS_ENOMEM : STS_OK;
	added = add(counts, STS_SCOPE_DAY, p->success, "policy:%s:%s:success", text.hash, sts_canonical_policy_mode(text.canon)) &&
	    add(counts, STS_SCOPE_DAY, p->failure, "policy:%s:%s:failure", text.hash, sts_canonical_policy_mode(text.canon));
	for (size_t i = 0; i < counts->text_count; i++)
		known = known || strcmp(counts->texts[i].hash, text.hash) == 0;
	if (!known && counts->text_count < STS_REPORT_COUNTS_TEXTS_MAX && strlen(text.canon) < STS_REPORT_COUNTS_TEXT_CAP)
		counts->texts[counts->text_count++] = text;
	else
		free(text.canon);
	return added ? STS_OK : STS_ENOMEM;
}

static enum sts_status
add_policy(struct builder *b, const struct sts_report_policy *p)
{
	char domain[STS_DOMAIN_CAP];
	struct sts_domain_counts *counts;

	if (p->refused != NULL) {
		b->out->refused++;
		return STS_OK;
	}
	if (!b->params->own(b->params->own_arg, p->kind, p->domain, domain)) {
		b->out->foreign++;
		return STS_OK;
	}
	counts = counts_of(b, domain);
	if (counts == NULL || !add_summary(b, counts, p))
		return STS_ENOMEM;
	for (size_t i = 0; i < p->detail_count; i++)
		if (!add_detail(b, counts, p->kind, &p->details[i]))
			return STS_ENOMEM;
	return p->kind == STS_REPORT_STS ? add_text(counts, p) : STS_OK;
}

enum sts_status
sts_report_counts_make(const struct sts_report *report, const struct sts_report_counts_params *params,
    struct sts_report_counts *out)
{
	struct builder b = { .params = params, .out = out };
	enum sts_status status = STS_OK;

	*out = (struct sts_report_counts){ .list = NULL };
	if (params->signer[0] != '\0')
		sts_safe_word(params->signer, STS_DOMAIN_MAX, true, b.org);
	else
		sts_safe_word(report->organization[0] != '\0' ? report->organization : "unknown", ORG_MAX, false, b.org);
	for (size_t i = 0; i < report->policy_count && status == STS_OK; i++)
		status = add_policy(&b, &report->policies[i]);
	return status;
}

void
sts_report_counts_fini(struct sts_report_counts *counts)
{
	for (size_t i = 0; i < counts->count; i++) {
		struct sts_domain_counts *domain = &counts->list[i];

		for (size_t r = 0; r < domain->row_count; r++)
			free(domain->rows[r].name);
		free(domain->rows);
		for (size_t t = 0; t < domain->text_count; t++)
			free(domain->texts[t].canon);
	}
	free(counts->list);
	*counts = (struct sts_report_counts){ .list = NULL };
}

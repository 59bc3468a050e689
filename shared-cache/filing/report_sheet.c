/* SPDX-License-Identifier: ISC */
/* report_sheet.c - a report's policies, filed under our domains, as rows of counters. Knows no keys and no store. */
#include "config.h"

#include "shared-cache/filing/report_sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/tlsreport/policy_text.h"
#include "shared-cache/tlsreport/report_word.h"

enum { NAME_CAP = 1024, ORG_MAX = 64, WORD_MAX = 64 };

/* ---- rows ---- */

struct filing {
	const struct sts_sheet_params *params;
	char org[STS_WORD_CAP];
	struct sts_sheets *out;
};

static struct sts_sheet_row *
find_row(struct sts_sheet *sheet, const char *name)
{
	for (size_t i = 0; i < sheet->row_count; i++)
		if (strcmp(sheet->rows[i].name, name) == 0)
			return &sheet->rows[i];
	return NULL;
}

static bool
add_named(struct sts_sheet *sheet, enum sts_row_place place, int64_t n, const char *name)
{
	struct sts_sheet_row *row = find_row(sheet, name);

	if (row != NULL) {
		row->n = row->n + n <= STS_REPORT_COUNT_MAX ? row->n + n : STS_REPORT_COUNT_MAX;
		return true;
	}
	if (sheet->row_count == sheet->row_cap) {
		size_t cap = sheet->row_cap > 0 ? 2 * sheet->row_cap : 32;
		struct sts_sheet_row *rows = realloc(sheet->rows, cap * sizeof(*rows));

		if (rows == NULL)
			return false;
		sheet->rows = rows;
		sheet->row_cap = cap;
	}
	row = &sheet->rows[sheet->row_count];
	*row = (struct sts_sheet_row){ strdup(name), n, place };
	if (row->name == NULL)
		return false;
	sheet->row_count++;
	return true;
}

static bool add(struct sts_sheet *sheet, enum sts_row_place place, int64_t n, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Rows of 0 say nothing, but for those of the totals, where a reader may want to see that there is nothing. */
static bool
add(struct sts_sheet *sheet, enum sts_row_place place, int64_t n, const char *format, ...)
{
	char name[NAME_CAP];
	va_list ap;

	if (n == 0 && place == STS_ROW_DAY)
		return true;
	va_start(ap, format);
	vsnprintf(name, sizeof(name), format, ap);
	va_end(ap);
	return add_named(sheet, place, n, name);
}

/* ---- sheets ---- */

static struct sts_sheet *
sheet_of(struct filing *f, const char *domain)
{
	struct sts_sheet *sheet;

	for (size_t i = 0; i < f->out->count; i++)
		if (strcmp(f->out->list[i].domain, domain) == 0)
			return &f->out->list[i];
	sheet = realloc(f->out->list, (f->out->count + 1) * sizeof(*sheet));
	if (sheet == NULL)
		return NULL;
	f->out->list = sheet;
	sheet += f->out->count++;
	memset(sheet, 0, sizeof(*sheet));
	strcpy(sheet->domain, domain);
	if (!add(sheet, STS_ROW_ALWAYS, 1, "reports") || !add(sheet, STS_ROW_TOTAL, 1, "org:%s", f->org))
		return NULL;
	return sheet;
}

/* ---- a policy ---- */

/* "" for sts, whose counters are the plain ones. */
static const char *
column(enum sts_report_kind kind)
{
	static const char *const columns[STS_REPORT_KINDS] = { "", "tlsa:", "none:" };

	return columns[kind];
}

static bool
file_summary(struct filing *f, struct sts_sheet *sheet, const struct sts_report_policy *p)
{
	const char *kind = sts_report_kind_name(p->kind);

	return add(sheet, STS_ROW_ALWAYS, p->success, "%ssuccess", column(p->kind)) &&
	    add(sheet, STS_ROW_ALWAYS, p->failure, "%sfailure", column(p->kind)) &&
	    add(sheet, STS_ROW_DAY, p->success, "org:%s:%s:success", f->org, kind) &&
	    add(sheet, STS_ROW_DAY, p->failure, "org:%s:%s:failure", f->org, kind);
}

/* Unknown types are kept, but not any number of them: names are for ever in the totals. */
static void
fold_result(struct sts_sheet *sheet, enum sts_report_kind kind, bool room, char result[STS_WORD_CAP])
{
	size_t known = sts_report_result_find(result);
	char name[NAME_CAP];

	if (known != STS_REPORT_RESULT_OTHER)
		return;
	snprintf(name, sizeof(name), "%sfailure:%s", column(kind), result);
	if (find_row(sheet, name) != NULL)
		return;
	if (room && sheet->odd_result_count < STS_SHEET_ODD_RESULTS_MAX)
		sheet->odd_result_count++;
	else
		strcpy(result, sts_report_result_name(STS_REPORT_RESULT_OTHER));
}

static bool
file_detail(struct filing *f, struct sts_sheet *sheet, enum sts_report_kind kind, const struct sts_report_detail *d)
{
	char result[STS_WORD_CAP], reason[STS_WORD_CAP], mx[STS_WORD_CAP], domain[STS_DOMAIN_CAP];
	bool room = sheet->detail_count < STS_SHEET_DETAILS_MAX, known;
	const char *name = sts_report_kind_name(kind);

	if (d->count == 0)
		return true;
	sts_report_word(d->result, WORD_MAX, true, result);
	sts_report_word(room ? d->reason : "", WORD_MAX, true, reason);
	if (sts_domain_normalise(d->mx, strlen(d->mx), domain) != STS_DOMAIN_OK)
		domain[0] = '\0';
	sts_report_word(!room ? "" : domain[0] != '\0' ? domain : d->mx, STS_DOMAIN_MAX, true, mx);
	fold_result(sheet, kind, room, result);
	known = sts_report_result_find(result) != STS_REPORT_RESULT_OTHER;
	sheet->detail_count++;
	return add(sheet, known ? STS_ROW_ALWAYS : STS_ROW_TOTAL, d->count, "%sfailure:%s", column(kind), result) &&
	    add(sheet, STS_ROW_DAY, d->count, "detail:%s:%s:%s:%s:%s", name, result, reason, mx, f->org);
}

static enum sts_status
file_text(struct sts_sheet *sheet, const struct sts_report_policy *p)
{
	struct sts_sheet_text text = { .canon = NULL };
	enum sts_status status = sts_policy_hash(p->text, p->text_count, text.hash, &text.canon);
	bool added, known = false;

	if (status != STS_OK)
		return status == STS_ENOMEM ? STS_ENOMEM : STS_OK;
	added = add(sheet, STS_ROW_DAY, p->success, "policy:%s:%s:success", text.hash, sts_policy_canon_mode(text.canon)) &&
	    add(sheet, STS_ROW_DAY, p->failure, "policy:%s:%s:failure", text.hash, sts_policy_canon_mode(text.canon));
	for (size_t i = 0; i < sheet->text_count; i++)
		known = known || strcmp(sheet->texts[i].hash, text.hash) == 0;
	if (!known && sheet->text_count < STS_SHEET_TEXTS_MAX && strlen(text.canon) < STS_SHEET_TEXT_CAP)
		sheet->texts[sheet->text_count++] = text;
	else
		free(text.canon);
	return added ? STS_OK : STS_ENOMEM;
}

static enum sts_status
file_policy(struct filing *f, const struct sts_report_policy *p)
{
	char domain[STS_DOMAIN_CAP];
	struct sts_sheet *sheet;

	if (p->refused != NULL) {
		f->out->refused++;
		return STS_OK;
	}
	if (!f->params->own(f->params->own_arg, p->kind, p->domain, domain)) {
		f->out->foreign++;
		return STS_OK;
	}
	sheet = sheet_of(f, domain);
	if (sheet == NULL || !file_summary(f, sheet, p))
		return STS_ENOMEM;
	for (size_t i = 0; i < p->detail_count; i++)
		if (!file_detail(f, sheet, p->kind, &p->details[i]))
			return STS_ENOMEM;
	return p->kind == STS_REPORT_STS ? file_text(sheet, p) : STS_OK;
}

enum sts_status
sts_sheets_make(const struct sts_report *report, const struct sts_sheet_params *params, struct sts_sheets *out)
{
	struct filing f = { .params = params, .out = out };
	enum sts_status status = STS_OK;

	*out = (struct sts_sheets){ .list = NULL };
	if (params->signer[0] != '\0')
		sts_report_word(params->signer, STS_DOMAIN_MAX, true, f.org);
	else
		sts_report_word(report->organization[0] != '\0' ? report->organization : "unknown", ORG_MAX, false, f.org);
	for (size_t i = 0; i < report->policy_count && status == STS_OK; i++)
		status = file_policy(&f, &report->policies[i]);
	return status;
}

void
sts_sheets_fini(struct sts_sheets *sheets)
{
	for (size_t i = 0; i < sheets->count; i++) {
		struct sts_sheet *sheet = &sheets->list[i];

		for (size_t r = 0; r < sheet->row_count; r++)
			free(sheet->rows[r].name);
		free(sheet->rows);
		for (size_t t = 0; t < sheet->text_count; t++)
			free(sheet->texts[t].canon);
	}
	free(sheets->list);
	*sheets = (struct sts_sheets){ .list = NULL };
}

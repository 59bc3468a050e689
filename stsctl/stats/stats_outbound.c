/* SPDX-License-Identifier: ISC */
/* stats_outbound.c - `stsctl stats --outbound': how TLS went for outgoing mail, domain by domain. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/query/sent_query.h"
#include "stsctl/context/backends.h"
#include "stsctl/stats/stats.h"
#include "stsctl/terminal/csv.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { DOMAINS_MAX = 200000 };

struct names {
	char (*list)[STS_DOMAIN_CAP];
	size_t count, cap;
};

/* What has been read so far. */
struct reading {
	struct sts_store_link *link;
	const struct stats_request *request;
	struct sts_sent_row *rows;
	size_t count, known;	/* rows to show; domains with any counter */
};

/* ---- reading ---- */

static bool
note_name(void *arg, const char *domain)
{
	struct names *names = arg;

	if (names->count == names->cap) {
		size_t cap = names->cap == 0 ? 256 : 2 * names->cap;
		char (*list)[STS_DOMAIN_CAP] = realloc(names->list, cap * sizeof(*list));

		if (list == NULL)
			return false;
		names->list = list;
		names->cap = cap;
	}
	snprintf(names->list[names->count++], STS_DOMAIN_CAP, "%s", domain);
	return true;
}

/* The times of the last success and failure are those of all days, whichever days are summed. */
static enum sts_status
read_row(const struct reading *r, const char *domain, struct sts_sent_row *out)
{
	enum sts_status status;

	memset(out, 0, sizeof(*out));
	status = sts_sent_query_row(r->link, domain, NULL, out);
	if (status != STS_OK || r->request->day_count == 0)
		return status;
	memset(out->n, 0, sizeof(out->n));
	for (size_t i = 0; i < r->request->day_count; i++) {
		status = sts_sent_query_row(r->link, domain, r->request->days[i], out);
		if (status != STS_OK && status != STS_ENOTFOUND)
			return status;
	}
	return out->n[STS_SENT_SUCCESS] + out->n[STS_SENT_FAILURE] == 0 ? STS_ENOTFOUND : STS_OK;
}

/* At risk: the last outcome was a failure. With the certificate as it is, mail to the domain waits, or will once its policy is
 * enforced. */
static bool
is_at_risk(const struct sts_sent_row *row)
{
	return row->n[STS_SENT_FAILURE] > 0 && row->last_failure >= row->last_success;
}

static enum sts_status
read_all(struct reading *r, const struct names *names)
{
	r->rows = calloc(names->count > 0 ? names->count : 1, sizeof(*r->rows));
	if (r->rows == NULL)
		return STS_ENOMEM;
	for (size_t i = 0; i < names->count; i++) {
		enum sts_status status = read_row(r, names->list[i], &r->rows[r->count]);

		if (status == STS_ENOTFOUND)
			continue;
		if (status != STS_OK)
			return status;
		r->known++;
		r->count += !r->request->at_risk || is_at_risk(&r->rows[r->count]);
	}
	return STS_OK;
}

/* Sorts by failures, then by sessions, the most first. */
static int
compare(const void *a, const void *b)
{
	const struct sts_sent_row *x = a, *y = b;

	if (x->n[STS_SENT_FAILURE] != y->n[STS_SENT_FAILURE])
		return x->n[STS_SENT_FAILURE] < y->n[STS_SENT_FAILURE] ? 1 : -1;
	if (x->n[STS_SENT_SUCCESS] != y->n[STS_SENT_SUCCESS])
		return x->n[STS_SENT_SUCCESS] < y->n[STS_SENT_SUCCESS] ? 1 : -1;
	return strcmp(x->domain, y->domain);
}

/* ---- printing ---- */

static json_t *
row_json(const struct sts_sent_row *row)
{
	json_t *object = json_pack("{s:s}", "domain", row->domain);
	char name[STS_SENT_NAME_CAP];

	for (unsigned i = 0; object != NULL && i < STS_SENT_FIELDS; i++)
		if (row->n[i] > 0 || i < STS_SENT_BY_TYPE)
			json_put(&object, sts_sent_field_name(i, name), json_integer((json_int_t)row->n[i]));
	if (object == NULL || row->last_failure == 0)
		return object;
	json_put(&object, "last_failure", json_integer(row->last_failure));
	json_put(&object, "last_result", json_string(sts_sent_result_name(row->last_result)));
	json_put(&object, "last_mx", json_string(row->last_mx));
	return object;
}

static enum cmd_exit
print_json(const struct cmd_context *context, enum cmd_exit code, const struct reading *r, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < count; i++)
		json_add(&list, row_json(&r->rows[i]));
	return output_json(context, code, json_pack("{s:o, s:I}", "outbound", list, "domains", (json_int_t)r->count));
}

/* Prints every counter, in the terms of RFC 8460. */
static void
print_csv(const struct reading *r, size_t count)
{
	struct csv csv = { .to = stdout };
	char name[STS_SENT_NAME_CAP];

	csv_text(&csv, "domain");
	for (unsigned i = 0; i < STS_SENT_FIELDS; i++)
		csv_text(&csv, sts_sent_field_name(i, name));
	csv_head(&csv, (const char *const[]){ "last_failure", "last_result", "last_mx", NULL });
	for (size_t i = 0; i < count; i++) {
		const struct sts_sent_row *row = &r->rows[i];

		csv_text(&csv, row->domain);
		for (unsigned k = 0; k < STS_SENT_FIELDS; k++)
			csv_number(&csv, (int64_t)row->n[k]);
		csv_time(&csv, row->last_failure);
		csv_text(&csv, row->last_failure != 0 ? sts_sent_result_name(row->last_result) : "");
		csv_text(&csv, row->last_mx);
		csv_end(&csv);
	}
}

static void
print_table(const struct reading *r, size_t count)
{
	struct table *table = table_new("lrrll");

	table_row(table);
	table_text(table, "domain");
	table_text(table, "success");
	table_text(table, "failure");
	table_text(table, "last failure");
	table_text(table, "at");
	for (size_t i = 0; i < count; i++) {
		const struct sts_sent_row *row = &r->rows[i];

		table_row(table);
		table_text(table, row->domain);
		table_number(table, (int64_t)row->n[STS_SENT_SUCCESS]);
		table_number(table, (int64_t)row->n[STS_SENT_FAILURE]);
		table_text(table, row->last_failure != 0 ? sts_sent_result_name(row->last_result) : "");
		table_text(table, row->last_mx);
	}
	(void)table_print(table, terminal_width(), stdout);
	table_free(&table);
	if (count < r->count)
		printf("and %zu more\n", r->count - count);
}

/* For a domain that Postfix never reported, the answer is no; that it reported none at all is an answer, too. */
static enum cmd_exit
report(const struct cmd_context *context, struct reading *r)
{
	size_t count = r->count < r->request->top ? r->count : r->request->top;
	enum cmd_exit code = r->request->domain[0] != '\0' && r->known == 0 ? CMD_NO : CMD_FINE;

	qsort(r->rows, r->count, sizeof(*r->rows), compare);
	if (context->json)
		return print_json(context, code, r, count);
	if (r->request->csv)
		print_csv(r, count);
	else if (r->count > 0)
		print_table(r, count);
	else
		puts(r->known > 0 ? "no domain's last session failed" : "Postfix has reported nothing");
	return code;
}

/* ---- the command ---- */

enum cmd_exit
stats_outbound(const struct cmd_context *context, const struct settings_redis *redis, const struct stats_request *request)
{
	struct reading r = { .request = request };
	struct names names = { 0 };
	enum sts_status status = backends_open_link(redis->conf, &r.link);
	enum cmd_exit code;

	if (status == STS_OK && request->domain[0] != '\0')
		(void)note_name(&names, request->domain);
	else if (status == STS_OK)
		status = sts_sent_query_domains(r.link, DOMAINS_MAX, note_name, &names);
	if (status == STS_OK)
		status = read_all(&r, &names);
	if (status == STS_OK)
		code = report(context, &r);
	else
		code = settings_endpoint_error(context, redis->conf, r.link != NULL && status == STS_EUNAVAILABLE ?
		    sts_store_link_why(r.link) : sts_status_text(status));
	sts_store_link_close(&r.link);
	free(names.list);
	free(r.rows);
	return code;
}

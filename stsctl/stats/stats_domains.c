/* SPDX-License-Identifier: ISC */
/*
 * stats_domains.c - `stsctl stats` of many domains: those with the most of something, and those at risk.
 *
 * A domain is at risk if it has messages with the result fail: its policy says enforce, and they came without adequate TLS. If the milter
 * enforces, it refused them; if not, it would have.
 */
#include "config.h"

#include "stsctl/stats/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stsctl/stats/domain_ranking.h"
#include "stsctl/terminal/csv.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { PROGRESS_STEP = 10000 };

/* The fields read for each domain. */
enum { N_MESSAGES, N_COUNT, N_ALIGNED, N_PLAINTEXT, N_REFUSED, FIELDS };

struct walk {
	struct domain_ranking rows;
	size_t seen;		/* domains read so far */
	bool watched;
};

static bool
take_row(void *arg, const struct sts_query_row *row)
{
	struct walk *walk = arg;

	if (++walk->seen % PROGRESS_STEP == 0 && walk->watched)
		fprintf(stderr, "\r%zu domains", walk->seen);
	return row->n[N_COUNT] == 0 || domain_ranking_add(&walk->rows, row);
}

/* Collects the domains where field is not 0. Call domain_ranking_fini in any case. */
static enum sts_status
collect(const struct settings_redis *redis, const struct stats_request *request, const char *field, struct walk *walk)
{
	char aligned[STS_TALLY_NAME_CAP + 8];
	const struct sts_query_walk query = {
		.fields = { [N_MESSAGES] = "messages", [N_COUNT] = field, [N_ALIGNED] = aligned,
		    [N_PLAINTEXT] = "last_plaintext", [N_REFUSED] = "refused" },
		.field_count = FIELDS,
		.since = request->since,
		.days = (const char (*)[STS_DAY_CAP])request->days,
		.day_count = request->day_count,
	};
	enum sts_status status;

	walk->watched = terminal_is_watched();
	walk->rows.key = N_COUNT;
	snprintf(aligned, sizeof(aligned), "aligned:%s", field);
	status = sts_query_domains(redis->query, &query, take_row, walk);
	if (walk->watched && walk->seen >= PROGRESS_STEP)
		fputs("\r                    \r", stderr);
	if (status == STS_OK)
		status = walk->rows.status;
	domain_ranking_settle(&walk->rows);
	return status;
}

/* ---- top ---- */

static json_t *
top_to_json(const struct domain_ranking *rows, const struct stats_request *request)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rows->count && i < request->top; i++) {
		const struct sts_query_row *row = &rows->rows[i];
		json_t *object = json_pack("{s:s, s:I, s:I, s:I}", "domain", row->domain, "count",
		    (json_int_t)row->n[N_COUNT], "messages", (json_int_t)row->n[N_MESSAGES], "last_seen",
		    (json_int_t)row->last_seen);

		if (json_array_append_new(list, object) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return json_pack("{s:s, s:o}", "by", request->by, "domains", list);
}

static void
top_to_csv(const struct domain_ranking *rows, const struct stats_request *request)
{
	struct csv csv = { .to = stdout };

	csv_head(&csv, (const char *const[]){ "domain", "count", "messages", "last_seen", NULL });
	for (size_t i = 0; i < rows->count && i < request->top; i++) {
		csv_text(&csv, rows->rows[i].domain);
		csv_number(&csv, rows->rows[i].n[N_COUNT]);
		csv_number(&csv, rows->rows[i].n[N_MESSAGES]);
		csv_time(&csv, rows->rows[i].last_seen);
		csv_end(&csv);
	}
}

static bool
print_top_table(const struct domain_ranking *rows, const struct stats_request *request)
{
	struct table *table = table_new("lrrrl");
	char share[HUMAN_PERCENT_CAP], time[HUMAN_TIME_CAP];
	bool good;

	table_row(table);
	table_text(table, "domain");
	table_text(table, "count");
	table_text(table, "share");
	table_text(table, "messages");
	table_text(table, "last seen");
	for (size_t i = 0; i < rows->count && i < request->top; i++) {
		const struct sts_query_row *row = &rows->rows[i];

		table_row(table);
		table_text(table, row->domain);
		table_number(table, row->n[N_COUNT]);
		table_text(table, human_percent(row->n[N_COUNT], row->n[N_MESSAGES], share));
		table_number(table, row->n[N_MESSAGES]);
		table_text(table, human_time(row->last_seen, time));
	}
	good = table_print(table, terminal_width(), stdout);
	table_free(&table);
	return good;
}

static bool
print_top(const struct domain_ranking *rows, const struct stats_request *request)
{
	printf("domains by %s, ", request->by);
	stats_print_period(request);
	if (rows->count > 0)
		return print_top_table(rows, request);
	puts("no domain");
	return true;
}

enum cmd_exit
stats_top(const struct cmd_context *context, const struct settings_redis *redis, const struct stats_request *request)
{
	struct walk walk = { .rows.keep = request->top };
	enum sts_status status = collect(redis, request, request->by, &walk);
	enum cmd_exit code = CMD_FINE;

	if (status != STS_OK)
		code = settings_redis_error(context, redis, status);
	else if (context->json)
		code = output_json(context, code, top_to_json(&walk.rows, request));
	else if (request->csv)
		top_to_csv(&walk.rows, request);
	else if (!print_top(&walk.rows, request))
		code = output_error(context, CMD_UNKNOWN, "no memory");
	domain_ranking_fini(&walk.rows);
	return code;
}

/* ---- at risk ---- */

struct risk {
	const struct domain_ranking *rows;
	const struct stats_request *request;
	int64_t fail, aligned;		/* messages of these domains with the result fail; those of them from aligned clients */
	int64_t refused;		/* messages of these domains that the milter refused, for any reason */
	int64_t messages;		/* in all mail */
};

/* How many of the messages at risk came from clients that look like the domain's own. */
enum { ALIGNED_CAP = 48 };
static const char *
aligned_text(const struct sts_query_row *row, char out[ALIGNED_CAP])
{
	if (row->n[N_ALIGNED] == 0)
		return "no";
	if (row->n[N_ALIGNED] >= row->n[N_COUNT])
		return "yes";
	snprintf(out, ALIGNED_CAP, "%" PRId64 " of %" PRId64, row->n[N_ALIGNED], row->n[N_COUNT]);
	return out;
}

static json_t *
risk_row_to_json(const struct sts_query_row *row)
{
	double share = row->n[N_MESSAGES] > 0 ? (double)row->n[N_COUNT] / (double)row->n[N_MESSAGES] : 0;

	return json_pack("{s:s, s:I, s:I, s:f, s:I, s:I, s:I, s:I}", "domain", row->domain, "refused",
	    (json_int_t)row->n[N_COUNT], "messages", (json_int_t)row->n[N_MESSAGES], "share", share, "refused_aligned",
	    (json_int_t)row->n[N_ALIGNED], "last_seen", (json_int_t)row->last_seen, "last_plaintext",
	    (json_int_t)row->n[N_PLAINTEXT], "were_refused", (json_int_t)row->n[N_REFUSED]);
}

static json_t *
risk_to_json(const struct risk *risk)
{
	json_t *list = json_array();

	for (size_t i = 0; i < risk->rows->count && i < risk->request->top; i++) {
		if (json_array_append_new(list, risk_row_to_json(&risk->rows->rows[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "messages", (json_int_t)risk->messages, "refused",
	    (json_int_t)risk->fail, "refused_aligned", (json_int_t)risk->aligned, "were_refused", (json_int_t)risk->refused,
	    "domain_count", (json_int_t)risk->rows->count, "domains", list);
}

static void
risk_to_csv(const struct risk *risk)
{
	struct csv csv = { .to = stdout };

	csv_head(&csv, (const char *const[]){ "domain", "at_risk", "messages", "at_risk_aligned", "refused", "last_seen",
		"last_plaintext", NULL });
	for (size_t i = 0; i < risk->rows->count && i < risk->request->top; i++) {
		const struct sts_query_row *row = &risk->rows->rows[i];

		csv_text(&csv, row->domain);
		csv_number(&csv, row->n[N_COUNT]);
		csv_number(&csv, row->n[N_MESSAGES]);
		csv_number(&csv, row->n[N_ALIGNED]);
		csv_number(&csv, row->n[N_REFUSED]);
		csv_time(&csv, row->last_seen);
		csv_time(&csv, row->n[N_PLAINTEXT]);
		csv_end(&csv);
	}
}

static bool
print_risk_table(const struct risk *risk)
{
	struct table *table = table_new("lrrrll");
	char text[ALIGNED_CAP], share[HUMAN_PERCENT_CAP], time[HUMAN_TIME_CAP];
	bool good;

	table_row(table);
	table_text(table, "domain");
	table_text(table, "at risk");
	table_text(table, "share");
	table_text(table, "messages");
	table_text(table, "last seen");
	table_text(table, "aligned");
	for (size_t i = 0; i < risk->rows->count && i < risk->request->top; i++) {
		const struct sts_query_row *row = &risk->rows->rows[i];

		table_row(table);
		table_text(table, row->domain);
		table_number(table, row->n[N_COUNT]);
		table_text(table, human_percent(row->n[N_COUNT], row->n[N_MESSAGES], share));
		table_number(table, row->n[N_MESSAGES]);
		table_text(table, human_time(row->last_seen, time));
		table_text(table, aligned_text(row, text));
	}
	good = table_print(table, terminal_width(), stdout);
	table_free(&table);
	return good;
}

static bool
print_risk(const struct risk *risk)
{
	size_t count = risk->rows->count;
	char share[HUMAN_PERCENT_CAP];

	printf("at risk: policy enforce, but mail without adequate TLS; ");
	stats_print_period(risk->request);
	if (count == 0) {
		puts("no domain");
		return true;
	}
	if (!print_risk_table(risk))
		return false;
	if (count > risk->request->top)
		printf("(and %zu more domains)\n", count - risk->request->top);
	printf("\nof %zu domain%s, %" PRId64 " messages (%s of all) %s, %" PRId64 " of them from aligned clients\n", count,
	    count == 1 ? "" : "s", risk->fail, human_percent(risk->fail, risk->messages, share),
	    risk->refused == 0 ? "would have been refused" : "were refused, or would have been", risk->aligned);
	if (risk->refused > 0)
		printf("%" PRId64 " messages of these domains were refused (and are not delivered), for this or another reason\n",
		    risk->refused);
	return true;
}

static enum sts_status
count_messages(const struct settings_redis *redis, const struct stats_request *request, int64_t *out)
{
	struct sts_tally tally = { 0 };
	enum sts_status status = stats_read_totals(redis, request, &tally);

	*out = sts_tally_get(&tally, "messages");
	sts_tally_fini(&tally);
	return status;
}

enum cmd_exit
stats_at_risk(const struct cmd_context *context, const struct settings_redis *redis, const struct stats_request *request)
{
	struct walk walk = { .seen = 0 };
	struct risk risk = { .rows = &walk.rows, .request = request };
	enum sts_status status = collect(redis, request, "result:fail", &walk);
	enum cmd_exit code = CMD_FINE;

	if (status == STS_OK)
		status = count_messages(redis, request, &risk.messages);
	for (size_t i = 0; i < walk.rows.count; i++) {
		stats_add(&risk.fail, walk.rows.rows[i].n[N_COUNT]);
		stats_add(&risk.refused, walk.rows.rows[i].n[N_REFUSED]);
		stats_add(&risk.aligned, walk.rows.rows[i].n[N_ALIGNED]);
	}
	if (status != STS_OK)
		code = settings_redis_error(context, redis, status);
	else if (context->json)
		code = output_json(context, code, risk_to_json(&risk));
	else if (request->csv)
		risk_to_csv(&risk);
	else if (!print_risk(&risk))
		code = output_error(context, CMD_UNKNOWN, "no memory");
	domain_ranking_fini(&walk.rows);
	return code;
}

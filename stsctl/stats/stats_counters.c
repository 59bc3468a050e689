/* SPDX-License-Identifier: ISC */
/* stats_counters.c - `stsctl stats` of all mail or of one domain: a table, and a graph of the days. */
#include "config.h"

#include "stsctl/stats/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/stats/counter_groups.h"
#include "stsctl/terminal/csv.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { GRAPH_LABEL = 12, GRAPH_RIGHT = 26, GRAPH_MAX = 500 };

struct report {
	const struct stats_request *request;
	struct sts_tally sum;
	struct sts_tally *days;		/* NULL without --days */
};

/* ---- reading ---- */

static enum sts_status
read_hash(const struct settings_redis *redis, const struct stats_request *request, const char *day, struct sts_tally *out)
{
	enum sts_status status;

	if (request->domain[0] != '\0')
		status = sts_query_domain(redis->query, request->domain, day, out);
	else
		status = sts_query_stats(redis->query, day, out);
	return status == STS_ENOTFOUND ? STS_OK : status;
}

static enum sts_status
read_report(const struct settings_redis *redis, struct report *report)
{
	const struct stats_request *request = report->request;
	enum sts_status status = STS_OK;

	if (request->day_count == 0)
		return read_hash(redis, request, NULL, &report->sum);
	if ((report->days = calloc(request->day_count, sizeof(*report->days))) == NULL)
		return STS_ENOMEM;
	for (size_t i = 0; i < request->day_count && status == STS_OK; i++) {
		status = read_hash(redis, request, request->days[i], &report->days[i]);
		if (status == STS_OK)
			status = sts_tally_merge(&report->sum, &report->days[i]);
	}
	return status;
}

static void
report_fini(struct report *report)
{
	for (size_t i = 0; report->days != NULL && i < report->request->day_count; i++)
		sts_tally_fini(&report->days[i]);
	free(report->days);
	sts_tally_fini(&report->sum);
}

/* ---- JSON ---- */

static json_t *
counters_to_json(const struct sts_tally *tally)
{
	json_t *object = json_object();

	for (size_t i = 0; i < tally->count && object != NULL; i++) {
		const struct sts_tally_field *f = &tally->fields[i];

		if (sts_tally_is_time(f->name))
			continue;
		if (json_object_set_new(object, f->name, json_integer((json_int_t)f->n)) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* Includes days without mail, so that a reader need not fill gaps. */
static json_t *
days_to_json(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->request->day_count && list != NULL; i++) {
		json_t *day = json_pack("{s:s, s:o}", "day", report->request->days[i], "counters",
		    counters_to_json(&report->days[i]));

		if (json_array_append_new(list, day) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *
report_to_json(const struct report *report)
{
	static const char *const times[] = { "first_seen", "last_seen", "last_plaintext" };
	const char *domain = report->request->domain;
	json_t *object = json_pack("{s:I, s:o, s:I}", "messages", (json_int_t)sts_tally_get(&report->sum, "messages"),
	    "counters", counters_to_json(&report->sum), "ignored_fields", (json_int_t)report->sum.odd);
	bool good = object != NULL;

	if (good && domain[0] != '\0')
		good = json_object_set_new(object, "domain", json_string(domain)) == 0;
	for (size_t i = 0; good && domain[0] != '\0' && i < sizeof(times) / sizeof(times[0]); i++)
		good = json_object_set_new(object, times[i], json_integer((json_int_t)sts_tally_get(&report->sum, times[i]))) == 0;
	if (good && report->days != NULL)
		good = json_object_set_new(object, "days", days_to_json(report)) == 0;
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

/* ---- CSV ---- */

static void
csv_counters(struct csv *csv, const struct report *report, const char *day, const struct sts_tally *tally)
{
	for (size_t i = 0; i < tally->count; i++) {
		if (sts_tally_is_time(tally->fields[i].name))
			continue;
		if (report->request->domain[0] != '\0')
			csv_text(csv, report->request->domain);
		if (day != NULL)
			csv_text(csv, day);
		csv_text(csv, tally->fields[i].name);
		csv_number(csv, tally->fields[i].n);
		csv_end(csv);
	}
}

/* One record for each counter, or with --days for each counter and day, as a pivot table wants them. */
static void
print_csv(const struct report *report)
{
	struct csv csv = { .to = stdout };

	if (report->request->domain[0] != '\0')
		csv_text(&csv, "domain");
	if (report->days != NULL)
		csv_text(&csv, "day");
	csv_head(&csv, (const char *const[]){ "counter", "count", NULL });
	if (report->days == NULL)
		csv_counters(&csv, report, NULL, &report->sum);
	for (size_t i = 0; report->days != NULL && i < report->request->day_count; i++)
		csv_counters(&csv, report, report->request->days[i], &report->days[i]);
}

/* ---- for people ---- */

static void
add_counter(struct table *table, const struct report *report, const char *label, const char *field)
{
	int64_t n = sts_tally_get(&report->sum, field), messages = sts_tally_get(&report->sum, "messages");
	char share[HUMAN_PERCENT_CAP], own[STS_TALLY_NAME_CAP + 8];

	table_row(table);
	table_text(table, label);
	table_number(table, n);
	table_text(table, counter_groups_has_share(field) ? human_percent(n, messages, share) : "");
	snprintf(own, sizeof(own), "aligned:%s", field);
	if (report->request->domain[0] == '\0' || strncmp(field, "aligned:", 8) == 0)
		return;
	if (sts_tally_get(&report->sum, own) > 0)
		table_number(table, sts_tally_get(&report->sum, own));
	else
		table_text(table, "-");
}

static void
add_group(struct table *table, const struct report *report, const char *group)
{
	const struct sts_tally_field *fields[STS_TALLY_FIELDS_MAX];
	size_t count = counter_groups_of_group(&report->sum, group, fields, STS_TALLY_FIELDS_MAX);
	char label[STS_TALLY_NAME_CAP + 2];

	if (count == 0)
		return;
	table_row(table);
	table_text(table, group);
	for (size_t i = 0; i < count; i++) {
		snprintf(label, sizeof(label), "  %s", counter_groups_name_in_group(fields[i], group));
		add_counter(table, report, label, fields[i]->name);
	}
}

static bool
print_counters(const struct report *report)
{
	bool domain = report->request->domain[0] != '\0', good;
	struct table *table = table_new(domain ? "lrrr" : "lrr");

	table_row(table);
	table_text(table, "");
	table_text(table, "count");
	table_text(table, "share");
	table_text(table, "aligned");
	for (size_t i = 0; counter_groups_single[i] != NULL; i++)
		if (sts_tally_get(&report->sum, counter_groups_single[i]) > 0)
			add_counter(table, report, counter_groups_single[i], counter_groups_single[i]);
	for (size_t i = 0; counter_groups_names[i] != NULL; i++)
		add_group(table, report, counter_groups_names[i]);
	good = table_print(table, terminal_width(), stdout);
	table_free(&table);
	return good;
}

static struct human_graph
graph_of(const int64_t *n, size_t count)
{
	size_t room = terminal_width() - GRAPH_LABEL - GRAPH_RIGHT;

	return (struct human_graph){ n, count, room < GRAPH_MAX ? room : GRAPH_MAX, terminal_is_utf8() };
}

static void
print_graph(const struct report *report, const char *label, const char *field)
{
	int64_t n[STATS_DAYS_MAX], greatest = 0;
	struct human_graph graph = graph_of(n, report->request->day_count);
	char line[3 * GRAPH_MAX + 1];
	struct sts_text text;

	for (size_t i = 0; i < graph.count; i++) {
		n[i] = sts_tally_get(&report->days[i], field);
		if (n[i] > greatest)
			greatest = n[i];
	}
	if (greatest == 0)
		return;
	sts_text_init(&text, line, sizeof(line));
	human_add_graph(&text, &graph);
	printf("%-*s%s  most a day %" PRId64 "\n", GRAPH_LABEL, label, line, greatest);
}

static void
print_graphs(const struct report *report)
{
	const struct human_graph graph = graph_of(NULL, report->request->day_count);

	if (graph.count < 2 || sts_tally_get(&report->sum, "messages") == 0)
		return;
	print_graph(report, "messages", "messages");
	print_graph(report, "TLSv1.3", "tls:TLSv1.3");
	print_graph(report, "TLSv1.2", "tls:TLSv1.2");
	print_graph(report, "plaintext", "tls:none");
	print_graph(report, "fail", "result:fail");
	print_graph(report, "softfail", "result:softfail");
	if (human_graph_step(&graph) > 1)
		printf("(a column is %zu days)\n", human_graph_step(&graph));
	putchar('\n');
}

static void
print_heading(const struct report *report)
{
	const struct stats_request *request = report->request;
	char time[HUMAN_TIME_CAP];

	printf("%s, ", request->domain[0] != '\0' ? request->domain : "all mail");
	if (request->day_count == 0)
		puts(request->domain[0] != '\0' ? "since it was first seen" : "since the start");
	else if (request->day_count == 1)
		printf("%s (UTC)\n", request->days[0]);
	else
		printf("%s to %s (UTC)\n", request->days[0], request->days[request->day_count - 1]);
	if (request->domain[0] == '\0' || report->sum.count == 0)
		return;
	printf("first seen %s", human_time(sts_tally_get(&report->sum, "first_seen"), time));
	printf(", last %s", human_time(sts_tally_get(&report->sum, "last_seen"), time));
	printf(", last without TLS %s\n", human_time(sts_tally_get(&report->sum, "last_plaintext"), time));
}

static bool
print_report(const struct report *report)
{
	print_heading(report);
	if (report->sum.count == 0) {
		puts("nothing is counted");
		return true;
	}
	putchar('\n');
	print_graphs(report);
	if (!print_counters(report))
		return false;
	if (report->sum.odd > 0)
		printf("(%zu fields that mta-sts-milter cannot have written are left out)\n", report->sum.odd);
	return true;
}

enum cmd_exit
stats_counters(const struct cmd_context *context, const struct settings_redis *redis, const struct stats_request *request)
{
	struct report report = { .request = request };
	enum sts_status status = read_report(redis, &report);
	/* for a domain never seen, the answer is no; that there has been no mail at all is an answer, too */
	enum cmd_exit code = request->domain[0] != '\0' && report.sum.count == 0 ? CMD_NO : CMD_FINE;

	if (status != STS_OK)
		code = settings_redis_error(context, redis, status);
	else if (context->json)
		code = output_json(context, code, report_to_json(&report));
	else if (request->csv)
		print_csv(&report);
	else if (!print_report(&report))
		code = output_error(context, CMD_UNKNOWN, "no memory");
	report_fini(&report);
	return code;
}

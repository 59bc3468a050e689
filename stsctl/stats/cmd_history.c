/* SPDX-License-Identifier: ISC */
/* cmd_history.c - stsctl history: how a domain's own mail came in recently, and how one more message would be judged. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/judge/history.h"
#include "stsctl/context/backends.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { GRAPH_LABEL = 14, GRAPH_CAP = 4 * STS_HISTORY_DAYS + 1 };

/* The two lines of the report, and their words. */
static const struct kind {
	enum sts_tls_state tls;
	const char *label, *name;	/* name: in JSON */
} kinds[] = {
	{ STS_TLS_SECURED, "over TLS", "tls" },
	{ STS_TLS_NONE, "in plaintext", "plaintext" },
};
enum { KINDS = 2 };

struct report {
	const char *domain;
	int64_t now;
	struct sts_history_days history;
	struct sts_history_sum sums[KINDS];
	enum sts_history verdicts[KINDS];	/* for one more message of this kind */
};

static void
fill_report(const struct sts_conf *conf, struct report *r)
{
	for (size_t i = 0; i < KINDS; i++) {
		sts_history_sum(&r->history, kinds[i].tls, r->now, &r->sums[i]);
		r->verdicts[i] = sts_history_judge(&r->history, &conf->downgrade, kinds[i].tls, r->now);
	}
}

static const char *
verdict_name(enum sts_history verdict)
{
	return verdict == STS_HISTORY_NONE ? "none" : sts_history_name(verdict);
}

/* ---- JSON ---- */

static json_t *
sum_to_json(const struct sts_history_sum *sum)
{
	char first[STS_HISTORY_DATE_CAP], last[STS_HISTORY_DATE_CAP];

	if (sum->days == 0)
		return json_pack("{s:i, s:i}", "messages", 0, "days", 0);
	return json_pack("{s:I, s:I, s:s, s:s}", "messages", (json_int_t)sum->messages, "days", (json_int_t)sum->days, "first",
	    sts_history_date(sum->first, first), "last", sts_history_date(sum->last, last));
}

/* Days with mail. */
static json_t *
days_to_json(const struct report *r)
{
	int64_t today = sts_history_day(r->now);
	json_t *list = json_array();
	char date[STS_HISTORY_DATE_CAP];

	for (int64_t day = today - STS_HISTORY_DAYS + 1; day <= today && list != NULL; day++) {
		struct sts_history_day at = sts_history_at(&r->history, day);

		if (at.tls == 0 && at.plaintext == 0)
			continue;
		if (json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "day", sts_history_date(day, date), "tls",
		    (json_int_t)at.tls, "plaintext", (json_int_t)at.plaintext)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *
report_to_json(const struct report *r)
{
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:{s:s, s:s}}", "domain", r->domain, "window_days", STS_HISTORY_DAYS,
	    kinds[0].name, sum_to_json(&r->sums[0]), kinds[1].name, sum_to_json(&r->sums[1]), "days", days_to_json(r),
	    "verdict", kinds[0].name, verdict_name(r->verdicts[0]), kinds[1].name, verdict_name(r->verdicts[1]));
}

/* ---- for people ---- */

static bool
print_sums(const struct report *r)
{
	struct table *table = table_new("lrrll");
	char date[STS_HISTORY_DATE_CAP];
	bool good;

	table_row(table);
	for (size_t i = 0; i < 5; i++)
		table_text(table, ((const char *const[]){ "", "messages", "days", "first", "last" })[i]);
	for (size_t i = 0; i < KINDS; i++) {
		const struct sts_history_sum *sum = &r->sums[i];

		table_row(table);
		table_text(table, kinds[i].label);
		table_number(table, (int64_t)sum->messages);
		table_number(table, (int64_t)sum->days);
		table_text(table, sum->days > 0 ? sts_history_date(sum->first, date) : "-");
		table_text(table, sum->days > 0 ? sts_history_date(sum->last, date) : "-");
	}
	good = table_print(table, terminal_width(), stdout);
	table_free(&table);
	return good;
}

static void
print_graph(const struct report *r, const struct kind *kind)
{
	int64_t n[STS_HISTORY_DAYS], first = sts_history_day(r->now) - STS_HISTORY_DAYS + 1;
	size_t width = terminal_width();
	const struct human_graph graph = { n, STS_HISTORY_DAYS,
		width > 2 * GRAPH_LABEL ? width - GRAPH_LABEL : GRAPH_LABEL, terminal_is_utf8() };
	char storage[GRAPH_CAP];
	struct sts_text text;

	for (int i = 0; i < STS_HISTORY_DAYS; i++) {
		struct sts_history_day day = sts_history_at(&r->history, first + i);

		n[i] = kind->tls == STS_TLS_SECURED ? day.tls : day.plaintext;
	}
	sts_text_init(&text, storage, sizeof(storage));
	human_add_graph(&text, &graph);
	printf("%-*s%s\n", GRAPH_LABEL, kind->label, text.buf);
}

static enum cmd_exit
print_report(const struct cmd_context *context, const struct sts_conf *conf, const struct report *r)
{
	printf("%s: mail from its own (aligned) clients, the last %d days\n\n", r->domain, STS_HISTORY_DAYS);
	if (!print_sums(r))
		return output_error(context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	putchar('\n');
	for (size_t i = 0; i < KINDS; i++)
		print_graph(r, &kinds[i]);
	printf("\none more message over TLS: %s; in plaintext: %s\n", verdict_name(r->verdicts[0]), verdict_name(r->verdicts[1]));
	if (conf->downgrade.days == 0 || conf->downgrade.messages == 0)
		puts("(the settings keep no histories: downgrade_days, downgrade_messages)");
	return CMD_FINE;
}

/* ---- show, clear ---- */

static void
take_fields(const struct sts_tally *tally, struct report *r)
{
	char number[24];

	for (size_t i = 0; i < tally->count; i++) {
		const struct sts_tally_field *field = &tally->fields[i];
		int len = snprintf(number, sizeof(number), "%" PRId64, field->n);

		(void)sts_history_take(&r->history, field->name, strlen(field->name), number, (size_t)len, r->now);
	}
}

static enum cmd_exit
show(const struct cmd_context *context, const struct settings_redis *redis, const char *domain)
{
	struct report r = { .domain = domain, .now = sts_clock_now() };
	struct sts_tally tally = { 0 };
	enum sts_status status = sts_query_history(redis->query, domain, &tally);

	take_fields(&tally, &r);
	sts_tally_fini(&tally);
	if (status != STS_OK && status != STS_ENOTFOUND)
		return settings_redis_error(context, redis, status);
	fill_report(redis->conf, &r);
	if (r.sums[0].days + r.sums[1].days == 0)
		return output_error(context, CMD_NO, "%s: there is no history", domain);
	return context->json ? output_json(context, CMD_FINE, report_to_json(&r)) : print_report(context, redis->conf, &r);
}

static enum cmd_exit
run_show(const struct cmd_context *context, const char *domain)
{
	struct settings_redis redis;
	enum cmd_exit code = settings_open_redis(context, 0, &redis);

	if (code == CMD_FINE)
		code = show(context, &redis, domain);
	settings_close_redis(&redis);
	return code;
}

static enum cmd_exit
clear(const struct cmd_context *context, const struct sts_conf *conf, struct sts_store *store, const char *domain)
{
	enum sts_status status = sts_store_clear_history(store, domain);
	bool cleared = status == STS_OK;

	if (!cleared && status != STS_ENOTFOUND)
		return backends_store_error(context, conf, store, status);
	if (context->json)
		return output_json(context, cleared ? CMD_FINE : CMD_NO, json_pack("{s:s, s:b}", "domain", domain, "cleared",
		    cleared));
	printf("%s: %s; all milters have been told to forget it\n", domain, cleared ? "cleared" : "there was no history");
	return cleared ? CMD_FINE : CMD_NO;
}

static enum cmd_exit
run_clear(const struct cmd_context *context, const char *domain)
{
	struct sts_conf *conf = NULL;
	struct sts_store *store = NULL;
	enum cmd_exit code = settings_load(context, &conf);

	if (code == CMD_FINE)
		code = backends_open_store(context, conf, &store);
	if (code == CMD_FINE && store == NULL)
		code = output_error(context, CMD_UNKNOWN, "redis = none: each milter keeps its own histories, until it stops");
	else if (code == CMD_FINE)
		code = clear(context, conf, store, domain);
	sts_store_close(&store);
	sts_conf_unref(&conf);
	return code;
}

enum cmd_exit
cmd_history(const struct cmd_context *context, int argc, char **argv)
{
	bool clears = strcmp(argv[0], "clear") == 0;	/* or "show": the table of commands lets nothing else through */
	char domain[STS_DOMAIN_CAP];
	enum cmd_exit code;

	if (argc != 2)
		return output_error(context, CMD_USAGE, "history %s: expects one DOMAIN", argv[0]);
	code = usage_domain(context, argv[1], domain);
	if (code != CMD_FINE)
		return code;
	return clears ? run_clear(context, domain) : run_show(context, domain);
}

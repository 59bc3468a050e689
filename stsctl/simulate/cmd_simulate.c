/* SPDX-License-Identifier: ISC */
/* cmd_simulate.c - stsctl simulate: what other settings would have done to the mail in the evidence. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/simulate/simulation_result.h"
#include "stsctl/terminal/csv.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { SHOW_EVERY = 10000, TOP_DEFAULT = 50, OVERRIDES_MAX = 128, NUMBER_MAX = 99999 };

enum option { OPTION_RULES, OPTION_DAYS, OPTION_TOP, OPTION_CSV };

const struct cmd_option cmd_simulate_options[] = {
	[OPTION_RULES] = { "rules", "FILE", "domain rules to try instead of those of domain_rules" },
	[OPTION_DAYS] = { "days", "N", "evidence of the last N days only" },
	[OPTION_TOP] = { "top", "N", "print N domains; 50 by default" },
	[OPTION_CSV] = { "csv", NULL, "print comma-separated values, with a line of names first; all domains" },
	CMD_OPTIONS_END,
};

struct simulation {
	const struct cmd_context *context;
	struct settings_redis redis;
	struct sts_enforcement enforcement;	/* by the settings, without dry_run */
	struct sts_enforce_rules by;
	unsigned long long days, top;		/* days 0: all evidence */
	int64_t now;
	struct simulation_result outcome;
	enum sts_status status;			/* of collecting the result */
	bool watched;
};

/* ---- the evidence ---- */

static bool
take_entry(void *arg, const struct sts_query_entry *entry)
{
	struct simulation *s = arg;
	struct replay replay;

	if (!replay_entry(entry, &s->by, s->now, &replay))
		s->outcome.unread++;
	else
		s->status = simulation_result_add(&s->outcome, entry, &replay);
	if (s->watched && s->outcome.messages % SHOW_EVERY == 0)
		fprintf(stderr, "\r%" PRIu64 " messages", s->outcome.messages);
	return s->status == STS_OK;
}

static enum sts_status
read_evidence(struct simulation *s)
{
	char id[STS_STREAM_ID_CAP];
	enum sts_status status;

	snprintf(id, sizeof(id), "%" PRId64 "-0", s->days == 0 ? 0 : (s->now - (int64_t)s->days * 86400) * 1000);
	do
		status = sts_query_stream(s->redis.query, 0, id, take_entry, s);
	while (status == STS_OK && s->status == STS_OK);
	if (s->watched)
		fputs("\r\033[K", stderr);
	if (status == STS_ENOTFOUND)
		status = STS_OK;
	return s->status != STS_OK ? s->status : status;
}

/* ---- printing ---- */

static const char *
deed_of(const struct simulation_row *row)
{
	return sts_action_taken_name(sts_action_taken(row->decision.action, row->decision.wanted));
}

static const char *
domain_of(const struct simulation_row *row)
{
	return row->domain[0] != '\0' ? row->domain : "-";
}

static size_t
example_count(const struct simulation_row *row)
{
	return row->messages < SIMULATION_EXAMPLES ? (size_t)row->messages : SIMULATION_EXAMPLES;
}

static enum cmd_exit
exit_of(const struct simulation *s)
{
	return s->outcome.rows != NULL ? CMD_NO : CMD_FINE;
}

static void
print_examples(const struct simulation_row *row)
{
	char time[HUMAN_TIME_CAP];

	printf("%s, %s:\n", domain_of(row), deed_of(row));
	for (size_t i = 0; i < example_count(row); i++) {
		const struct simulation_example *e = &row->examples[i];

		printf("  %s  %s  client %s  lacks %s\n", human_time(e->ts_ms / 1000, time), e->queue_id, e->client,
		    sts_unmet_name(e->lacks));
	}
}

static void
print_head(const struct simulation *s)
{
	const struct simulation_result *o = &s->outcome;
	char first[HUMAN_TIME_CAP], last[HUMAN_TIME_CAP];

	printf("Evidence: %" PRIu64 " messages of %u domains, %s to %s.\n", o->messages, HASH_COUNT(o->totals),
	    human_time(o->first_ms / 1000, first), human_time(o->last_ms / 1000, last));
	printf("Of these: %" PRIu64 " rejected, %" PRIu64 " temporarily refused, %" PRIu64 " held",
	    o->actions[STS_ACTION_REJECT], o->actions[STS_ACTION_TEMPFAIL], o->actions[STS_ACTION_QUARANTINE]);
	if (o->only_wanted > 0)
		printf(", %" PRIu64 " marked only (enforce_percent)", o->only_wanted);
	puts(".");
	if (o->unread > 0)
		printf("%" PRIu64 "entries were not written by the milter.\n", o->unread);
}

static void
print_foot(const struct simulation *s)
{
	size_t rows = HASH_COUNT(s->outcome.rows);

	if (rows > s->top)
		printf("\n... and %zu more lines; see --top.\n", rows - (size_t)s->top);
	puts("\nNot in the evidence, and so not known here: recipients that are postmaster or abuse, which are never refused;\n"
	    "whether an id was confirmed; names and certificates of clients, and the masked parts of their addresses.\n"
	    "Rules apply as of today.");
	if (s->outcome.unsure > 0)
		printf("Rules with client= or cert= decide about %" PRIu64 " messages above, as if the client had neither.\n",
		    s->outcome.unsure);
}

static enum cmd_exit
print_text(struct simulation *s)
{
	struct table *table = table_new("lrrll");
	bool printed = true;
	size_t n = 0;

	print_head(s);
	if (s->outcome.rows != NULL) {
		table_row(table);
		for (size_t i = 0; i < 5; i++)
			table_text(table, (const char *const[]){ "domain", "messages", "of", "action", "cause" }[i]);
		for (const struct simulation_row *row = s->outcome.rows; row != NULL && n < s->top; row = row->hh.next, n++) {
			table_row(table);
			table_text(table, domain_of(row));
			table_number(table, (int64_t)row->messages);
			table_number(table, (int64_t)row->of);
			table_text(table, deed_of(row));
			table_text(table, sts_cause_name(row->decision.cause));
		}
		putchar('\n');
		printed = table_print(table, terminal_width(), stdout);
		puts("\nThe latest of each:");
		n = 0;
		for (const struct simulation_row *row = s->outcome.rows; row != NULL && n < s->top; row = row->hh.next, n++)
			print_examples(row);
	}
	table_free(&table);
	print_foot(s);
	return printed ? exit_of(s) : output_error(s->context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
}

static enum cmd_exit
print_csv(const struct simulation *s)
{
	struct csv csv = { .to = stdout };

	csv_head(&csv, (const char *const[]){ "domain", "messages", "of", "action", "cause", NULL });
	for (const struct simulation_row *row = s->outcome.rows; row != NULL; row = row->hh.next) {
		csv_text(&csv, row->domain);
		csv_number(&csv, (int64_t)row->messages);
		csv_number(&csv, (int64_t)row->of);
		csv_text(&csv, deed_of(row));
		csv_text(&csv, sts_cause_name(row->decision.cause));
		csv_end(&csv);
	}
	return exit_of(s);
}

/* json_pack takes the references that it is handed, even when it fails. */
static json_t *
row_to_json(const struct simulation_row *row)
{
	json_t *examples = json_array();

	for (size_t i = 0; i < example_count(row); i++) {
		const struct simulation_example *e = &row->examples[i];

		if (json_array_append_new(examples, json_pack("{s:I, s:s, s:s, s:s}", "ts", (json_int_t)e->ts_ms, "queue_id",
		    e->queue_id, "client", e->client, "lacks", sts_unmet_name(e->lacks))) != 0) {
			json_decref(examples);
			return NULL;
		}
	}
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:o}", "domain", domain_of(row), "action", deed_of(row), "cause",
	    sts_cause_name(row->decision.cause), "messages", (json_int_t)row->messages, "of", (json_int_t)row->of, "examples",
	    examples);
}

static enum cmd_exit
print_json(const struct simulation *s)
{
	const struct simulation_result *o = &s->outcome;
	json_t *rows = json_array();

	for (const struct simulation_row *row = o->rows; row != NULL; row = row->hh.next) {
		if (json_array_append_new(rows, row_to_json(row)) != 0) {
			json_decref(rows);
			rows = NULL;
			break;
		}
	}
	return output_json(s->context, exit_of(s), json_pack("{s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I}, s:o}",
	    "messages", (json_int_t)o->messages, "unread", (json_int_t)o->unread, "unsure", (json_int_t)o->unsure,
	    "first", (json_int_t)o->first_ms, "last", (json_int_t)o->last_ms, "actions",
	    "reject", (json_int_t)o->actions[STS_ACTION_REJECT], "tempfail", (json_int_t)o->actions[STS_ACTION_TEMPFAIL],
	    "quarantine", (json_int_t)o->actions[STS_ACTION_QUARANTINE], "would", (json_int_t)o->only_wanted, "domains", rows));
}

/* ---- the command ---- */

static enum cmd_exit
run(struct simulation *s)
{
	enum cmd_exit code = settings_open_redis(s->context, 0, &s->redis);
	enum sts_status status;

	if (code != CMD_FINE)
		return code;
	s->enforcement = s->redis.conf->enforcement;
	s->enforcement.dry_run = false;
	s->by = (struct sts_enforce_rules){ &s->redis.conf->rules, s->redis.conf->domain_rules, &s->enforcement };
	if (!sts_conf_enforces(s->redis.conf))
		return output_error(s->context, CMD_USAGE, "simulate: these settings refuse nothing; try others with -o, or "
		    "--rules");
	status = read_evidence(s);
	if (status != STS_OK)
		return settings_redis_error(s->context, &s->redis, status);
	if (s->outcome.messages == 0 && s->outcome.unread > 0)
		return output_error(s->context, CMD_UNKNOWN, "simulate: none of the evidence can be read, %" PRIu64 " entries",
		    s->outcome.unread);
	if (s->outcome.messages == 0)
		return output_error(s->context, CMD_UNKNOWN, "simulate: there is no evidence%s",
		    s->days > 0 ? "from these days" : "");
	simulation_result_settle(&s->outcome);
	if (s->context->json)
		return print_json(s);
	return s->context->values[OPTION_CSV] != NULL ? print_csv(s) : print_text(s);
}

static enum cmd_exit
read_number(const struct cmd_context *context, enum option option, unsigned long long *out)
{
	return usage_number(context, &cmd_simulate_options[option], context->values[option], NUMBER_MAX, out);
}

/* Turns --rules FILE into an override; the setting needs an absolute path. */
static enum cmd_exit
add_rules(struct cmd_context *context, const char **overrides, char **setting)
{
	const char *file = context->values[OPTION_RULES];
	char *path;

	if (file == NULL)
		return CMD_FINE;
	if (context->override_count == OVERRIDES_MAX)
		return output_error(context, CMD_USAGE, "simulate: too many -o");
	path = realpath(file, NULL);
	if (path == NULL)
		return output_error(context, CMD_UNKNOWN, "--rules: %s: %s", file, strerror(errno));
	*setting = malloc(strlen(path) + sizeof("domain_rules="));
	if (*setting != NULL)
		stpcpy(stpcpy(*setting, "domain_rules="), path);
	free(path);
	if (*setting == NULL)
		return output_error(context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	memcpy(overrides, context->overrides, context->override_count * sizeof(*overrides));
	overrides[context->override_count++] = *setting;
	context->overrides = overrides;
	return CMD_FINE;
}

enum cmd_exit
cmd_simulate(const struct cmd_context *context, int argc, char **argv)
{
	const char *overrides[OVERRIDES_MAX + 1];
	struct cmd_context proposed = *context;
	struct simulation s = { .context = &proposed, .top = TOP_DEFAULT, .now = sts_clock_now(), .watched = terminal_is_watched() };
	char *setting = NULL;
	enum cmd_exit code;

	if ((code = usage_no_operands(context, "simulate", argc, argv, "")) != CMD_FINE)
		return code;
	code = usage_csv_or_json(context, context->values[OPTION_CSV]);
	if (code == CMD_FINE)
		code = read_number(context, OPTION_DAYS, &s.days);
	if (code == CMD_FINE)
		code = read_number(context, OPTION_TOP, &s.top);
	if (code == CMD_FINE)
		code = add_rules(&proposed, overrides, &setting);
	if (code == CMD_FINE)
		code = run(&s);
	simulation_result_fini(&s.outcome);
	settings_close_redis(&s.redis);
	free(setting);
	return code;
}

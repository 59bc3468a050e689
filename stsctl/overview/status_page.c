/* SPDX-License-Identifier: ISC */
/* status_page.c - puts a snapshot into words. Knows neither Redis nor terminals. */
#include "config.h"

#include "stsctl/overview/status_page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/context/node_state.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/wrap.h"

enum { LABEL = 14, LINE_CAP = 1024, AGES_CAP = 2 * HUMAN_AGE_CAP };

const char *
overview_enforcement(const struct overview *overview)
{
	if (!overview->enforces)
		return "off";
	return overview->dry_run ? "dry-run" : "on";
}

static void __attribute__((format(printf, 4, 5)))
print_line(FILE *to, size_t width, const char *label, const char *format, ...)
{
	char line[LINE_CAP];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	fprintf(to, "%-*s", LABEL, label);
	(void)wrap_words(line, LABEL, LABEL, width, to);
	putc('\n', to);
}

/* ---- this machine ---- */

static void
print_redis(const struct overview *o, size_t width, FILE *to)
{
	if (!o->has_redis)
		print_line(to, width, "Redis", "none: counters and policies are only in each milter's memory");
	else if (o->reachable)
		print_line(to, width, "Redis", "%s, answered in %" PRId64 " ms", o->redis, o->snapshot.answer_ms);
	else
		print_line(to, width, "Redis", "%s: %s", o->redis, o->why);
}

static const char *
enforcement_text(const struct overview *o)
{
	if (!o->enforces)
		return "off: the settings refuse nothing";
	return o->dry_run ? "dry-run: what would be refused is only marked" : "on: mail is refused or held";
}

static void
print_wire(const struct overview *o, size_t width, FILE *to)
{
	const struct snapshot *f = &o->snapshot;
	int64_t refused = 0;
	size_t tripped = 0;

	for (size_t i = 0; i < f->node_count; i++) {
		if (node_is_silent(&f->nodes[i], f->now))
			continue;
		tripped += f->nodes[i].tripped != 0;
		refused += f->nodes[i].refused_minute;
	}
	print_line(to, width, "Trip wire", "%s; %" PRId64 " messages refused or held in the last minute", tripped == 0 ? "not tripped" :
	    "tripped", refused);
}

static void
print_local(const struct overview *o, size_t width, FILE *to)
{
	const struct local_metrics *l = &o->local;

	if (o->metrics_listen[0] == '\0')
		return;
	if (!l->answered)
		print_line(to, width, "This milter", "/metrics at %s: %s", o->metrics_listen, l->why);
	else
		print_line(to, width, "This milter", "counters of %" PRId64 " messages wait for Redis, in %" PRId64 " rows (/metrics)%s",
		    l->pending_messages, l->pending_rows, l->store_up == 0 ? "; after failures, it waits before it tries Redis again" : "");
}

/* ---- the milters ---- */

static bool
print_nodes(const struct snapshot *f, size_t width, FILE *to)
{
	struct table *table = table_new("llllrr");
	char age[HUMAN_AGE_CAP];
	bool good;

	table_row(table);
	for (size_t i = 0; i < 6; i++)
		table_text(table, (const char *const[]){ "milter", "version", "refuses", "seen", "started", "waiting" }[i]);
	for (size_t i = 0; i < f->node_count; i++) {
		const struct sts_query_node *n = &f->nodes[i];

		table_row(table);
		table_text(table, n->name);
		table_text(table, n->version[0] != '\0' ? n->version : "-");
		table_text(table, node_is_silent(n, f->now) ? "silent" : node_state(n));
		table_text(table, human_age(n->seen < f->now ? n->seen : f->now, f->now, age));
		table_text(table, human_age(n->started, f->now, age));
		table_number(table, n->pending_messages);
	}
	if (f->node_count > 0)
		putc('\n', to);
	good = f->node_count == 0 || table_print(table, width, to);
	table_free(&table);
	return good;
}

/* ---- today ---- */

/* Prints "pass 70.0%, none 20.0%", the greatest first. */
static void
print_group(const struct snapshot *f, const char *label, const char *group, size_t width, FILE *to)
{
	int64_t messages = sts_tally_get(&f->today, "messages"), before = INT64_MAX;
	char line[LINE_CAP], share[HUMAN_PERCENT_CAP];
	size_t len = strlen(group), before_at = 0;
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	for (;;) {
		const struct sts_tally_field *next = NULL;
		size_t at = 0;

		/* the greatest of those that come after the previous one; equal ones by name */
		for (size_t i = 0; i < f->today.count; i++) {
			const struct sts_tally_field *field = &f->today.fields[i];

			if (strncmp(field->name, group, len) != 0 || field->n > before ||
			    (field->n == before && i <= before_at) || (next != NULL && field->n <= next->n))
				continue;
			next = field;
			at = i;
		}
		if (next == NULL)
			break;
		before = next->n;
		before_at = at;
		sts_text_addf(&text, "%s%s %s", text.len > 0 ? ", " : "", next->name + len, human_percent(next->n, messages, share));
	}
	if (text.len > 0)
		print_line(to, width, label, "%s", line);
}

static void
print_today(const struct snapshot *f, size_t width, FILE *to)
{
	int64_t messages = sts_tally_get(&f->today, "messages"), refused = sts_tally_get(&f->today, "refused");
	char share[HUMAN_PERCENT_CAP];

	fprintf(to, "\nToday, %s (UTC)\n", f->day);
	if (messages == 0) {
		print_line(to, width, "  messages", "none yet");
		return;
	}
	print_line(to, width, "  messages", "%" PRId64 ", %s over TLS", messages, human_percent(snapshot_over_tls(&f->today), messages,
	    share));
	print_group(f, "  results", "result:", width, to);
	print_group(f, "  TLS", "tls:", width, to);
	if (refused > 0)
		print_line(to, width, "  refused", "%" PRId64, refused);
}

/* ---- problems ---- */

static void
print_problems(const struct overview *o, size_t width, FILE *to)
{
	char age[HUMAN_AGE_CAP];

	fputs(o->problems.count > 0 ? "\nWarnings, the newest first\n" : "\nNo warnings\n", to);
	for (size_t i = 0; i < o->problems.count; i++) {
		const struct problem *t = &o->problems.list[i];

		fprintf(to, "  %-*s", LABEL - 2, human_age(t->since < o->snapshot.now ? t->since : o->snapshot.now, o->snapshot.now, age));
		(void)wrap_words(t->text, LABEL, LABEL, width, to);
		putc('\n', to);
	}
	if (o->problems.more > 0)
		fprintf(to, "  and %zu more\n", o->problems.more);
}

static bool
print_latest(const struct snapshot *f, size_t width, FILE *to)
{
	struct table *table = table_new("lllll");
	char time[HUMAN_TIME_CAP];
	bool good;

	if (f->latest_count == 0) {
		table_free(&table);
		return true;
	}
	putc('\n', to);
	(void)wrap_words("The latest mail without adequate TLS from domains that require it", 0, 0, width, to);
	putc('\n', to);
	table_row(table);
	for (size_t i = 0; i < 5; i++)
		table_text(table, (const char *const[]){ "domain", "time", "TLS", "client", "queue id" }[i]);
	for (size_t i = 0; i < f->latest_count; i++) {
		const struct snapshot_message *m = &f->latest[i];

		table_row(table);
		table_text(table, m->domain);
		table_text(table, human_time(m->when, time));
		table_text(table, m->tls);
		table_text(table, m->client);
		table_text(table, m->queue_id);
	}
	good = table_print(table, width, to);
	table_free(&table);
	return good;
}

bool
status_page_print(const struct overview *o, size_t width, FILE *to)
{
	char time[HUMAN_TIME_CAP];
	bool good;

	fprintf(to, "stsctl %s, %s\n", o->version, human_time(o->snapshot.now, time));
	print_redis(o, width, to);
	print_line(to, width, "Enforcement", "%s", enforcement_text(o));
	if (o->reachable)
		print_wire(o, width, to);
	print_local(o, width, to);
	if (!o->reachable)
		return true;
	good = print_nodes(&o->snapshot, width, to);
	print_today(&o->snapshot, width, to);
	print_problems(o, width, to);
	return print_latest(&o->snapshot, width, to) && good;
}

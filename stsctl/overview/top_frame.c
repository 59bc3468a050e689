/* SPDX-License-Identifier: ISC */
/* top_frame.c - lays out the lines. On a small screen the last ones are left out; domains get the lines that the rest leaves. */
#include "config.h"

#include "stsctl/overview/top_frame.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stsctl/context/node_state.h"
#include "stsctl/terminal/human_numbers.h"

enum {
	LABEL = 10,
	NODES_LEAST = 3,		/* shown even on a small screen */
	NUMBERS_WIDTH = 51,		/* the columns after a domain's name */
	NODE_WIDTH = 52,
	NAME_MIN = 12,
	RATE_CAP = 16,
};

void
top_frame_samples_add(struct top_frame_samples *samples, double rate)
{
	int64_t n = rate > 0 ? (int64_t)(rate * 1000) : 0;

	if (samples->count == TOP_FRAME_SAMPLES)
		memmove(samples->n, samples->n + 1, sizeof(samples->n) - sizeof(samples->n[0]));
	else
		samples->count++;
	samples->n[samples->count - 1] = n;
}

/* ---- lines ---- */

static bool
has_room(const struct top_frame_view *view, const struct top_frame *out)
{
	return out->count < TOP_FRAME_LINES_MAX && (view->height == 0 || out->count < view->height);
}

static size_t
lines_left(const struct top_frame_view *view, const struct top_frame *out)
{
	size_t height = view->height == 0 || view->height > TOP_FRAME_LINES_MAX ? TOP_FRAME_LINES_MAX : view->height;

	return height > out->count ? height - out->count : 0;
}

/* Appends a line, truncated to the width; a title is padded to it. */
static void __attribute__((format(printf, 4, 5)))
add(const struct top_frame_view *view, struct top_frame *out, enum top_frame_style style, const char *format, ...)
{
	struct top_frame_line *line = &out->lines[out->count];
	size_t width = view->width < TOP_FRAME_WIDTH_MAX ? view->width : TOP_FRAME_WIDTH_MAX, len;
	va_list ap;

	if (!has_room(view, out))
		return;
	va_start(ap, format);
	(void)vsnprintf(line->text, width + 1, format, ap);
	va_end(ap);
	len = strlen(line->text);
	if (style == TOP_FRAME_TITLE)
		memset(line->text + len, ' ', width - len);
	if (style == TOP_FRAME_TITLE)
		line->text[width] = '\0';
	line->style = style;
	out->count++;
}

static const char *
rate_text(double rate, char out[RATE_CAP])
{
	if (rate < 0 || rate > 1e9)
		return "-";
	snprintf(out, RATE_CAP, "%.1f", rate);
	return out;
}

/* A name padded or truncated to width columns; a truncated one ends with two dots. */
static const char *
fit(const char *name, size_t width, char out[TOP_FRAME_WIDTH_MAX + 1])
{
	size_t len = strlen(name);

	if (len <= width)
		snprintf(out, TOP_FRAME_WIDTH_MAX + 1, "%-*s", (int)width, name);
	else
		snprintf(out, TOP_FRAME_WIDTH_MAX + 1, "%.*s..", (int)width - 2, name);
	return out;
}

static size_t
name_width(const struct top_frame_view *view, size_t others)
{
	size_t width = view->width < TOP_FRAME_WIDTH_MAX ? view->width : TOP_FRAME_WIDTH_MAX;

	return width > others + NAME_MIN ? width - others : NAME_MIN;
}

/* ---- the top ---- */

static void
add_title(const struct top_frame_view *view, struct top_frame *out)
{
	size_t silent = 0, tripped = 0;
	char time[HUMAN_TIME_CAP];

	for (size_t i = 0; i < view->snapshot->node_count; i++) {
		silent += node_is_silent(&view->snapshot->nodes[i], view->snapshot->now);
		tripped += !node_is_silent(&view->snapshot->nodes[i], view->snapshot->now) && view->snapshot->nodes[i].tripped != 0;
	}
	(void)human_time(view->snapshot->now, time);
	if (view->unread)
		add(view, out, TOP_FRAME_TITLE, "stsctl top  %s", time);
	else
		add(view, out, TOP_FRAME_TITLE, "stsctl top  %s  milters: %zu, silent: %zu, tripped: %zu", time,
		    view->snapshot->node_count, silent, tripped);
	if (view->away != NULL)
		add(view, out, TOP_FRAME_WARNING, "trying again; redis %s: %s", view->redis, view->away);
}

static void
add_rates(const struct top_frame_view *view, struct top_frame *out)
{
	const struct sts_tally *today = &view->snapshot->today;
	int64_t messages = sts_tally_get(today, "messages");
	char rate[RATE_CAP], tls[HUMAN_PERCENT_CAP];

	add(view, out, TOP_FRAME_PLAIN, "%-*s%s a second, %" PRId64 " today, %s over TLS, %" PRId64 " refused", LABEL, "messages",
	    rate_text(view->rate, rate), messages, human_percent(snapshot_over_tls(today), messages, tls),
	    sts_tally_get(today, "refused"));
}

/* Appends the graph. Not by add, which would count its bytes as columns. */
static void
add_graph(const struct top_frame_view *view, struct top_frame *out)
{
	const struct human_graph graph = { view->samples.n, view->samples.count,
		view->width > 2 * LABEL ? view->width - LABEL : LABEL, view->utf8 };
	struct sts_text text;

	if (view->samples.count < 2 || !has_room(view, out))
		return;
	sts_text_init(&text, out->lines[out->count].text, TOP_FRAME_LINE_CAP);
	sts_text_addf(&text, "%-*s", LABEL, "");
	human_add_graph(&text, &graph);
	out->lines[out->count++].style = TOP_FRAME_PLAIN;
}

/* Appends "pass 70.0%  none 20.0%", in the order of fields. */
static void
add_group(const struct top_frame_view *view, struct top_frame *out, const char *label, const char *const *fields)
{
	const struct sts_tally *today = &view->snapshot->today;
	int64_t messages = sts_tally_get(today, "messages");
	char line[TOP_FRAME_LINE_CAP], share[HUMAN_PERCENT_CAP];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	for (; *fields != NULL; fields++) {
		int64_t n = sts_tally_get(today, *fields);

		if (n > 0)
			sts_text_addf(&text, "%s%s %s", text.len > 0 ? "  " : "", strchr(*fields, ':') + 1,
			    human_percent(n, messages, share));
	}
	add(view, out, TOP_FRAME_PLAIN, "%-*s%s", LABEL, label, text.len > 0 ? line : "-");
}

static void
add_groups(const struct top_frame_view *view, struct top_frame *out)
{
	static const char *const results[] = { "result:pass", "result:fail", "result:softfail", "result:none", "result:neutral",
		"result:temperror", "result:permerror", NULL };
	static const char *const versions[] = { "tls:TLSv1.3", "tls:TLSv1.2", "tls:TLSv1.1", "tls:TLSv1", "tls:other", "tls:none",
		"tls:unknown", NULL };

	add_group(view, out, "results", results);
	add_group(view, out, "TLS", versions);
}

/* ---- the milters ---- */

static void
add_nodes(const struct top_frame_view *view, struct top_frame *out)
{
	const struct snapshot *f = view->snapshot;
	size_t width = name_width(view, NODE_WIDTH), room = lines_left(view, out) / 3, shown;
	char name[TOP_FRAME_WIDTH_MAX + 1], age[HUMAN_AGE_CAP];

	if (f->node_count == 0)
		return;
	room = room < NODES_LEAST ? NODES_LEAST : room;
	shown = f->node_count <= room ? f->node_count : room - 1;
	add(view, out, TOP_FRAME_HEAD, "%s %-12s %-8s %-12s %8s %7s", fit("milter", width, name), "version", "refuses", "seen", "waiting",
	    "refused");
	for (size_t i = 0; i < shown; i++) {
		const struct sts_query_node *n = &f->nodes[i];
		bool silent = node_is_silent(n, f->now);

		add(view, out, silent || n->tripped != 0 ? TOP_FRAME_WARNING : TOP_FRAME_PLAIN, "%s %-12.12s %-8s %-12s %8" PRId64 " %7" PRId64,
		    fit(n->name, width, name), n->version[0] != '\0' ? n->version : "-", silent ? "silent" : node_state(n),
		    human_age(n->seen < f->now ? n->seen : f->now, f->now, age), n->pending_messages, n->refused_minute);
	}
	if (shown < f->node_count)
		add(view, out, TOP_FRAME_PLAIN, "and %zu more milters", f->node_count - shown);
	add(view, out, TOP_FRAME_PLAIN, "%s", "");
}

/* ---- domains ---- */

static void
add_domain(const struct top_frame_view *view, struct top_frame *out, const struct domain_rate *d, size_t width)
{
	char name[TOP_FRAME_WIDTH_MAX + 1], rate[RATE_CAP], age[HUMAN_AGE_CAP];
	int64_t now = view->snapshot->now;

	add(view, out, TOP_FRAME_PLAIN, "%s %8s %9" PRId64 " %9" PRId64 " %7" PRId64 " %12s", fit(d->domain, width, name),
	    rate_text(d->rate, rate), d->messages, d->plaintext, d->fail, human_age(d->last_seen < now ? d->last_seen : now, now, age));
}

/* A column's head; the one that the domains are sorted by is marked. */
static const char *
head_of(const struct top_frame_view *view, enum domain_column column, char out[RATE_CAP])
{
	snprintf(out, RATE_CAP, "%s%s", view->sort == column ? "*" : "", domain_columns[column]);
	return out;
}

static void
add_domains(const struct top_frame_view *view, struct top_frame *out)
{
	size_t width = name_width(view, NUMBERS_WIDTH), last = view->keys ? 1 : 0, room;
	char names[DOMAIN_COLUMNS][RATE_CAP], name[TOP_FRAME_WIDTH_MAX + 1];

	for (unsigned i = 0; i < DOMAIN_COLUMNS; i++)
		(void)head_of(view, (enum domain_column)i, names[i]);
	add(view, out, TOP_FRAME_HEAD, "%s %8s %9s %9s %7s %12s", fit(names[DOMAIN_NAME], width, name), names[DOMAIN_RATE],
	    names[DOMAIN_MESSAGES], names[DOMAIN_PLAINTEXT], names[DOMAIN_FAIL], names[DOMAIN_SEEN]);
	room = lines_left(view, out);
	room = room > last ? room - last : 0;
	for (size_t i = 0; i < view->domains->count && i < room; i++)
		add_domain(view, out, &view->domains->list[i], width);
	if (view->domains->count == 0 && room > 0)
		add(view, out, TOP_FRAME_PLAIN, "no mail in the last %" PRId64 " s", view->domain_window_s);
}

/* Appends the line of keys, always the last line of the screen. */
static void
add_keys(const struct top_frame_view *view, struct top_frame *out)
{
	if (!view->keys)
		return;
	while (view->height > 0 && out->count + 1 < view->height && has_room(view, out))
		add(view, out, TOP_FRAME_PLAIN, "%s", "");
	add(view, out, TOP_FRAME_TITLE, "q quit  <- -> or s: sort  (domains of the last %" PRId64 " s)", view->domain_window_s);
}

void
top_frame_make(const struct top_frame_view *view, struct top_frame *out)
{
	out->count = 0;
	add_title(view, out);
	if (!view->unread) {
		add_rates(view, out);
		add_graph(view, out);
		add_groups(view, out);
		add(view, out, TOP_FRAME_PLAIN, "%s", "");
		add_nodes(view, out);
		add_domains(view, out);
	}
	add_keys(view, out);
}

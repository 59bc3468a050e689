/* SPDX-License-Identifier: ISC */
/* cmd_top.c - `stsctl top': shows snapshots again and again on a screen, or once as text. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/overview/top_frame.h"
#include "stsctl/overview/overview_json.h"
#include "stsctl/overview/screen.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/terminal.h"

enum {
	DELAY_USUAL = 2, DELAY_MAX = 3600,
	WINDOW_S = 300, WINDOW_LEAST_S = 10,
	DOMAINS_MAX = 5000,		/* read at a time; with more of them, the window is made smaller */
	ONCE_DOMAINS = 20,
};

enum option { OPTION_DELAY, OPTION_SORT, OPTION_ONCE };

const struct cmd_option cmd_top_options[] = {
	[OPTION_DELAY] = { "d", "SECONDS", "the seconds between two readings; 2 by default" },
	[OPTION_SORT] = { "sort", "rate|messages|plaintext|fail|seen|domain", "the column to sort domains by, at first" },
	[OPTION_ONCE] = { "once", NULL, "print one screen as text after one interval, as top does without a terminal" },
	CMD_OPTIONS_END,
};

struct top {
	const struct cmd_context *context;
	struct settings_redis redis;
	char endpoint[STS_ENDPOINT_NAME_CAP];
	int64_t delay_ms, window_s;
	struct snapshot snapshot, fresh;
	struct domain_rates domains;
	bool has_snapshot, full;
	struct top_frame_view view;
	struct top_frame frame;
};

/* ---- reading ---- */

enum { N_MESSAGES, N_PLAINTEXT, N_FAIL, FIELDS };

static bool
take_domain(void *arg, const struct sts_query_row *row)
{
	struct top *top = arg;
	struct domain_rate rate = { .messages = row->n[N_MESSAGES], .plaintext = row->n[N_PLAINTEXT], .fail = row->n[N_FAIL],
		.last_seen = row->last_seen };

	strcpy(rate.domain, row->domain);
	top->full = top->domains.count == DOMAINS_MAX;
	return !top->full && domain_rates_add(&top->domains, &rate);
}

static enum sts_status
read_domains(struct top *top)
{
	const struct sts_query_walk walk = {
		.fields = { [N_MESSAGES] = "messages", [N_PLAINTEXT] = "tls:none", [N_FAIL] = "result:fail" },
		.field_count = FIELDS,
		.since = top->snapshot.now - top->window_s,
		.days = (const char (*)[STS_DAY_CAP])&top->snapshot.day,
		.day_count = 1,
	};
	struct domain_rates before = top->domains;
	enum sts_status status;

	top->domains = (struct domain_rates){ .mono_ms = sts_clock_mono_ms() };
	strcpy(top->domains.day, top->snapshot.day);
	top->full = false;
	status = sts_query_domains(top->redis.query, &walk, take_domain, top);
	domain_rates_settle(&top->domains, &before);
	domain_rates_fini(&before);
	if (top->full && top->window_s > WINDOW_LEAST_S)
		top->window_s = top->window_s / 2 > WINDOW_LEAST_S ? top->window_s / 2 : WINDOW_LEAST_S;
	return status;
}

static void
take_rate(struct top *top)
{
	const struct snapshot *old = &top->snapshot, *new = &top->fresh;

	top->view.rate = -1;
	if (top->has_snapshot && strcmp(old->day, new->day) == 0)
		top->view.rate = domain_rates_of(sts_tally_get(&old->today, "messages"), sts_tally_get(&new->today, "messages"),
		    new->mono_ms - old->mono_ms);
	if (top->view.rate >= 0)
		top_frame_samples_add(&top->view.samples, top->view.rate);
}

/* Reads a new snapshot. While Redis does not answer, the last one stays. */
static enum sts_status
read_snapshot(struct top *top)
{
	enum sts_status status = snapshot_read(top->redis.query, &top->fresh);

	if (status != STS_OK) {
		snapshot_fini(&top->fresh);
		top->view.away = settings_redis_why(&top->redis, status);
		return status;
	}
	take_rate(top);
	snapshot_fini(&top->snapshot);
	top->snapshot = top->fresh;
	top->has_snapshot = true;
	status = read_domains(top);
	top->view.away = status == STS_OK ? NULL : settings_redis_why(&top->redis, status);
	return status;
}

/* ---- printing ---- */

static void
make_frame(struct top *top)
{
	domain_rates_sort(&top->domains, top->view.sort);
	top->view.snapshot = &top->snapshot;
	top->view.domains = &top->domains;
	top->view.domain_window_s = top->window_s;
	top->view.unread = !top->has_snapshot;
	if (!top->has_snapshot)
		top->snapshot.now = sts_clock_now();
	top_frame_make(&top->view, &top->frame);
}

static json_t *
domains_json(struct top *top)
{
	json_t *list = json_array();

	domain_rates_sort(&top->domains, top->view.sort);
	for (size_t i = 0; i < top->domains.count && i < ONCE_DOMAINS; i++) {
		const struct domain_rate *d = &top->domains.list[i];

		(void)json_array_append_new(list, json_pack("{s:s, s:o, s:I, s:I, s:I, s:I}", "domain", d->domain, "rate",
		    d->rate >= 0 ? json_real(d->rate) : json_null(), "messages", (json_int_t)d->messages, "plaintext",
		    (json_int_t)d->plaintext, "fail", (json_int_t)d->fail, "last_seen", (json_int_t)d->last_seen));
	}
	return list;
}

static enum cmd_exit
print_json(struct top *top)
{
	return output_json(top->context, CMD_FINE, json_pack("{s:I, s:o, s:o, s:o, s:I, s:o}", "time", (json_int_t)top->snapshot.now,
	    "rate", top->view.rate >= 0 ? json_real(top->view.rate) : json_null(), "today", overview_json_today(&top->snapshot), "nodes",
	    overview_json_nodes(&top->snapshot), "domain_window", (json_int_t)top->window_s, "domains", domains_json(top)));
}

static void
print_text(struct top *top)
{
	top->view.width = terminal_width();
	top->view.utf8 = terminal_is_utf8();
	if (top->domains.count > ONCE_DOMAINS) {
		domain_rates_sort(&top->domains, top->view.sort);
		top->domains.count = ONCE_DOMAINS;
	}
	make_frame(top);
	for (size_t i = 0; i < top->frame.count; i++) {
		const char *text = top->frame.lines[i].text;
		size_t len = strlen(text);

		while (len > 0 && text[len - 1] == ' ')
			len--;
		printf("%.*s\n", (int)len, text);
	}
}

static void
pause_ms(int64_t ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* Reads twice: rates need two readings. */
static enum cmd_exit
run_once(struct top *top)
{
	enum sts_status status = read_snapshot(top);

	if (status == STS_OK) {
		pause_ms(top->delay_ms);
		status = read_snapshot(top);
	}
	if (status != STS_OK)
		return settings_redis_error(top->context, &top->redis, status);
	if (top->context->json)
		return print_json(top);
	print_text(top);
	return CMD_FINE;
}

static void
turn_sort(struct top *top, unsigned by)
{
	top->view.sort = (enum domain_column)(((unsigned)top->view.sort + by) % DOMAIN_COLUMNS);
}

/* Draws and waits until the user quits. */
static void
follow(struct top *top, struct screen *screen)
{
	int64_t next_ms = sts_clock_mono_ms();
	enum screen_event event = SCREEN_TIME;

	top->view.keys = true;
	top->view.utf8 = screen_is_utf8(screen);
	while (event != SCREEN_QUIT) {
		if (sts_clock_mono_ms() >= next_ms) {
			(void)read_snapshot(top);
			next_ms = sts_clock_mono_ms() + top->delay_ms;
		}
		if (event == SCREEN_NEXT || event == SCREEN_PREVIOUS)
			turn_sort(top, event == SCREEN_NEXT ? 1 : DOMAIN_COLUMNS - 1);
		screen_size(screen, &top->view.width, &top->view.height);
		make_frame(top);
		screen_draw(screen, &top->frame);
		event = screen_wait(screen, next_ms - sts_clock_mono_ms() > 0 ? next_ms - sts_clock_mono_ms() : 0);
	}
}

static enum cmd_exit
run(struct top *top)
{
	struct screen *screen;

	if (top->context->json || top->context->values[OPTION_ONCE] != NULL || !screen_is_possible())
		return run_once(top);
	if ((screen = screen_open()) == NULL)
		return output_error(top->context, CMD_UNKNOWN, "top: terminal type %s is unknown here; stsctl top --once",
		    getenv("TERM"));
	follow(top, screen);
	screen_close(&screen);
	return CMD_FINE;
}

/* ---- the command ---- */

static enum cmd_exit
read_options(const struct cmd_context *context, struct top *top)
{
	unsigned long long seconds = DELAY_USUAL;
	size_t column = 0;
	enum cmd_exit code = usage_number(context, &cmd_top_options[OPTION_DELAY], context->values[OPTION_DELAY], DELAY_MAX, &seconds);

	if (code == CMD_FINE)
		code = usage_choice(context, &cmd_top_options[OPTION_SORT], context->values[OPTION_SORT], &column);
	top->delay_ms = (int64_t)seconds * 1000;
	top->view.sort = (enum domain_column)column;
	return code;
}

enum cmd_exit
cmd_top(const struct cmd_context *context, int argc, char **argv)
{
	struct top *top = calloc(1, sizeof(*top));
	enum cmd_exit code;

	if (top == NULL)
		return output_error(context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	top->context = context;
	top->window_s = WINDOW_S;
	top->view.rate = -1;
	code = usage_no_operands(context, "top", argc, argv, "");
	if (code == CMD_FINE)
		code = read_options(context, top);
	if (code == CMD_FINE)
		code = settings_open_redis(context, 0, &top->redis);
	if (code == CMD_FINE) {
		top->view.redis = sts_endpoint_name(&top->redis.conf->redis, top->endpoint);
		code = run(top);
	}
	snapshot_fini(&top->snapshot);
	domain_rates_fini(&top->domains);
	settings_close_redis(&top->redis);
	free(top);
	return code;
}

/* SPDX-License-Identifier: ISC */
/*
 * cmd_tail.c - `stsctl tail`: prints the latest evidence, and then follows the stream.
 *
 * Redis may go away and come back. Entries that are new since then are shown; if the stream is shorter than before, all of it counts as
 * new.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/names/domain.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/evidence/evidence_filter.h"
#include "stsctl/evidence/evidence_line.h"
#include "stsctl/evidence/evidence_search.h"
#include "stsctl/terminal/time_argument.h"
#include "stsctl/terminal/output.h"

enum {
	WAIT_MS = 1000,		/* how long one command blocks in Redis */
	RETRY_MS = 500,
	NUMBER_MAX = 1000000000,
};

enum option { OPTION_DOMAIN, OPTION_RESULT, OPTION_LAST, OPTION_SINCE, OPTION_COUNT, OPTION_ONCE, OPTION_CSV };

const struct cmd_option cmd_tail_options[] = {
	[OPTION_DOMAIN] = { "domain", "DOMAIN", "only mail of this sender domain" },
	[OPTION_RESULT] = { "result", "pass|fail|softfail|neutral|none|temperror|permerror", "only mail of this result" },
	[OPTION_LAST] = { "n", "N", "begin with the last N messages" },
	[OPTION_SINCE] = { "since", "TIME", "begin with the messages since TIME: 2026-11-29T13:00:00Z, 2026-11-29, or how long ago, "
	    "90s, 30m, 2h, 7d" },
	[OPTION_COUNT] = { "count", "N", "end after N messages" },
	[OPTION_ONCE] = { "once", NULL, "end after the last message instead of waiting for more" },
	[OPTION_CSV] = { "csv", NULL, "print comma-separated values, with a line of names first" },
	CMD_OPTIONS_END,
};

struct tail {
	const struct cmd_context *context;
	struct settings_redis redis;
	struct evidence_filter filter;
	unsigned long long count, shown;	/* count 0: no limit */
	unsigned long long last;		/* -n; 0: not given */
	bool once, csv;
	char id[STS_STREAM_ID_CAP];		/* the next entry comes after this one */
	char end[STS_STREAM_ID_CAP];		/* the last entry when we started */
	bool away;
	enum cmd_exit code;
};

/* ---- one message ---- */

/* Flushes each line: the reader may be a program that waits for it. */
static bool
show(void *arg, const struct sts_query_entry *entry)
{
	struct tail *tail = arg;

	if (!evidence_filter_takes(&tail->filter, entry))
		return true;
	if (tail->context->json)
		tail->code = output_json(tail->context, CMD_FINE, evidence_line_json(entry));
	else if (tail->csv)
		evidence_line_csv(entry, stdout);
	else
		evidence_line_print(entry, stdout);
	if (fflush(stdout) != 0 && tail->code == CMD_FINE)
		tail->code = CMD_UNKNOWN;	/* main() reports the write error */
	tail->shown++;
	return tail->code == CMD_FINE && (tail->count == 0 || tail->shown < tail->count);
}

/* ---- the first entry ---- */

static enum sts_status
find_start(struct tail *tail)
{
	enum sts_status status = sts_query_stream_end(tail->redis.query, tail->end);

	if (status != STS_OK)
		return status;
	strcpy(tail->id, tail->end);
	if (tail->last > 0)
		return evidence_search_last(tail->redis.query, &tail->filter, tail->last, tail->id);
	if (tail->filter.since > 0 || tail->once)
		evidence_filter_start(&tail->filter, tail->id);
	return STS_OK;
}

/* ---- following ---- */

static void
report_away(struct tail *tail)
{
	char name[STS_ENDPOINT_NAME_CAP];

	if (!tail->away)
		fprintf(stderr, "stsctl: redis %s is away (%s); waiting\n", sts_endpoint_name(&tail->redis.conf->redis, name),
		    sts_query_why(tail->redis.query));
	tail->away = true;
}

/* Finds where to continue after Redis was away. */
static enum sts_status
resume(struct tail *tail)
{
	char name[STS_ENDPOINT_NAME_CAP], end[STS_STREAM_ID_CAP];
	enum sts_status status = sts_query_stream_end(tail->redis.query, end);

	if (status != STS_OK)
		return status;
	if (sts_query_id_before(end, tail->id))
		strcpy(tail->id, "0-0");
	tail->away = false;
	fprintf(stderr, "stsctl: redis %s is back\n", sts_endpoint_name(&tail->redis.conf->redis, name));
	return STS_OK;
}

static void
pause_ms(long ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

static bool
is_over(const struct tail *tail)
{
	return tail->code != CMD_FINE || (tail->count > 0 && tail->shown >= tail->count) ||
	    (tail->once && !sts_query_id_before(tail->id, tail->end));
}

/* Prints what exists already. New entries are left out, or there would be no end. */
static enum cmd_exit
print_once(struct tail *tail)
{
	enum sts_status status = STS_OK;

	while (status == STS_OK && !is_over(tail))
		status = sts_query_stream(tail->redis.query, 0, tail->id, show, tail);
	return status == STS_OK || status == STS_ENOTFOUND ? tail->code : settings_redis_error(tail->context, &tail->redis, status);
}

static enum cmd_exit
follow(struct tail *tail)
{
	enum sts_status status = STS_OK;

	while (!is_over(tail)) {
		status = tail->away ? resume(tail) : STS_OK;
		if (status == STS_OK)
			status = sts_query_stream(tail->redis.query, WAIT_MS, tail->id, show, tail);
		if (status == STS_EUNAVAILABLE) {
			report_away(tail);
			pause_ms(RETRY_MS);
		} else if (status != STS_OK && status != STS_ENOTFOUND)
			return settings_redis_error(tail->context, &tail->redis, status);
	}
	return tail->code;
}

/* ---- the command ---- */

static enum cmd_exit
take_number(const struct cmd_context *context, enum option option, unsigned long long *out)
{
	return usage_number(context, &cmd_tail_options[option], context->values[option], NUMBER_MAX, out);
}

static enum cmd_exit
take_domain(const struct cmd_context *context, struct evidence_filter *out)
{
	const char *domain = context->values[OPTION_DOMAIN];
	enum sts_domain_fault fault;

	if (domain == NULL)
		return CMD_FINE;
	fault = sts_domain_normalise(domain, strlen(domain), out->domain);
	if (fault == STS_DOMAIN_OK)
		return CMD_FINE;
	return output_error(context, CMD_USAGE, "--domain: %s: %s", domain, sts_domain_fault_text(fault));
}

static enum cmd_exit
take_result(const struct cmd_context *context, struct evidence_filter *out)
{
	size_t which;

	out->result = context->values[OPTION_RESULT];
	return usage_choice(context, &cmd_tail_options[OPTION_RESULT], out->result, &which);
}

static enum cmd_exit
take_since(const struct cmd_context *context, struct evidence_filter *out)
{
	const char *since = context->values[OPTION_SINCE];

	if (since == NULL || time_argument_parse(since, sts_clock_now(), &out->since))
		return CMD_FINE;
	return output_error(context, CMD_USAGE, "--since: expects " TIME_ARGUMENT_FORMS ", not %s", since);
}

static enum cmd_exit
read_options(const struct cmd_context *context, struct tail *tail)
{
	enum cmd_exit code = take_number(context, OPTION_COUNT, &tail->count);

	if (code == CMD_FINE)
		code = take_number(context, OPTION_LAST, &tail->last);
	if (code == CMD_FINE)
		code = take_domain(context, &tail->filter);
	if (code == CMD_FINE)
		code = take_result(context, &tail->filter);
	if (code == CMD_FINE)
		code = take_since(context, &tail->filter);
	tail->once = context->values[OPTION_ONCE] != NULL;
	tail->csv = context->values[OPTION_CSV] != NULL;
	return code == CMD_FINE ? usage_csv_or_json(context, context->values[OPTION_CSV]) : code;
}

enum cmd_exit
cmd_tail(const struct cmd_context *context, int argc, char **argv)
{
	struct tail tail = { .context = context };
	enum sts_status status;
	enum cmd_exit code;

	if ((code = usage_no_operands(context, "tail", argc, argv, "; for a domain, see --domain")) != CMD_FINE ||
	    (code = read_options(context, &tail)) != CMD_FINE)
		return code;
	code = settings_open_redis(context, WAIT_MS, &tail.redis);
	if (code == CMD_FINE) {
		status = find_start(&tail);
		if (status == STS_OK && tail.csv)
			evidence_line_csv_head(stdout);
		if (status == STS_OK)
			code = tail.once ? print_once(&tail) : follow(&tail);
		else
			code = settings_redis_error(context, &tail.redis, status);
	}
	settings_close_redis(&tail.redis);
	return code;
}

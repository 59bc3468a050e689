/* SPDX-License-Identifier: ISC */
/* cmd_show.c - `stsctl show QUEUEID': everything that the evidence says about one message. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/settings.h"
#include "stsctl/evidence/evidence_filter.h"
#include "stsctl/evidence/evidence_line.h"
#include "stsctl/evidence/evidence_search.h"
#include "stsctl/evidence/evidence_explain.h"
#include "stsctl/terminal/time_argument.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/terminal.h"

/* One queue id can match several messages: Postfix reuses short ones, and several hosts may use the same. */
enum { MATCHES_MAX = 100, QUEUE_ID_CAP = 256 };

enum option { OPTION_SINCE };

const struct cmd_option cmd_show_options[] = {
	[OPTION_SINCE] = { "since", "TIME", "search only the evidence since TIME: 2026-11-29T13:00:00Z, 2026-11-29, or how long ago, "
	    "90s, 30m, 2h, 7d" },
	CMD_OPTIONS_END,
};

struct show {
	const struct cmd_context *context;
	struct settings_redis redis;
	char queue_id[QUEUE_ID_CAP];
	int64_t now, since;
	unsigned long long searched, matches;
	int64_t oldest;			/* when the first entry searched was judged */
	json_t *list;
};

static bool
take_entry(void *arg, const struct sts_query_entry *entry)
{
	struct show *show = arg;

	if (!evidence_field_is(entry, "queue_id", show->queue_id) || ++show->matches > MATCHES_MAX)
		return true;
	if (show->context->json)
		return json_array_append_new(show->list, evidence_line_json(entry)) == 0;
	if (show->matches > 1)
		putchar('\n');
	evidence_explain(entry, show->now, terminal_width(), stdout);
	return true;
}

/* Accepts "4ABC:", as log lines have it. */
static enum cmd_exit
take_queue_id(const struct cmd_context *context, const char *operand, struct show *show)
{
	size_t len = strlen(operand);

	if (len > 0 && operand[len - 1] == ':')
		len--;
	if (len == 0 || len >= sizeof(show->queue_id))
		return output_error(context, CMD_USAGE, "show: expects a queue id, as in the log: 4ABC1B2Cd3zYx");
	memcpy(show->queue_id, operand, len);
	return CMD_FINE;
}

static enum cmd_exit
print_nothing(const struct show *show)
{
	char time[HUMAN_TIME_CAP];

	if (show->searched == 0)
		return output_error(show->context, CMD_NO, "%s: there is no evidence%s", show->queue_id,
		    show->since > 0 ? " since then" : "");
	return output_error(show->context, CMD_NO, "%s: not among the %llu messages of the evidence, which goes back to %s",
	    show->queue_id, show->searched, human_time(show->oldest, time));
}

static enum cmd_exit
report(struct show *show, enum sts_status status)
{
	json_t *list = show->list;

	if (status != STS_OK)
		return settings_redis_error(show->context, &show->redis, status);
	if (show->matches == 0)
		return print_nothing(show);
	if (show->context->json)
		return output_json(show->context, CMD_FINE, json_pack("{s:s, s:I, s:I, s:O}", "queue_id", show->queue_id, "searched",
		    (json_int_t)show->searched, "matches", (json_int_t)show->matches, "messages", list));
	if (show->matches > 1)
		printf("\n%llu messages had this queue id%s.\n", show->matches, show->matches > MATCHES_MAX ?
		    "; the first 100 are above" : "");
	return CMD_FINE;
}

enum cmd_exit
cmd_show(const struct cmd_context *context, int argc, char **argv)
{
	struct show show = { .context = context, .now = sts_clock_now(), .list = json_array() };
	const char *since = context->values[OPTION_SINCE];
	enum cmd_exit code;

	if (since != NULL && !time_argument_parse(since, show.now, &show.since))
		code = output_error(context, CMD_USAGE, "--since: expects " TIME_ARGUMENT_FORMS ", not %s", since);
	else if (argc != 1)
		code = output_error(context, CMD_USAGE, "show: expects one QUEUEID");
	else
		code = take_queue_id(context, argv[0], &show);
	if (code == CMD_FINE)
		code = settings_open_redis(context, 0, &show.redis);
	if (code == CMD_FINE)
		code = report(&show, evidence_search_all(show.redis.query, show.since, take_entry, &show, &show.searched, &show.oldest));
	settings_close_redis(&show.redis);
	json_decref(show.list);
	return code;
}

/* SPDX-License-Identifier: ISC */
/*
 * cmd_tail.c - `stsctl tail`: evidence as it comes in.
 *
 * Redis may go and come back meanwhile. What it has after that and had not before is shown; when it comes back with less than it
 * had, all that it has is new.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/text.h"
#include "shared-cache/names/domain.h"
#include "stsctl/context/settings.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"

enum {
	WAIT_MS = 1000,		/* in Redis, at a time */
	RETRY_MS = 500,
	VALUE_MAX = 255,
	VALUE_CAP = 4 * VALUE_MAX + 4,
	LINE_CAP = 4096,
};

enum option { OPTION_DOMAIN, OPTION_COUNT };

const struct cmd_option cmd_tail_options[] = {
	[OPTION_DOMAIN] = { "domain", "DOMAIN", "only mail of this sender domain" },
	[OPTION_COUNT] = { "count", "N", "end after N messages" },
	CMD_OPTIONS_END,
};

struct tail {
	const struct cmd_context *context;
	struct settings_redis redis;
	char domain[STS_DOMAIN_CAP];		/* "": all */
	unsigned long long count, shown;	/* count 0: no end */
	char id[STS_STREAM_ID_CAP];
	bool away;
	enum cmd_exit code;
};

/* ---- one message ---- */

/* Escaped: it can stand as a word on a terminal. "-" for none. */
static const char *
word_of(const struct sts_query_entry *entry, const char *name, char out[VALUE_CAP])
{
	const struct sts_query_value *value = sts_query_value_of(entry, name);
	struct sts_text text;

	sts_text_init(&text, out, VALUE_CAP);
	if (value == NULL || value->len == 0)
		sts_text_add(&text, "-");
	else
		sts_text_add_escaped(&text, value->value, value->len, VALUE_MAX);
	return out;
}

/* ts is the milter's clock in milliseconds. */
static const char *
time_of(const struct sts_query_entry *entry, char out[VALUE_CAP])
{
	const struct sts_query_value *ts = sts_query_value_of(entry, "ts");
	int64_t ms;

	if (ts == NULL || !sts_tally_number(ts->value, ts->len, &ms))
		ms = 0;
	return human_time(ms / 1000, out);
}

static void
print_line(const struct sts_query_entry *entry)
{
	static const char *const more[] = {
		"reason", "policy", "aligned", "cipher", "sni", "rcpt", "requiretls", "history", "action", "cause", "client",
		"identity", "node", "queue_id",
	};
	char value[VALUE_CAP], line[LINE_CAP];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	sts_text_addf(&text, "%s", time_of(entry, value));
	sts_text_addf(&text, " %-9s", word_of(entry, "result", value));
	sts_text_addf(&text, " %-7s", word_of(entry, "tls", value));
	sts_text_addf(&text, " %s", word_of(entry, "domain", value));
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (strcmp(word_of(entry, more[i], value), "-") != 0)
			sts_text_addf(&text, " %s=%s", more[i], value);
	puts(line);
}

static json_t *
entry_to_json(const struct sts_query_entry *entry)
{
	json_t *object = json_pack("{s:s}", "stream_id", entry->id);
	bool good = object != NULL;

	for (size_t i = 0; good && i < entry->value_count; i++) {
		const struct sts_query_value *v = &entry->values[i];
		char shown[VALUE_CAP];
		struct sts_text text;
		int64_t ms;

		sts_text_init(&text, shown, sizeof(shown));
		sts_text_add_shown(&text, v->value, v->len, VALUE_MAX);
		if (strcmp(v->name, "ts") == 0 && sts_tally_number(v->value, v->len, &ms))
			good = json_object_set_new(object, v->name, json_integer((json_int_t)ms)) == 0;
		else
			good = json_object_set_new(object, v->name, json_string(shown)) == 0;
	}
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

static bool
is_wanted(const struct tail *tail, const struct sts_query_entry *entry)
{
	const struct sts_query_value *domain = sts_query_value_of(entry, "domain");

	return tail->domain[0] == '\0' || (domain != NULL && domain->len == strlen(tail->domain) &&
	    memcmp(domain->value, tail->domain, domain->len) == 0);
}

/* The reader may be a program that waits for each line. */
static bool
show(void *arg, const struct sts_query_entry *entry)
{
	struct tail *tail = arg;

	if (!is_wanted(tail, entry))
		return true;
	if (tail->context->json)
		tail->code = output_json(tail->context, CMD_FINE, entry_to_json(entry));
	else
		print_line(entry);
	if (fflush(stdout) != 0 && tail->code == CMD_FINE)
		tail->code = CMD_UNKNOWN;	/* main() says so */
	tail->shown++;
	return tail->code == CMD_FINE && (tail->count == 0 || tail->shown < tail->count);
}

/* ---- following ---- */

static void
tell_away(struct tail *tail)
{
	char name[STS_ENDPOINT_NAME_CAP];

	if (!tail->away)
		fprintf(stderr, "stsctl: redis %s is away (%s); waiting\n", sts_endpoint_name(&tail->redis.conf->redis, name),
		    sts_query_why(tail->redis.query));
	tail->away = true;
}

/* Where to go on after Redis was away. */
static enum sts_status
come_back(struct tail *tail)
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

static enum cmd_exit
follow(struct tail *tail)
{
	enum sts_status status = STS_OK;

	while (tail->code == CMD_FINE && (tail->count == 0 || tail->shown < tail->count)) {
		status = tail->away ? come_back(tail) : STS_OK;
		if (status == STS_OK)
			status = sts_query_stream(tail->redis.query, WAIT_MS, tail->id, show, tail);
		if (status == STS_EUNAVAILABLE) {
			tell_away(tail);
			pause_ms(RETRY_MS);
		} else if (status != STS_OK && status != STS_ENOTFOUND)
			return settings_blame_redis(tail->context, &tail->redis, status);
	}
	return tail->code;
}

static enum cmd_exit
read_options(const struct cmd_context *context, struct tail *tail)
{
	const char *domain = context->values[OPTION_DOMAIN], *count = context->values[OPTION_COUNT];
	enum sts_domain_fault fault;

	if (count != NULL && (!sts_text_parse_u64(count, strlen(count), 15, &tail->count) || tail->count == 0))
		return output_error(context, CMD_USAGE, "--count: wants a number from 1 on, not %s", count);
	if (domain == NULL)
		return CMD_FINE;
	fault = sts_domain_normalise(domain, strlen(domain), tail->domain);
	if (fault == STS_DOMAIN_OK)
		return CMD_FINE;
	return output_error(context, CMD_USAGE, "--domain: %s: %s", domain, sts_domain_fault_text(fault));
}

enum cmd_exit
cmd_tail(const struct cmd_context *context, int argc, char **argv)
{
	struct tail tail = { .context = context };
	enum sts_status status;
	enum cmd_exit code;

	if (argc > 0)
		return output_error(context, CMD_USAGE, "tail: %s: there are no operands; a domain is --domain's", argv[0]);
	if ((code = read_options(context, &tail)) != CMD_FINE)
		return code;
	code = settings_open_redis(context, WAIT_MS, &tail.redis);
	if (code == CMD_FINE) {
		status = sts_query_stream_end(tail.redis.query, tail.id);
		code = status == STS_OK ? follow(&tail) : settings_blame_redis(context, &tail.redis, status);
	}
	settings_close_redis(&tail.redis);
	return code;
}

/* SPDX-License-Identifier: ISC */
/* cmd_stats.c - `stsctl stats`: reads the options, and runs the report that they ask for. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/domain.h"
#include "stsctl/context/usage.h"
#include "stsctl/stats/counter_groups.h"
#include "stsctl/stats/stats.h"
#include "stsctl/terminal/output.h"

enum { DAY_S = 86400 };

enum option { OPTION_DOMAIN, OPTION_DAYS, OPTION_TOP, OPTION_BY, OPTION_AT_RISK, OPTION_OUTBOUND, OPTION_BELOW, OPTION_CSV };

const struct cmd_option cmd_stats_options[] = {
	[OPTION_DOMAIN] = { "domain", "DOMAIN", "the counters of one sender domain" },
	[OPTION_DAYS] = { "days", "N", "the last N days, 1 to 3650, today included; without it, everything ever counted" },
	[OPTION_TOP] = { "top", "N", "the top N domains, 1 to 1000; 20 by default" },
	[OPTION_BY] = { "by", "FIELD", "the counter to rank domains by: messages (the default), plaintext, pass, fail, "
	    "softfail, none, tls:TLSv1.2, reason:cipher and so on" },
	[OPTION_AT_RISK] = { "at-risk", NULL, "domains whose mail enforcement would have refused" },
	[OPTION_OUTBOUND] = { "outbound", NULL, "what Postfix reported about outgoing mail" },
	[OPTION_BELOW] = { "below", "TLSv1.1|TLSv1.2|TLSv1.3", "domains whose mail comes over an older TLS than this" },
	[OPTION_CSV] = { "csv", NULL, "print comma-separated values, with a line of names first" },
	CMD_OPTIONS_END,
};

/* Reads an option's value as a number from 1 to max; *out is unchanged when the option is not given. */
static enum cmd_exit
take_number(const struct cmd_context *context, enum option option, size_t max, size_t *out)
{
	unsigned long long n = *out;
	enum cmd_exit code = usage_number(context, &cmd_stats_options[option], context->values[option], max, &n);

	*out = (size_t)n;
	return code;
}

static enum cmd_exit
take_domain(const struct cmd_context *context, struct stats_request *out)
{
	const char *value = context->values[OPTION_DOMAIN];
	enum sts_domain_fault fault;

	if (value == NULL)
		return CMD_FINE;
	fault = sts_domain_normalise(value, strlen(value), out->domain);
	if (fault == STS_DOMAIN_OK)
		return CMD_FINE;
	return output_error(context, CMD_USAGE, "--domain: %s: %s", value, sts_domain_fault_text(fault));
}

static enum cmd_exit
take_by(const struct cmd_context *context, struct stats_request *out)
{
	const char *value = context->values[OPTION_BY];

	out->by = counter_groups_find(value != NULL ? value : "messages");
	if (out->by != NULL)
		return CMD_FINE;
	return output_error(context, CMD_USAGE, "--by: %s is not a counter; counters are messages, plaintext, fail, tls:TLSv1.2, "
	    "reason:cipher", value);
}

static enum cmd_exit
check_together(const struct cmd_context *context)
{
	const char *const *values = context->values;

	if (values[OPTION_CSV] != NULL && context->json)
		return usage_csv_or_json(context, values[OPTION_CSV]);
	if (values[OPTION_OUTBOUND] != NULL)
		return values[OPTION_BY] == NULL && values[OPTION_BELOW] == NULL ? CMD_FINE :
		    output_error(context, CMD_USAGE, "--outbound cannot be combined with --by or --below");
	if (values[OPTION_DOMAIN] != NULL && (values[OPTION_TOP] != NULL || values[OPTION_BY] != NULL))
		return output_error(context, CMD_USAGE, "--domain is about one domain, --top and --by are about many");
	if (values[OPTION_AT_RISK] != NULL && (values[OPTION_DOMAIN] != NULL || values[OPTION_BY] != NULL))
		return output_error(context, CMD_USAGE, "--at-risk cannot be combined with --domain or --by");
	if (values[OPTION_BELOW] != NULL &&
	    (values[OPTION_DOMAIN] != NULL || values[OPTION_BY] != NULL || values[OPTION_AT_RISK] != NULL))
		return output_error(context, CMD_USAGE, "--below cannot be combined with --domain, --by or --at-risk");
	return CMD_FINE;
}

static enum cmd_exit
take_below(const struct cmd_context *context, struct stats_request *out)
{
	size_t which;

	out->below = context->values[OPTION_BELOW];
	return usage_choice(context, &cmd_stats_options[OPTION_BELOW], out->below, &which);
}

static enum cmd_exit
list_days(const struct cmd_context *context, int64_t now, struct stats_request *out)
{
	if (out->day_count == 0)
		return CMD_FINE;
	if ((out->days = calloc(out->day_count, sizeof(*out->days))) == NULL)
		return output_error(context, CMD_UNKNOWN, "no memory");
	out->since = (now / DAY_S - (int64_t)out->day_count + 1) * DAY_S;
	for (size_t i = 0; i < out->day_count; i++)
		sts_day_of(out->since + (int64_t)i * DAY_S, out->days[i]);
	return CMD_FINE;
}

/* The caller frees out->days, whatever is returned. */
static enum cmd_exit
read_request(const struct cmd_context *context, struct stats_request *out)
{
	enum cmd_exit code = check_together(context);

	*out = (struct stats_request){ .top = STATS_TOP_USUAL, .at_risk = context->values[OPTION_AT_RISK] != NULL,
		.csv = context->values[OPTION_CSV] != NULL };
	if (code == CMD_FINE)
		code = take_domain(context, out);
	if (code == CMD_FINE)
		code = take_by(context, out);
	if (code == CMD_FINE)
		code = take_below(context, out);
	if (code == CMD_FINE)
		code = take_number(context, OPTION_DAYS, STATS_DAYS_MAX, &out->day_count);
	if (code == CMD_FINE)
		code = take_number(context, OPTION_TOP, STATS_TOP_MAX, &out->top);
	if (code == CMD_FINE)
		code = list_days(context, sts_clock_now(), out);
	return code;
}

static enum cmd_exit
answer(const struct cmd_context *context, const struct stats_request *request)
{
	struct settings_redis redis;
	enum cmd_exit code = settings_open_redis(context, 0, &redis);

	if (code == CMD_FINE) {
		if (context->values[OPTION_OUTBOUND] != NULL)
			code = stats_outbound(context, &redis, request);
		else if (request->at_risk)
			code = stats_at_risk(context, &redis, request);
		else if (request->below != NULL)
			code = stats_below(context, &redis, request);
		else if (context->values[OPTION_TOP] != NULL || context->values[OPTION_BY] != NULL)
			code = stats_top(context, &redis, request);
		else
			code = stats_counters(context, &redis, request);
	}
	settings_close_redis(&redis);
	return code;
}

enum cmd_exit
cmd_stats(const struct cmd_context *context, int argc, char **argv)
{
	struct stats_request request;
	enum cmd_exit code;

	if ((code = usage_no_operands(context, "stats", argc, argv, "; for a domain, see --domain")) != CMD_FINE)
		return code;
	code = read_request(context, &request);
	if (code == CMD_FINE)
		code = answer(context, &request);
	free(request.days);
	return code;
}

/* SPDX-License-Identifier: ISC */
/* cmd_readiness.c - stsctl readiness: collects the facts from check, reports and evidence, and prints the verdict. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/check/check.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/readiness/message_counts.h"
#include "stsctl/readiness/readiness_judge.h"
#include "stsctl/summary/summary_read.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/paste.h"

enum { DAYS, OFFLINE, DAYS_DEFAULT = 30, LINE_CAP = 4096 };

const struct cmd_option cmd_readiness_options[] = {
	[DAYS] = { "days", "N", "reports and evidence of the last N days; 30 by default" },
	[OFFLINE] = { "offline", NULL, "do not use the network; the verdict is then never ready" },
	CMD_OPTIONS_END,
};

struct run {
	const struct cmd_context *context;
	struct settings_redis redis;
	struct summary_days days;
	struct readiness_facts facts;
	struct summary verified, unverified;
	struct check_facts check;
	struct findings found;
};

/* ---- the sources ---- */

static enum cmd_exit
run_check(struct run *run)
{
	const struct sts_conf *conf = run->redis.conf;
	struct check_env env = { .conf = conf, .resolvers = { conf->dns_servers }, .resolver_count = 1, .now = run->facts.now };

	if (run->context->values[OFFLINE] != NULL)
		return CMD_FINE;
	if (dns_query_new(conf->dns_servers, true, conf->dns_timeout_ms, &env.dns) != STS_OK)
		return output_error(run->context, CMD_UNKNOWN, "network: dns_servers cannot be used");
	check_record(&env, &run->check, &run->found);
	check_web(&env, &run->check, &run->found);
	check_mx(&env, &run->check, &run->found);
	check_smtp(&env, &run->check, &run->found);
	check_tlsrpt(&env, &run->check, &run->found);
	dns_query_free(&env.dns);
	run->facts.check = &run->check;
	run->facts.found = &run->found;
	return CMD_FINE;
}

static enum cmd_exit
ask_redis(struct run *run)
{
	struct sts_query *query = run->redis.query;
	const char *domain = run->facts.domain;
	enum sts_status status = summary_read(query, domain, &run->days, true, &run->verified);

	if (status == STS_OK)
		status = summary_read(query, domain, &run->days, false, &run->unverified);
	if (status == STS_OK)
		status = readiness_count_messages(query, domain, run->days.since, &run->facts.messages);
	run->facts.reports = &run->verified;
	run->facts.unverified = run->unverified.reports;
	return status == STS_OK ? CMD_FINE : settings_redis_error(run->context, &run->redis, status);
}

/* ---- printing ---- */

static enum cmd_exit
exit_of(enum readiness_verdict verdict)
{
	return verdict == READINESS_READY ? CMD_FINE : verdict == READINESS_NOT_READY ? CMD_NO : CMD_UNKNOWN;
}

static json_t *
senders_json(const struct summary *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->org_count; i++)
		if (s->orgs[i].success[STS_REPORT_STS] + s->orgs[i].failure[STS_REPORT_STS] > 0)
			json_add(&list, json_text(s->orgs[i].name));
	return list;
}

/* The text of a reason, with the options of this run in its stsctl commands. */
static const char *
text_of(const struct run *run, const struct readiness_reason *reason, char out[LINE_CAP])
{
	return paste_as_called(run->context, reason->text, out, LINE_CAP);
}

static enum cmd_exit
print_json(const struct run *run, const struct readiness *r)
{
	char text[LINE_CAP];
	const struct readiness_messages *m = &run->facts.messages;
	const struct summary *s = &run->verified;
	json_t *reasons = json_array();

	for (size_t i = 0; i < r->count; i++)
		json_add(&reasons, json_pack("{s:s, s:s, s:o}", "id", r->reasons[i].id, "weight",
		    readiness_weight_name(r->reasons[i].weight), "text", json_text(text_of(run, &r->reasons[i], text))));
	return output_json(run->context, exit_of(r->verdict), json_pack("{s:s, s:s, s:I, s:o, s:{s:I, s:I, s:I, s:I, s:I}, s:o, "
	    "s:{s:I, s:I, s:I}}", "domain", run->facts.domain, "verdict", readiness_verdict_name(r->verdict), "days",
	    (json_int_t)run->days.count, "reasons", reasons, "sessions", "sts_success", (json_int_t)s->success[STS_REPORT_STS],
	    "sts_failure", (json_int_t)s->failure[STS_REPORT_STS], "tlsa_success", (json_int_t)s->success[STS_REPORT_TLSA],
	    "tlsa_failure", (json_int_t)s->failure[STS_REPORT_TLSA], "unverified_reports", (json_int_t)run->unverified.reports,
	    "senders", senders_json(s), "messages", "tls", (json_int_t)m->tls, "plaintext", (json_int_t)m->plaintext, "unknown",
	    (json_int_t)m->unknown));
}

static void
print_text(const struct run *run, const struct readiness *r)
{
	static const char *const verdicts[] = {
		"READY for mode enforce", "NOT READY for mode enforce", "NOT ENOUGH EVIDENCE for mode enforce",
	};
	static const char *const weights[] = { "in the way", "missing", "note", "good" };
	char text[LINE_CAP];

	printf("%s: %s, by the last %zu days\n", run->facts.domain, verdicts[r->verdict], run->days.count);
	for (size_t i = 0; i < r->count; i++) {
		printf("  %-10s  ", weights[r->reasons[i].weight]);
		for (const char *c = text_of(run, &r->reasons[i], text); *c != '\0'; c++)
			output_byte(*c, stdout);
		putchar('\n');
	}
	if (r->dropped > 0)
		printf("  %zu more\n", r->dropped);
}

static enum cmd_exit
answer(struct run *run)
{
	struct readiness verdict;
	enum cmd_exit code = ask_redis(run);

	if (code == CMD_FINE)
		code = run_check(run);
	if (code != CMD_FINE)
		return code;
	readiness_judge(&run->facts, &verdict);
	if (run->context->json)
		return print_json(run, &verdict);
	print_text(run, &verdict);
	return exit_of(verdict.verdict);
}

enum cmd_exit
cmd_readiness(const struct cmd_context *context, int argc, char **argv)
{
	struct run run = { .context = context };
	char domain[STS_DOMAIN_CAP];
	unsigned long long days = DAYS_DEFAULT;
	enum cmd_exit code;

	if (argc != 1)
		return output_error(context, CMD_USAGE, "readiness: expects one DOMAIN");
	code = usage_domain(context, argv[0], domain);
	if (code == CMD_FINE)
		code = usage_number(context, &cmd_readiness_options[DAYS], context->values[DAYS], SUMMARY_DAYS_MAX, &days);
	if (code != CMD_FINE)
		return code;
	run.facts = (struct readiness_facts){ .domain = domain, .now = sts_clock_now() };
	summary_days_of((size_t)days, run.facts.now, &run.days);
	run.facts.days = run.days.count;
	check_facts_init(&run.check, domain);
	findings_init(&run.found);
	code = settings_open_redis(context, 0, &run.redis);
	if (code == CMD_FINE)
		code = answer(&run);
	summary_fini(&run.verified);
	summary_fini(&run.unverified);
	findings_fini(&run.found);
	check_facts_fini(&run.check);
	settings_close_redis(&run.redis);
	return code;
}

/* SPDX-License-Identifier: ISC */
/* report_show.c - stsctl report show: reads the options, collects the answers, and has them printed. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/tlsreport/report_trust.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/report/report_command.h"
#include "stsctl/report/report_metrics.h"
#include "stsctl/report/report_show_view.h"
#include "stsctl/summary/summary_read.h"
#include "stsctl/terminal/output.h"

enum { DAYS_USUAL = 30 };

/* ---- one domain ---- */

/* Replaces control bytes: a reported policy text may be anybody's, and goes to a terminal. */
static void
clean_texts(struct summary *s)
{
	for (size_t i = 0; i < s->policy_count; i++)
		for (char *c = s->policies[i].text; c != NULL && *c != '\0'; c++)
			if ((*c < ' ' && *c != '\n') || *c == 0x7f)
				*c = '?';
}

/* Mailbox domains of those who sign their reports under another name. */
static const struct {
	const char *mailboxes, *reporter;
} houses[] = {
	{ "gmail.com", "google.com" }, { "googlemail.com", "google.com" }, { "outlook.com", "microsoft.com" },
	{ "hotmail.com", "microsoft.com" }, { "live.com", "microsoft.com" }, { "msn.com", "microsoft.com" }, { "bk.ru", "mail.ru" },
	{ "inbox.ru", "mail.ru" }, { "list.ru", "mail.ru" }, { "internet.ru", "mail.ru" },
};

static const char *
reporter_of(const char *domain)
{
	for (size_t i = 0; i < sizeof(houses) / sizeof(houses[0]); i++)
		if (sts_trust_is_parent(houses[i].mailboxes, domain))
			return houses[i].reporter;
	return domain;
}

static bool
reports(const struct summary *s, const char *domain)
{
	domain = reporter_of(domain);
	for (size_t i = 0; i < s->org_count; i++)
		if (sts_trust_is_parent(s->orgs[i].name, domain) || sts_trust_is_parent(domain, s->orgs[i].name))
			return true;
	return false;
}

/* Keeps the domains with the most messages, sorted. */
static bool
take_silent(void *arg, const struct sts_query_row *row)
{
	struct report_show_view *view = arg;
	int64_t n = row->n[0] + row->n[1];
	size_t at = view->silent_count;

	if (n == 0 || reports(&view->verified, row->domain) || strcmp(row->domain, view->domain) == 0)
		return true;
	while (at > 0 && view->silent[at - 1].messages < n)
		at--;
	if (at == REPORT_SHOW_SILENT_MAX)
		return true;
	if (view->silent_count < REPORT_SHOW_SILENT_MAX)
		view->silent_count++;
	memmove(&view->silent[at + 1], &view->silent[at], (view->silent_count - 1 - at) * sizeof(view->silent[0]));
	view->silent[at].messages = n;
	strcpy(view->silent[at].domain, row->domain);
	return true;
}

static enum sts_status
collect(struct sts_query *query, const struct summary_days *days, const char *const *options, struct report_show_view *view)
{
	const struct sts_query_walk senders = {
		.fields = { "aligned:tls:TLSv1.3", "aligned:tls:TLSv1.2" }, .field_count = 2, .since = days->since,
		.days = (const char (*)[STS_DAY_CAP])days->list, .day_count = days->count,
	};
	char why[WEB_LOG_WHY_CAP];
	enum sts_status status = summary_read(query, view->domain, days, true, &view->verified);

	if (status == STS_OK)
		status = summary_read(query, view->domain, days, false, &view->unverified);
	if (status == STS_OK)
		status = sts_query_domains(query, &senders, take_silent, view);
	if (status != STS_OK)
		return status;
	clean_texts(&view->verified);
	clean_texts(&view->unverified);
	published_policies_load(&view->published, query, view->domain, options[REPORT_FROM]);
	web_log_load(&view->log, options[REPORT_LOG], why);
	if (why[0] != '\0')
		fprintf(stderr, "stsctl: %s\n", why);
	return STS_OK;
}

static enum cmd_exit
show_domain(const struct cmd_context *context, const struct settings_redis *redis, const struct summary_days *days,
    const char *domain)
{
	struct report_show_view view = { .context = context, .domain = domain, .days = days->count };
	enum sts_status status;
	enum cmd_exit code;

	view.verified.only_org = view.unverified.only_org = context->values[REPORT_ORG];
	status = collect(redis->query, days, context->values, &view);
	if (status != STS_OK)
		code = settings_redis_error(context, redis, status);
	else if (context->json)
		code = report_show_json(context, &view);
	else {
		if (context->values[REPORT_CSV] != NULL)
			report_show_csv(&view);
		else
			report_show_print(&view);
		code = report_show_exit(&view);
	}
	summary_fini(&view.verified);
	summary_fini(&view.unverified);
	published_policies_fini(&view.published);
	if (status == STS_OK)
		web_log_fini(&view.log);
	return code;
}

/* ---- all of local_domains ---- */

static enum cmd_exit
list_domain(const struct settings_redis *redis, const struct summary_days *days, const char *domain, json_t **list)
{
	struct summary s = { .only_org = NULL };
	enum sts_status status = summary_read(redis->query, domain, days, true, &s);
	int64_t sessions = s.success[STS_REPORT_STS] + s.failure[STS_REPORT_STS];
	bool act = summary_must_act(&s);

	if (status == STS_OK && list != NULL)
		json_add(list, json_pack("{s:s, s:I, s:I, s:I, s:s, s:b}", "domain", domain, "reports",
		    (json_int_t)s.reports, "sessions", (json_int_t)sessions, "failures", (json_int_t)s.failure[STS_REPORT_STS],
		    "last_day", s.last_day, "must_act", act));
	else if (status == STS_OK)
		printf("%s: %" PRId64 " reports, %" PRId64 " sessions under MTA-STS, %" PRId64 " of them failed%s%s%s\n", domain,
		    s.reports, sessions, s.failure[STS_REPORT_STS], s.last_day[0] != '\0' ? ", the last about " : "", s.last_day,
		    act ? ": act" : "");
	summary_fini(&s);
	return status != STS_OK ? CMD_UNKNOWN : act ? CMD_NO : CMD_FINE;
}

static enum cmd_exit
show_all(const struct cmd_context *context, const struct settings_redis *redis, const struct summary_days *days)
{
	json_t *list = context->json ? json_array() : NULL;
	enum cmd_exit code = CMD_FINE, one;
	const char *domain;

	if (redis->conf->local_domains == NULL)
		return output_error(context, CMD_USAGE, "report show: needs a DOMAIN, because local_domains is empty");
	for (size_t i = 0; (domain = sts_domain_set_at(redis->conf->local_domains, i)) != NULL; i++) {
		one = list_domain(redis, days, domain, context->json ? &list : NULL);
		if (one == CMD_UNKNOWN) {
			json_decref(list);
			return settings_redis_error(context, redis, STS_EUNAVAILABLE);
		}
		code = one == CMD_NO ? CMD_NO : code;
	}
	return context->json ? output_json(context, code, json_pack("{s:I, s:o}", "days", (json_int_t)days->count, "domains", list)) :
	    code;
}

/* ---- the command ---- */

static enum cmd_exit
answer(const struct cmd_context *context, const struct settings_redis *redis, const struct summary_days *days,
    const char *domain)
{
	if (context->values[REPORT_METRICS] != NULL)
		return report_metrics(context, redis, context->values[REPORT_METRICS]);
	return domain != NULL ? show_domain(context, redis, days, domain) : show_all(context, redis, days);
}

enum cmd_exit
report_show(const struct cmd_context *context, int argc, char **argv)
{
	struct settings_redis redis = { .conf = NULL };
	struct summary_days days;
	char domain[STS_DOMAIN_CAP] = "";
	unsigned long long count = DAYS_USUAL;
	enum cmd_exit code;

	if (argc > 1)
		return output_error(context, CMD_USAGE, "report show: one DOMAIN at a time");
	code = argc == 1 ? usage_domain(context, argv[0], domain) : CMD_FINE;
	if (code == CMD_FINE)
		code = usage_csv_or_json(context, context->values[REPORT_CSV]);
	if (code == CMD_FINE)
		code = usage_number(context, &cmd_report_options[REPORT_DAYS], context->values[REPORT_DAYS], SUMMARY_DAYS_MAX, &count);
	if (code != CMD_FINE)
		return code;
	if (argc == 0 && (context->values[REPORT_ORG] != NULL || context->values[REPORT_CSV] != NULL))
		return output_error(context, CMD_USAGE, "report show: --org and --csv want a DOMAIN");
	summary_days_of((size_t)count, sts_clock_now(), &days);
	code = settings_open_redis(context, 0, &redis);
	if (code == CMD_FINE)
		code = answer(context, &redis, &days, argc > 0 ? domain : NULL);
	settings_close_redis(&redis);
	return code;
}

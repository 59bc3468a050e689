/* SPDX-License-Identifier: ISC */
/* report_send.c - stsctl report send: sends yesterday's reports to the domains that want them. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/ledger/counts.h"
#include "stsctl/context/backends.h"
#include "stsctl/context/settings.h"
#include "stsctl/report/report_command.h"
#include "stsctl/reporter/report_sender.h"
#include "stsctl/reporter/schedule.h"
#include "stsctl/terminal/output.h"

enum { DAY_S = 86400, DOMAINS_MAX = 200000, SHOWN_CAP = 1200 };

struct sending {
	const struct cmd_context *context;
	struct settings_redis redis;
	struct report_sender sender;
	char (*domains)[STS_DOMAIN_CAP];
	size_t count, cap;
	bool named;		/* the domains were given as operands */
	bool no_memory;
};

/* ---- options ---- */

/* Parses "4h", "90m", "0". */
static bool
read_time(const char *text, int64_t *out)
{
	static const struct {
		char suffix;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { '\0', 1 } };
	int64_t n = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 5 || (text[digits] != '\0' && text[digits + 1] != '\0'))
		return false;
	for (size_t i = 0; i < digits; i++)
		n = 10 * n + (text[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].suffix == text[digits]) {
			*out = n * units[i].seconds;
			return *out <= REPORTER_JITTER_MAX_S;
		}
	return false;
}

static enum cmd_exit
read_options(struct sending *s)
{
	const char *const *values = s->context->values;
	struct reporter_rua bcc;
	char uri[REPORTER_MAILBOX_CAP + 16];

	s->sender.jitter_s = isatty(STDIN_FILENO) == 1 || isatty(STDOUT_FILENO) == 1 ? 0 : REPORTER_JITTER_MAX_S;
	if (values[REPORT_JITTER] != NULL && !read_time(values[REPORT_JITTER], &s->sender.jitter_s))
		return output_error(s->context, CMD_USAGE, "--jitter: expects a time of at most 4h, such as 90m or 0");
	if (values[REPORT_BCC] == NULL)
		return CMD_FINE;
	snprintf(uri, sizeof(uri), "mailto:%s", values[REPORT_BCC]);
	if (strlen(values[REPORT_BCC]) >= REPORTER_MAILBOX_CAP || strpbrk(values[REPORT_BCC], "%?") != NULL ||
	    reporter_rua_read(uri, strlen(uri), &bcc) != NULL)
		return output_error(s->context, CMD_USAGE, "--bcc: expects LOCAL-PART@DOMAIN");
	s->sender.delivery.bcc = values[REPORT_BCC];
	return CMD_FINE;
}

/* ---- the domains ---- */

static bool
take_domain(void *arg, const char *domain)
{
	struct sending *s = arg;

	if (s->count == s->cap) {
		size_t cap = s->cap == 0 ? 256 : 2 * s->cap;
		void *grown = realloc(s->domains, cap * sizeof(*s->domains));

		if (grown == NULL) {
			s->no_memory = true;
			return false;
		}
		s->domains = grown;
		s->cap = cap;
	}
	snprintf(s->domains[s->count++], STS_DOMAIN_CAP, "%s", domain);
	return true;
}

static enum cmd_exit
take_operands(struct sending *s, int argc, char **argv)
{
	char domain[STS_DOMAIN_CAP];

	for (int i = 0; i < argc; i++) {
		if (sts_domain_normalise(argv[i], strlen(argv[i]), domain) != STS_DOMAIN_OK)
			return output_error(s->context, CMD_USAGE, "report send: %s is not a domain", argv[i]);
		(void)take_domain(s, domain);
		s->named = true;
	}
	return CMD_FINE;
}

/* ---- the run ---- */

static void
tell_trouble(void *arg, const char *domain, const char *uri, const char *why)
{
	char shown[SHOWN_CAP];
	struct sts_text to;

	(void)arg;
	if (uri == NULL) {
		fprintf(stderr, "stsctl: no report about %s: %s\n", domain, why);
		return;
	}
	sts_text_init(&to, shown, sizeof(shown));
	sts_text_add_shown(&to, uri, strlen(uri), 1000);
	fprintf(stderr, "stsctl: report about %s to %s: %s\n", domain, shown, why);
}

static enum sts_status
show(struct sending *s, const char *domain, const char *day)
{
	char *text;
	enum sts_status status = report_sender_preview(&s->sender, domain, day, &text);

	if (status == STS_OK && text != NULL)
		puts(text);
	else if (status == STS_OK && s->named)
		tell_trouble(NULL, domain, NULL, "Postfix reported nothing about yesterday");
	free(text);
	return status;
}

/* Sends the reports about yesterday, and about the day before as long as they may be retried. */
static enum sts_status
run_domain(struct sending *s, const char *domain, bool dry)
{
	int64_t now = s->sender.now, midnight = now - now % DAY_S;
	enum sts_status status = STS_OK;
	char day[STS_DAY_CAP];

	for (int64_t end = midnight; status == STS_OK && end >= midnight - (dry ? 0 : DAY_S); end -= DAY_S) {
		sts_day_of(end - 1, day);
		status = dry ? show(s, domain, day) : report_sender_run(&s->sender, domain, day, end);
	}
	return status;
}

static enum sts_status
run(struct sending *s)
{
	bool dry = s->context->values[REPORT_DRY_RUN] != NULL;
	enum sts_status status = STS_OK;

	if (s->count == 0)
		status = sts_outbox_domains(s->sender.link, s->sender.now - 3 * DAY_S, DOMAINS_MAX, take_domain, s);
	if (s->no_memory)
		status = STS_ENOMEM;
	for (size_t i = 0; i < s->count && status == STS_OK; i++)
		status = run_domain(s, s->domains[i], dry);
	return status;
}

static enum cmd_exit
print_counts(const struct sending *s)
{
	const int64_t *counts = s->sender.counts;
	enum cmd_exit code = counts[REPORT_SENDER_FAILED] > 0 ? CMD_NO : counts[REPORT_SENDER_UNKNOWN] > 0 ? CMD_UNKNOWN : CMD_FINE;
	json_t *object = json_object();

	for (size_t i = 0; i < REPORT_SENDER_COUNTS; i++)
		if (s->context->json)
			json_put(&object, report_sender_count_name((enum report_sender_count)i), json_integer(counts[i]));
		else if (counts[i] > 0 || i == REPORT_SENDER_SENT)
			printf("%s%" PRId64 " %s", i > 0 ? ", " : "", counts[i], report_sender_count_name((enum report_sender_count)i));
	if (s->context->json)
		return output_json(s->context, code, object);
	json_decref(object);
	putchar('\n');
	return code;
}

/* ---- the command ---- */

static enum cmd_exit
check_settings(const struct sending *s)
{
	const struct sts_conf *conf = s->redis.conf;
	const char *missing = conf->report_organization[0] == '\0' ? "report_organization" :
	    conf->report_contact[0] == '\0' ? "report_contact" : conf->report_from[0] == '\0' ? "report_from" : NULL;

	if (missing == NULL)
		return CMD_FINE;
	return output_error(s->context, CMD_USAGE, "report send: no reports are sent until %s says who sends them", missing);
}

static enum sts_status
open_all(struct sending *s)
{
	const struct sts_conf *conf = s->redis.conf;
	const char *at = strchr(conf->report_from, '@');
	enum sts_status status = backends_open_link(conf, &s->sender.link);

	if (status == STS_OK)
		status = dns_query_new(conf->dns_servers, true, conf->dns_timeout_ms, &s->sender.delivery.dns);
	s->sender.conf = s->sender.delivery.conf = conf;
	s->sender.trouble = tell_trouble;
	s->sender.now = sts_clock_now();
	(void)sts_domain_normalise(at + 1, strlen(at + 1), s->sender.submitter);
	snprintf(s->sender.owner, sizeof(s->sender.owner), "%.32s %ld %" PRId64, sts_conf_node(conf), (long)getpid(),
	    sts_clock_now_ms());
	report_message_init();
	return status;
}

static enum cmd_exit
work(struct sending *s)
{
	enum sts_status status = open_all(s);

	if (status == STS_OK)
		status = run(s);
	if (status == STS_OK && s->context->values[REPORT_DRY_RUN] != NULL)
		return CMD_FINE;
	if (status == STS_OK)
		return print_counts(s);
	if (status != STS_EUNAVAILABLE || s->sender.link == NULL)
		return output_error(s->context, CMD_UNKNOWN, "%s", sts_status_text(status));
	return settings_endpoint_error(s->context, s->redis.conf, sts_store_link_why(s->sender.link));
}

enum cmd_exit
report_send(const struct cmd_context *context, int argc, char **argv)
{
	struct sending s = { .context = context };
	enum cmd_exit code = read_options(&s);

	if (code == CMD_FINE)
		code = take_operands(&s, argc, argv);
	if (code == CMD_FINE)
		code = settings_open_redis(context, 0, &s.redis);
	if (code == CMD_FINE)
		code = check_settings(&s);
	if (code == CMD_FINE)
		code = work(&s);
	dns_query_free(&s.sender.delivery.dns);
	sts_store_link_close(&s.sender.link);
	settings_close_redis(&s.redis);
	free(s.domains);
	return code;
}

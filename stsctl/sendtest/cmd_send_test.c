/* SPDX-License-Identifier: ISC */
/* cmd_send_test.c - stsctl send-test: would Postfix, with our answer, deliver mail to a domain, and how safely? Sends no mail. */
#include "config.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/backends.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/lookup/outbound_view.h"
#include "stsctl/sendtest/attempts.h"
#include "stsctl/terminal/output.h"

enum { LEVEL, MAP };

const struct cmd_option cmd_send_test_options[] = {
	[LEVEL] = { "level", "none|may|encrypt|dane|dane-only|secure",
	    "smtp_tls_security_level of main.cf, for domains without an answer (may)" },
	[MAP] = { "map", "postfix|tlsrpt", "the name of the socketmap in main.cf (postfix)" },
	CMD_OPTIONS_END,
};

/* The test and its results. */
struct test {
	char domain[STS_DOMAIN_CAP];
	enum sts_send_level level;	/* by default */
	enum sts_socketmap map;
	struct outbound_view view;
	struct required_tls required;
	struct send_route route;
	struct send_attempts attempts;
};

/* ---- printing ---- */

static enum cmd_exit
exit_of(enum send_outcome outcome)
{
	return outcome == SEND_PROTECTED ? CMD_FINE : outcome == SEND_UNKNOWN ? CMD_UNKNOWN : CMD_NO;
}

static json_t *
host_json(const struct send_host *host)
{
	json_t *addresses = json_array();

	for (size_t i = 0; addresses != NULL && i < host->count; i++)
		json_add(&addresses, json_pack("{s:s, s:s, s:o}", "address", host->addresses[i].shown, "outcome",
		    send_outcome_name(host->addresses[i].verdict.outcome), "why", json_text(host->addresses[i].verdict.why)));
	return json_pack("{s:s, s:i, s:s, s:o, s:s, s:o}", "host", host->mx->host, "preference", (int)host->mx->preference, "outcome",
	    send_outcome_name(host->verdict.outcome), "why", json_text(host->verdict.why), "dane",
	    sts_dane_host_name(host->mx->dane), "addresses", addresses);
}

static json_t *
test_json(const struct test *t)
{
	json_t *hosts = json_array();

	for (size_t i = 0; hosts != NULL && i < t->attempts.count; i++)
		json_add(&hosts, host_json(&t->attempts.hosts[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:o, s:s, s:b, s:o}", "domain", t->domain, "map", sts_socketmap_name(t->map),
	    "reply", t->view.reply[t->map], "level", sts_send_level_name(t->required.level), "level_by_default", t->required.by_default,
	    "outcome", send_outcome_name(t->attempts.verdict.outcome), "why", json_text(t->attempts.verdict.why), "weakest",
	    send_outcome_name(t->attempts.weakest), "mx_signed", t->route.mx_signed, "mx", hosts);
}

static const char *
sentence(enum send_outcome outcome)
{
	static const char *const sentences[SEND_OUTCOMES] = {
		[SEND_PROTECTED] = "mail would go protected",
		[SEND_UNVERIFIED] = "mail would go unprotected: over TLS, to an unverified server",
		[SEND_PLAINTEXT] = "mail would go unprotected: in plaintext",
		[SEND_WAITS] = "mail would wait",
		[SEND_BOUNCES] = "mail would bounce",
		[SEND_UNKNOWN] = "could not be determined",
	};

	return sentences[outcome];
}

static void
print_host(const struct send_host *host)
{
	printf("%5u %s: %s%s%s\n", host->mx->preference, host->mx->host, send_outcome_name(host->verdict.outcome),
	    host->count == 0 ? ": " : "", host->count == 0 ? host->verdict.why : "");
	for (size_t i = 0; i < host->count; i++)
		printf("      [%s] %s: %s\n", host->addresses[i].shown, send_outcome_name(host->addresses[i].verdict.outcome),
		    host->addresses[i].verdict.why);
	if (host->mx->addrs.count > host->count && host->count > 0)
		printf("      %zu more addresses are not tried\n", host->mx->addrs.count - host->count);
}

static void
print_test(const struct test *t)
{
	const struct send_attempts *a = &t->attempts;

	printf("%-8s %s\n", sts_socketmap_name(t->map), t->view.reply[t->map]);
	if (t->required.by_default)
		printf("level    %s, from main.cf (--level)\n", sts_send_level_name(t->required.level));
	for (size_t i = 0; i < a->count; i++)
		print_host(&a->hosts[i]);
	if (t->route.left_out > 0)
		printf("      %zu more MX records are not tried\n", t->route.left_out);
	printf("%s: %s (%s)\n", t->domain, sentence(a->verdict.outcome), a->verdict.why);
	if (send_outcome_goes(a->verdict.outcome) && a->weakest > a->verdict.outcome)
		printf("%s: if the preferred hosts do not answer, %s\n", t->domain, sentence(a->weakest));
}

/* ---- testing ---- */

static enum cmd_exit
report_status(const struct cmd_context *context, enum sts_status status)
{
	return status == STS_OK ? CMD_FINE : output_error(context, CMD_UNKNOWN, "%s", sts_status_text(status));
}

/* Finds the answer, like lookup --outbound. */
static enum cmd_exit
ask_answer(const struct cmd_context *context, const struct sts_conf *conf, struct test *t)
{
	struct discover_env env = { .redis = &conf->redis, .rules = backends_rules(conf), .dns_servers = conf->dns_servers,
		.dns_timeout_ms = conf->dns_timeout_ms,
		.fetch_timeout_ms = conf->fetch_timeout_ms };
	enum cmd_exit code = backends_open_store(context, conf, &env.store);

	if (code == CMD_FINE)
		code = backends_open_net(context, conf, &env.loop);
	if (code == CMD_FINE)
		code = outbound_view_make(context, conf, &env, t->domain, &t->view);
	if (env.loop != NULL)
		sts_net_loop_free(&env.loop);
	sts_store_close(&env.store);
	if (code == CMD_FINE && !required_tls_read(t->view.reply[t->map], t->domain, t->level, &t->required))
		code = output_error(context, CMD_UNKNOWN, "%s: not an answer that Postfix understands", t->domain);
	return code;
}

static enum cmd_exit
try_hosts(const struct cmd_context *context, const struct sts_conf *conf, struct test *t)
{
	struct dns_query *dns = NULL;
	enum sts_status status = dns_query_new(conf->dns_servers, true, conf->dns_timeout_ms, &dns);

	if (status == STS_OK)
		status = send_route_find(dns, t->domain, (uint16_t)conf->smtp_port, &t->route);
	if (dns != NULL)
		dns_query_free(&dns);
	if (status == STS_OK)
		status = send_attempts_make(conf, &t->required, &t->route, sts_clock_now(), &t->attempts);
	return report_status(context, status);
}

static enum cmd_exit
run(const struct cmd_context *context, struct test *t)
{
	struct sts_conf *conf = NULL;
	enum cmd_exit code = settings_load(context, &conf);

	signal(SIGPIPE, SIG_IGN);
	if (code == CMD_FINE)
		code = ask_answer(context, conf, t);
	if (code == CMD_FINE)
		code = try_hosts(context, conf, t);
	if (code == CMD_FINE) {
		code = exit_of(t->attempts.verdict.outcome);
		if (context->json)
			code = output_json(context, code, test_json(t));
		else
			print_test(t);
	}
	outbound_view_fini(&t->view);
	sts_conf_unref(&conf);
	return code;
}

/* ---- the command ---- */

static enum cmd_exit
read_options(const struct cmd_context *context, struct test *t)
{
	const char *level = context->values[LEVEL], *map = context->values[MAP];
	size_t which;
	enum cmd_exit code = usage_choice(context, &cmd_send_test_options[LEVEL], level, &which);

	if (code == CMD_FINE)
		code = usage_choice(context, &cmd_send_test_options[MAP], map, &which);
	t->level = level != NULL ? required_tls_level(level) : STS_SEND_MAY;
	t->map = map != NULL && strcmp(map, sts_socketmap_name(STS_MAP_TLSRPT)) == 0 ? STS_MAP_TLSRPT : STS_MAP_POSTFIX;
	return code;
}

enum cmd_exit
cmd_send_test(const struct cmd_context *context, int argc, char **argv)
{
	struct test *t;
	enum cmd_exit code;

	if (argc != 1)
		return output_error(context, CMD_USAGE, "send-test: expects one DOMAIN");
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return report_status(context, STS_ENOMEM);
	code = read_options(context, t);
	if (code == CMD_FINE)
		code = usage_domain(context, argv[0], t->domain);
	if (code == CMD_FINE)
		code = run(context, t);
	free(t);
	return code;
}

/* SPDX-License-Identifier: ISC */
/* outbound_view.c - follows the daemon's steps. The decision itself is made in shared-cache/outbound/socketmap_answer.c. */
#include "config.h"

#include "stsctl/lookup/outbound_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/terminal/output.h"

/* ---- the lookup ---- */

static enum sts_status
write_replies(const struct sts_conf *conf, struct outbound_view *view)
{
	struct sts_outbound_facts facts = {
		.domain = view->domain,
		.rule = view->rule,
		.entry = view->discovery.entry,
		.dane = view->dane.dane,
		.report_testing = conf->outbound_report_testing,
		.may_defer = conf->socketmap_tempfail,
		.now = sts_clock_now(),
	};

	for (unsigned map = 0; map < STS_MAPS; map++) {
		struct sts_text text;

		view->reply[map] = malloc(STS_ANSWER_CAP);
		if (view->reply[map] == NULL)
			return STS_ENOMEM;
		sts_text_init(&text, view->reply[map], STS_ANSWER_CAP);
		facts.map = (enum sts_socketmap)map;
		if (view->kind != STS_ASKED_DOMAIN || !conf->outbound) {
			sts_text_add(&text, "NOTFOUND ");
			continue;
		}
		sts_outbound_decide(&facts, &view->answer[map]);
		sts_outbound_write(&facts, &view->answer[map], &text);
	}
	return STS_OK;
}

enum cmd_exit
outbound_view_make(const struct cmd_context *context, const struct sts_conf *conf, const struct discover_env *env,
    const char *key, struct outbound_view *out)
{
	enum sts_status status = STS_OK;

	memset(out, 0, sizeof(*out));
	out->kind = sts_socketmap_key_kind(key, strlen(key), out->domain);
	if (out->kind == STS_ASKED_DOMAIN && conf->outbound) {
		out->rule = sts_send_rules_find(conf->send_rules, out->domain);
		discover(env, out->domain, &out->discovery);
		status = out->discovery.entry == NULL ? STS_ENOMEM : dane_probe_run(conf, out->domain, &out->dane);
	}
	if (status == STS_OK)
		status = write_replies(conf, out);
	return status == STS_OK ? CMD_FINE : output_error(context, CMD_UNKNOWN, "%s", sts_status_text(status));
}

void
outbound_view_fini(struct outbound_view *view)
{
	discover_fini(&view->discovery);
	for (unsigned map = 0; map < STS_MAPS; map++)
		free(view->reply[map]);
}

/* ---- printing ---- */

static const char *
validation_name(enum sts_validation validation)
{
	static const char *const names[] = { [STS_VALIDATION_UNKNOWN] = "unknown", [STS_VALIDATION_YES] = "yes",
		[STS_VALIDATION_NO] = "no" };

	return names[validation];
}

static const char *
kind_text(enum sts_asked_kind kind)
{
	static const char *const texts[STS_ASKED_KINDS] = {
		[STS_ASKED_DOMAIN] = "a domain",
		[STS_ASKED_PARENT] = "the parent of a domain: policies do not inherit",
		[STS_ASKED_HOST] = "one host, given by hand: no MX records are looked up, and policies are about those",
		[STS_ASKED_PORT] = "a port that is not SMTP's: nothing is published about it",
		[STS_ASKED_ADDRESS] = "an address: it has no policy",
		[STS_ASKED_PATH] = "a unix socket",
		[STS_ASKED_LABEL] = "a name of one label",
		[STS_ASKED_NO_NAME] = "not a valid DNS name",
	};

	return texts[kind];
}

static json_t *
hosts_json(const struct sts_dane_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < result->host_count; i++)
		json_add(&list, json_pack("{s:s, s:s}", "host", result->hosts[i].name, "dane",
		    sts_dane_host_name(result->hosts[i].state)));
	return list;
}

static json_t *
dane_json(const struct dane_probe *probe)
{
	return json_pack("{s:s, s:s, s:b, s:o, s:I}", "state", sts_dane_name(probe->dane), "resolver_validates",
	    validation_name(probe->validation), "mx_signed", probe->result.mx_signed, "hosts", hosts_json(&probe->result),
	    "ms", (json_int_t)probe->ms);
}

static json_t *
view_json(const struct sts_conf *conf, const struct outbound_view *view)
{
	json_t *object = json_pack("{s:s, s:b, s:s, s:s}", "key", sts_asked_kind_name(view->kind), "outbound", conf->outbound,
	    "postfix", view->reply[STS_MAP_POSTFIX], "tlsrpt", view->reply[STS_MAP_TLSRPT]);

	if (object == NULL || view->kind != STS_ASKED_DOMAIN || !conf->outbound)
		return object;
	json_put(&object, "why", json_string(sts_outbound_why_name(view->answer[STS_MAP_POSTFIX].why)));
	json_put(&object, "steps", discovery_steps_json(&view->discovery));
	json_put(&object, "dane", dane_json(&view->dane));
	if (view->rule != NULL)
		json_put(&object, "rule", json_integer((json_int_t)view->rule->line));
	return object;
}

static void
print_dane(const struct dane_probe *probe)
{
	const struct sts_dane_result *r = &probe->result;

	printf("%-6s %6" PRId64 " ms  %s: the resolver validates: %s\n", "dane", probe->ms, sts_dane_name(probe->dane),
	    validation_name(probe->validation));
	if (r->host_count > 0)
		printf("                  MX records: %s\n", r->mx_signed ? "signed" : "not signed");
	for (size_t i = 0; i < r->host_count; i++)
		printf("                  %s: %s\n", r->hosts[i].name, sts_dane_host_name(r->hosts[i].state));
	if (r->left_out > 0)
		printf("                  %zu more MX records are not looked at\n", r->left_out);
}

static void
print_steps(const struct outbound_view *view)
{
	if (view->rule != NULL)
		printf("rule              line %u of domain_rules: %s tls=%s\n", view->rule->line, view->rule->pattern,
		    sts_send_level_name(view->rule->level));
	discovery_print_steps(&view->discovery);
	print_dane(&view->dane);
	printf("why: %s\n", sts_outbound_why_name(view->answer[STS_MAP_POSTFIX].why));
}

/* Whether the daemon may decide otherwise: if the resolver does not answer, that depends on what the daemon saw of it before. A
 * resolver that answers for the domain, and fails only for the root, leaves no doubt. */
static bool
is_unsure(const struct sts_conf *conf, const struct outbound_view *view)
{
	return conf->outbound && view->kind == STS_ASKED_DOMAIN && view->rule == NULL && conf->dane == STS_DANE_AUTO &&
	    view->dane.validation == STS_VALIDATION_UNKNOWN && view->dane.result.dane == STS_DANE_UNKNOWN;
}

/* CMD_NO stands for an answer that makes mail wait: Postfix cannot deliver with TEMP. */
enum cmd_exit
outbound_view_print(const struct cmd_context *context, const struct sts_conf *conf, const struct outbound_view *view)
{
	bool unsure = is_unsure(conf, view);
	enum cmd_exit code = unsure ? CMD_UNKNOWN : view->answer[STS_MAP_POSTFIX].defer ? CMD_NO : CMD_FINE;

	if (context->json)
		return output_json(context, code, view_json(conf, view));
	if (!conf->outbound)
		puts("outbound = no: every query gets an empty answer");
	else if (view->kind != STS_ASKED_DOMAIN)
		printf("key: %s\n", kind_text(view->kind));
	else
		print_steps(view);
	for (unsigned map = 0; map < STS_MAPS; map++)
		printf("%-8s %s\n", sts_socketmap_name(map), view->reply[map]);
	if (unsure)
		puts("DNS does not answer: a daemon that has seen the resolver validate may say `dane' where this says nothing");
	return code;
}

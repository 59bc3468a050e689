/* SPDX-License-Identifier: ISC */
/* cmd_lookup.c - stsctl lookup: what the milter would know about a domain now, and how. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/backends.h"
#include "stsctl/context/domain_view.h"
#include "stsctl/context/settings.h"
#include "stsctl/lookup/discover.h"
#include "stsctl/terminal/output.h"

enum { NETWORK };

const struct cmd_option cmd_lookup_options[] = {
	[NETWORK] = { "network", NULL, "ask DNS and the policy host even if the answer is in Redis" },
	CMD_OPTIONS_END,
};

static json_t *
steps_of(const struct discovery *d)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < d->step_count; i++) {
		const struct discover_step *step = &d->steps[i];
		json_t *object = json_pack("{s:s, s:s, s:I}", "step", step->name, "outcome", step->outcome,
		    "ms", (json_int_t)step->ms);

		if (object != NULL && step->text[0] != '\0')
			(void)json_object_set_new(object, "text", json_string(step->text));
		if (json_array_append_new(list, object) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static enum cmd_exit
report(const struct cmd_context *context, const struct discovery *d)
{
	enum cmd_exit code = domain_view_exit(d->entry);

	if (context->json)
		return output_json(context, code, json_pack("{s:o, s:s, s:o}", "steps", steps_of(d), "source",
		    sts_source_name(d->source), "result", domain_view_json(d->entry)));
	for (size_t i = 0; i < d->step_count; i++) {
		const struct discover_step *step = &d->steps[i];

		printf("%-6s %6" PRId64 " ms  %s%s%s\n", step->name, step->ms, step->outcome,
		    step->text[0] != '\0' ? ": " : "", step->text);
	}
	printf("source: %s\n", sts_source_name(d->source));
	domain_view_text(d->entry, sts_clock_now());
	return code;
}

static enum cmd_exit
look_up(const struct cmd_context *context, const struct sts_conf *conf, const char *domain)
{
	struct discover_means means = { .rules = backends_rules(conf), .dns_timeout_ms = conf->dns_timeout_ms,
		.fetch_timeout_ms = conf->fetch_timeout_ms, .network = context->values[NETWORK] != NULL };
	struct discovery discovery = { 0 };
	enum cmd_exit code = backends_open_store(context, conf, &means.store);

	if (code == CMD_FINE)
		code = backends_open_net(context, conf, &means.loop);
	if (code == CMD_FINE) {
		discover(&means, domain, &discovery);
		code = discovery.entry != NULL ? report(context, &discovery) :
		    output_error(context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	}
	discover_fini(&discovery);
	if (means.loop != NULL)
		sts_net_loop_free(&means.loop);
	sts_store_close(&means.store);
	return code;
}

enum cmd_exit
cmd_lookup(const struct cmd_context *context, int argc, char **argv)
{
	char domain[STS_DOMAIN_CAP];
	struct sts_conf *conf = NULL;
	enum cmd_exit code;

	if (argc != 1)
		return output_error(context, CMD_USAGE, "lookup: wants one DOMAIN");
	code = backends_domain(context, argv[0], domain);
	if (code == CMD_FINE)
		code = settings_load(context, &conf);
	if (code == CMD_FINE)
		code = look_up(context, conf, domain);
	sts_conf_unref(&conf);
	return code;
}

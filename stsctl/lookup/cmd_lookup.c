/* SPDX-License-Identifier: ISC */
/* cmd_lookup.c - stsctl lookup: what the milter would know about a domain now, and how it would find out. */
#include "config.h"

#include <stdio.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/backends.h"
#include "stsctl/context/domain_view.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/lookup/discover.h"
#include "stsctl/lookup/outbound_view.h"
#include "stsctl/terminal/output.h"

enum { NETWORK, OUTBOUND };

const struct cmd_option cmd_lookup_options[] = {
	[NETWORK] = { "network", NULL, "ask DNS and the policy host even if the answer is in Redis" },
	[OUTBOUND] = { "outbound", NULL, "what Postfix is told about DOMAIN when it sends mail there" },
	CMD_OPTIONS_END,
};

static enum cmd_exit
report(const struct cmd_context *context, const struct discovery *d)
{
	enum cmd_exit code = domain_view_exit(d->entry);

	if (context->json)
		return output_json(context, code, json_pack("{s:o, s:s, s:o}", "steps", discovery_steps_json(d), "source",
		    sts_source_name(d->source), "result", domain_view_json(d->entry)));
	discovery_print_steps(d);
	printf("source: %s\n", sts_source_name(d->source));
	domain_view_text(d->entry, sts_clock_now());
	return code;
}

/* Shows what Postfix would be answered. */
static enum cmd_exit
look_outbound(const struct cmd_context *context, const struct sts_conf *conf, const struct discover_env *env,
    const char *key)
{
	struct outbound_view view;
	enum cmd_exit code = outbound_view_make(context, conf, env, key, &view);

	if (code == CMD_FINE)
		code = outbound_view_print(context, conf, &view);
	outbound_view_fini(&view);
	return code;
}

static enum cmd_exit
look_inbound(const struct cmd_context *context, const struct discover_env *env, const char *domain)
{
	struct discovery discovery = { 0 };
	enum cmd_exit code;

	discover(env, domain, &discovery);
	code = discovery.entry != NULL ? report(context, &discovery) :
	    output_error(context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	discover_fini(&discovery);
	return code;
}

static enum cmd_exit
look_up(const struct cmd_context *context, const struct sts_conf *conf, const char *domain)
{
	struct discover_env env = { .redis = &conf->redis, .rules = backends_rules(conf), .dns_servers = conf->dns_servers,
		.dns_timeout_ms = conf->dns_timeout_ms,
		.fetch_timeout_ms = conf->fetch_timeout_ms, .network = context->values[NETWORK] != NULL };
	enum cmd_exit code = backends_open_store(context, conf, &env.store);

	if (code == CMD_FINE)
		code = backends_open_net(context, conf, &env.loop);
	if (code == CMD_FINE)
		code = context->values[OUTBOUND] != NULL ? look_outbound(context, conf, &env, domain) :
		    look_inbound(context, &env, domain);
	if (env.loop != NULL)
		sts_net_loop_free(&env.loop);
	sts_store_close(&env.store);
	return code;
}

enum cmd_exit
cmd_lookup(const struct cmd_context *context, int argc, char **argv)
{
	char domain[STS_DOMAIN_CAP];
	struct sts_conf *conf = NULL;
	enum cmd_exit code;

	if (argc != 1)
		return output_error(context, CMD_USAGE, "lookup: expects one DOMAIN");
	code = context->values[OUTBOUND] != NULL ? CMD_FINE : usage_domain(context, argv[0], domain);
	if (code == CMD_FINE)
		code = settings_load(context, &conf);
	if (code == CMD_FINE)
		code = look_up(context, conf, context->values[OUTBOUND] != NULL ? argv[0] : domain);
	sts_conf_unref(&conf);
	return code;
}

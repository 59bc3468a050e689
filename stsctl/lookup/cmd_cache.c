/* SPDX-License-Identifier: ISC */
/* cmd_cache.c - stsctl cache: lists, shows, refreshes and purges the policies that the milters share in Redis. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/backends.h"
#include "stsctl/context/domain_view.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/lookup/cache_list.h"
#include "stsctl/lookup/discover.h"
#include "stsctl/terminal/output.h"

enum { MAP, LIMIT, LIMIT_DEFAULT = 10000, LIMIT_MAX = 9999999 };

const struct cmd_option cmd_cache_options[] = {
	[MAP] = { "map", NULL, "domains with a policy in force, one a line, as a multimap for rspamd" },
	[LIMIT] = { "limit", "N", "at most N domains, 1 to 9999999; 10000 by default" },
	CMD_OPTIONS_END,
};

/* What each subcommand gets. store is never NULL. */
struct cache_case {
	const struct cmd_context *context;
	const struct sts_conf *conf;
	struct sts_store *store;
	char domain[STS_DOMAIN_CAP];	/* empty for list */
};

static enum cmd_exit
run_list(struct cache_case *c)
{
	unsigned long long limit = LIMIT_DEFAULT;
	enum cmd_exit code = usage_number(c->context, &cmd_cache_options[LIMIT], c->context->values[LIMIT], LIMIT_MAX, &limit);

	return code != CMD_FINE ? code : cache_list(c->context, c->conf, c->store, (size_t)limit, c->context->values[MAP] != NULL);
}

static enum cmd_exit
run_show(struct cache_case *c)
{
	struct sts_entry *entry;
	enum sts_status status = sts_store_get(c->store, c->domain, sts_clock_now(), &entry);
	enum cmd_exit code = CMD_FINE;

	if (status == STS_ENOTFOUND)
		return output_error(c->context, CMD_NO, "%s: nothing is stored", c->domain);
	if (status != STS_OK)
		return backends_store_error(c->context, c->conf, c->store, status);
	if (c->context->json)
		code = output_json(c->context, CMD_FINE, domain_view_json(entry));
	else
		domain_view_text(entry, sts_clock_now());
	sts_entry_unref(&entry);
	return code;
}

static enum cmd_exit
run_purge(struct cache_case *c)
{
	enum sts_status status = sts_store_purge(c->store, c->domain);
	bool purged = status == STS_OK;

	if (!purged && status != STS_ENOTFOUND)
		return backends_store_error(c->context, c->conf, c->store, status);
	if (c->context->json)
		return output_json(c->context, purged ? CMD_FINE : CMD_NO, json_pack("{s:s, s:b}", "domain", c->domain,
		    "purged", purged));
	printf("%s: %s; all milters have been told to forget it\n", c->domain, purged ? "purged" : "nothing was stored");
	return purged ? CMD_FINE : CMD_NO;
}

/* Stores what was found, and tells the milters, whose memory may hold an older entry. */
static enum cmd_exit
keep(const struct cache_case *c, const struct discovery *d)
{
	enum cmd_exit code = domain_view_exit(d->entry);
	int64_t now = sts_clock_now();
	enum sts_status status = STS_OK;

	if (sts_entry_is_live(d->entry, now)) {
		status = sts_store_put(c->store, d->entry, now);
		if (status == STS_OK)
			status = sts_store_publish(c->store, c->domain);
	}
	if (status != STS_OK)
		return backends_store_error(c->context, c->conf, c->store, status);
	if (c->context->json)
		return output_json(c->context, code, domain_view_json(d->entry));
	domain_view_text(d->entry, now);
	return code;
}

static enum cmd_exit
run_refresh(struct cache_case *c)
{
	struct discover_env env = { .store = c->store, .redis = &c->conf->redis, .rules = backends_rules(c->conf),
		.dns_servers = c->conf->dns_servers, .dns_timeout_ms = c->conf->dns_timeout_ms, .fetch_timeout_ms = c->conf->fetch_timeout_ms, .network = true,
		.refetch = true };
	struct discovery discovery;
	enum cmd_exit code = backends_open_net(c->context, c->conf, &env.loop);

	if (code != CMD_FINE)
		return code;
	discover(&env, c->domain, &discovery);
	if (discovery.store_failed)
		code = backends_store_error(c->context, c->conf, c->store, STS_EUNAVAILABLE);
	else if (discovery.entry == NULL)
		code = output_error(c->context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	else
		code = keep(c, &discovery);
	discover_fini(&discovery);
	sts_net_loop_free(&env.loop);
	return code;
}

static const struct kind {
	const char *name;
	enum cmd_exit (*run)(struct cache_case *c);
	bool wants_domain;
} kinds[] = {
	{ "list", run_list, false },
	{ "show", run_show, true },
	{ "refresh", run_refresh, true },
	{ "purge", run_purge, true },
};

static enum cmd_exit
run_kind(const struct kind *kind, struct cache_case *c)
{
	struct sts_conf *conf = NULL;
	enum cmd_exit code = settings_load(c->context, &conf);

	c->conf = conf;
	if (code == CMD_FINE)
		code = backends_open_store(c->context, conf, &c->store);
	if (code == CMD_FINE && c->store == NULL)
		code = output_error(c->context, CMD_UNKNOWN, "redis = none: each milter keeps its policies to itself");
	else if (code == CMD_FINE)
		code = kind->run(c);
	sts_store_close(&c->store);
	sts_conf_unref(&conf);
	return code;
}

enum cmd_exit
cmd_cache(const struct cmd_context *context, int argc, char **argv)
{
	struct cache_case c = { .context = context };
	const char *name = argc > 0 ? argv[0] : "";
	enum cmd_exit code;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		if (!kinds[i].wants_domain && argc > 1)
			return usage_no_operands(context, "cache list", argc - 1, argv + 1, "");
		if (kinds[i].wants_domain && argc != 2)
			return output_error(context, CMD_USAGE, "cache %s: expects one DOMAIN", name);
		if (kinds[i].run != run_list && (context->values[MAP] != NULL || context->values[LIMIT] != NULL))
			return output_error(context, CMD_USAGE, "cache %s: --map and --limit are options of list", name);
		code = kinds[i].wants_domain ? usage_domain(context, argv[1], c.domain) : CMD_FINE;
		return code == CMD_FINE ? run_kind(&kinds[i], &c) : code;
	}
	return CMD_USAGE;	/* the table of commands lets nothing else through */
}

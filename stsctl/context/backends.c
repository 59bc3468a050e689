/* SPDX-License-Identifier: ISC */
/* backends.c - fills in the library's parameters from the settings. */
#include "config.h"

#include "stsctl/context/backends.h"

#include <signal.h>

#include "stsctl/context/settings.h"
#include "stsctl/terminal/output.h"

static struct sts_store_params
store_params(const struct sts_conf *conf)
{
	return (struct sts_store_params){
		.endpoint = conf->redis,
		.username = conf->redis_username,
		.password = conf->redis_password,
		.prefix = conf->redis_prefix,
		.db = conf->redis_db,
		.timeout_ms = settings_redis_wait_ms(conf),
		.stats_days = conf->domain_stats_days,
		.stats_domains = conf->domain_stats_max,
		.stream_maxlen = conf->evidence_maxlen,
		.node = conf->authserv_id,
	};
}

enum cmd_exit
backends_open_store(const struct cmd_context *context, const struct sts_conf *conf, struct sts_store **out)
{
	const struct sts_store_params params = store_params(conf);
	enum sts_status status;

	*out = NULL;
	if (conf->redis.kind == STS_ENDPOINT_NONE)
		return CMD_FINE;
	signal(SIGPIPE, SIG_IGN);
	status = sts_store_open(&params, out);
	return status == STS_OK ? CMD_FINE : output_error(context, CMD_UNKNOWN, "redis: %s", sts_status_text(status));
}

enum sts_status
backends_open_link(const struct sts_conf *conf, struct sts_store_link **out)
{
	const struct sts_store_params params = store_params(conf);

	return sts_store_link_open(&params, out);
}

enum cmd_exit
backends_open_net(const struct cmd_context *context, const struct sts_conf *conf, struct sts_net_loop **out)
{
	const struct sts_net_loop_params params = {
		.dns_servers = conf->dns_servers,
		.ca_file = conf->ca_file,
		.contact = conf->user_agent_contact,
		.dns_timeout_ms = conf->dns_timeout_ms,
		.fetch_timeout_ms = conf->fetch_timeout_ms,
		.policy_port = (uint16_t)conf->policy_port,
		.allow_private_addresses = conf->allow_private_addresses,
	};
	enum sts_status status;

	signal(SIGPIPE, SIG_IGN);	/* neither c-ares nor curl prevents it */
	status = sts_net_loop_new(&params, out);
	return status == STS_OK ? CMD_FINE : output_error(context, CMD_UNKNOWN, "network: %s (dns_servers, ca_file)",
	    sts_status_text(status));
}

struct sts_refresh_rules
backends_rules(const struct sts_conf *conf)
{
	return (struct sts_refresh_rules){
		.negative_ttl_min_s = conf->negative_ttl_min_ms / 1000,
		.negative_ttl_max_s = conf->negative_ttl_max_ms / 1000,
		.failure_ttl_s = conf->failure_ttl_ms / 1000,
		.intervals = { .refresh_s = conf->refresh_interval_ms / 1000, .recheck_s = conf->recheck_interval_ms / 1000 },
	};
}

enum cmd_exit
backends_store_error(const struct cmd_context *context, const struct sts_conf *conf, const struct sts_store *store,
    enum sts_status status)
{
	return settings_endpoint_error(context, conf, status == STS_EUNAVAILABLE ? sts_store_why(store) : sts_status_text(status));
}

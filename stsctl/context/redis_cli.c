/* SPDX-License-Identifier: ISC */
/* redis_cli.c - the options of redis-cli(1) for each kind of endpoint. */
#include "config.h"

#include "stsctl/context/redis_cli.h"

#include <string.h>

#include "stsctl/terminal/paste.h"

enum { PORT_USUAL = 6379 };

static void
add_file(struct sts_text *to, const char *option, const char *file)
{
	if (file == NULL || file[0] == '\0')
		return;
	sts_text_addf(to, " %s ", option);
	paste_word(to, file);
}

static void
add_tls(struct sts_text *to, const struct sts_endpoint *redis)
{
	sts_text_add(to, " --tls");
	add_file(to, "--cacert", redis->tls_with.ca_file);
	add_file(to, "--cert", redis->tls_with.cert_file);
	add_file(to, "--key", redis->tls_with.key_file);
	add_file(to, "--sni", redis->tls_with.server_name);
}

void
redis_cli_add(struct sts_text *to, const struct sts_endpoint *redis, unsigned db)
{
	const char *host = redis->host;
	unsigned port = redis->port;

	if (redis->kind == STS_ENDPOINT_CLUSTER && redis->sentinel_count > 0) {
		host = redis->sentinels[0].host;
		port = redis->sentinels[0].port;
	}
	sts_text_add(to, "redis-cli");
	if (redis->kind == STS_ENDPOINT_UNIX)
		add_file(to, "-s", host);
	else if (redis->kind == STS_ENDPOINT_CLUSTER)
		sts_text_add(to, " -c");
	if (redis->kind == STS_ENDPOINT_TCP || redis->kind == STS_ENDPOINT_CLUSTER) {
		if (strcmp(host, "127.0.0.1") != 0 && strcmp(host, "localhost") != 0)
			add_file(to, "-h", host);
		if (port != PORT_USUAL)
			sts_text_addf(to, " -p %u", port);
	}
	if (redis->tls)
		add_tls(to, redis);
	if (db != 0)
		sts_text_addf(to, " -n %u", db);
}

/* SPDX-License-Identifier: ISC */
/* conf_redis.c - checks settings of Redis against each other: a user needs a password, a certificate TLS, a cluster database 0. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/settings/conf_private.h"

static enum sts_status
set_host(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *wrong = value[0] == '\0' || sts_endpoint_is_host(value) ? NULL : "must be a host name or an address";

	(void)row;
	return sts_conf_keep_unless(wrong, value, field, place);
}

/* What is wrong with a TLS setting where nothing is encrypted: whoever set it believes otherwise. NULL: nothing. */
static const char *
useless(const struct sts_endpoint *redis)
{
	bool on_the_wire = redis->kind != STS_ENDPOINT_NONE && redis->kind != STS_ENDPOINT_UNIX;

	return on_the_wire && !redis->tls ? "has no effect without TLS: redis must begin with tls:, sentinel+tls: or cluster+tls:" : NULL;
}

static void
check_tls(const struct sts_conf *conf, sts_conf_place_fn *place_of, const void *arg)
{
	const struct {
		const char *name, *value;
		bool is_file;
	} rows[] = {
		{ "redis_tls_ca_file", conf->redis_tls_ca_file, true },
		{ "redis_tls_cert_file", conf->redis_tls_cert_file, true },
		{ "redis_tls_key_file", conf->redis_tls_key_file, true },
		{ "redis_tls_server_name", conf->redis_tls_server_name, false },
	};
	const char *wrong = useless(&conf->redis);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_conf_place place = place_of(arg, rows[i].name);

		if (rows[i].value[0] == '\0')
			continue;
		if (wrong != NULL)
			sts_conf_complain(&place, "%s", wrong);
		else if (rows[i].is_file && conf->redis.tls && access(rows[i].value, R_OK) != 0)
			sts_conf_complain(&place, "cannot read %s: %s", rows[i].value, strerror(errno));
	}
	if (conf->redis_tls_key_file[0] != '\0' && conf->redis_tls_cert_file[0] == '\0') {
		struct sts_conf_place place = place_of(arg, "redis_tls_key_file");

		sts_conf_complain(&place, "a key needs its certificate: redis_tls_cert_file is empty");
	}
}

void
sts_conf_check_redis(struct sts_conf *conf, sts_conf_place_fn *place_of, const void *arg)
{
	struct sts_conf_place place = place_of(arg, "redis_username"), db = place_of(arg, "redis_db");

	if (conf->redis_username[0] != '\0' && conf->redis_password_file[0] == '\0')
		sts_conf_complain(&place, "a Redis user needs a password: redis_password_file is empty");
	/* SELECT is not sent to nodes, which would reject it: so the number would be ignored silently. */
	if (conf->redis.kind == STS_ENDPOINT_CLUSTER && conf->redis_db != 0)
		sts_conf_complain(&db, "a Redis Cluster has only database 0");
	check_tls(conf, place_of, arg);
	conf->redis.tls_with = (struct sts_endpoint_tls){
		.ca_file = conf->redis_tls_ca_file,
		.cert_file = conf->redis_tls_cert_file,
		.key_file = conf->redis_tls_key_file,
		.server_name = conf->redis_tls_server_name,
	};
}

const struct sts_setting_type sts_type_host = { .set = set_host, .fini = sts_conf_free_string };

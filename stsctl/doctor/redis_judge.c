/* SPDX-License-Identifier: ISC */
/* redis_judge.c - judges Redis, and parses the text of INFO. Pure. */
#include "config.h"

#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/names/ipaddr.h"
#include "stsctl/doctor/redis.h"

enum { CLOCK_WARN_S = 5, FULL_PERCENT = 90 };

char *
doctor_redis_info(const char *info, const char *name, char *out, size_t cap)
{
	size_t len = strlen(name);
	struct sts_text text;

	sts_text_init(&text, out, cap);
	for (const char *line = info; *line != '\0'; line += strspn(line, "\r\n")) {
		size_t line_len = strcspn(line, "\r\n");

		if (line_len > len && strncmp(line, name, len) == 0 && line[len] == ':') {
			sts_text_add_shown(&text, line + len + 1, line_len - len - 1, cap / 4);
			break;
		}
		line += line_len;
	}
	return out;
}

static const char *
config_lines(const struct doctor_redis *r, const char *setting, char out[DOCTOR_TEXT])
{
	snprintf(out, DOCTOR_TEXT, "%s CONFIG SET %s\n%s CONFIG REWRITE", r->cli, setting, r->cli);
	return out;
}

static void
judge_memory(const struct doctor_redis *r, struct findings *out)
{
	char fix[DOCTOR_TEXT];

	if (r->maxmemory == 0)
		return;
	if (strcmp(r->maxmemory_policy, "noeviction") != 0)
		doctor_add(out, FINDING_WARN, "redis.eviction", "maxmemory-policy",
		    config_lines(r, "maxmemory-policy noeviction", fix), "%s, with maxmemory %lld", r->maxmemory_policy, r->maxmemory);
	if (r->used_memory / FULL_PERCENT >= r->maxmemory / 100)
		doctor_add(out, FINDING_WARN, "redis.full", "maxmemory", NULL, "%lld of %lld bytes are in use", r->used_memory,
		    r->maxmemory);
}

static void
judge_persistence(const struct doctor_redis *r, struct findings *out)
{
	char fix[DOCTOR_TEXT];

	if (r->aof || r->info_refused[0] != '\0')
		return;
	if (r->config_refused[0] != '\0')
		doctor_add(out, FINDING_INFO, "redis.refused", "CONFIG GET", NULL, "%s", r->config_refused);
	else if (r->save[0] == '\0')
		findings_add(out, FINDING_WARN, "redis.persistence", "appendonly, save", "neither is on",
		    config_lines(r, "appendonly yes", fix));
}

static void
judge_version(const struct doctor_redis *r, struct findings *out)
{
	unsigned long long major = 0;
	size_t len = strspn(r->version, "0123456789");

	(void)sts_text_parse_u64(r->version, len, 4, &major);
	if (r->version[0] != '\0' && major < 5)
		findings_add(out, FINDING_FAIL, "redis.version", r->place, r->version, NULL);
	if (strcmp(r->role, "slave") == 0)
		findings_add(out, FINDING_FAIL, "redis.replica", r->place, "this is a replica", NULL);
}

static void
judge_functions(const struct doctor_redis *r, struct findings *out)
{
	if (r->functions == FUNCTIONS_ABSENT)
		findings_add(out, FINDING_INFO, "redis.functions", r->place, "not loaded", "stsctl redis-setup");
	else if (r->functions == FUNCTIONS_OLD)
		findings_add(out, FINDING_INFO, "redis.functions", r->place, "another version is loaded", "stsctl redis-setup");
	else if (r->functions == FUNCTIONS_NONE)
		findings_add(out, FINDING_INFO, "redis.functions", r->place, "this Redis is older than 7, and does not support them", NULL);
}

static void
judge_user(const struct doctor_redis *r, struct findings *out)
{
	if (!r->may_work)
		doctor_add(out, FINDING_FAIL, "redis.acl", r->place, "stsctl redis-setup --acl-only", "%s", r->why);
	else if (strcmp(r->user, "default") == 0)
		findings_add(out, FINDING_INFO, "redis.acl", r->place, "the user is default, which may do everything",
		    "stsctl redis-setup --acl-only");
}

static bool
is_here(const char *host)
{
	static const uint8_t six[16] = { [15] = 1 };
	struct sts_ipaddr addr;

	if (!sts_ipaddr_parse(host, strlen(host), &addr))
		return strcmp(host, "localhost") == 0;
	return addr.family == 4 ? addr.bytes[0] == 127 : memcmp(addr.bytes, six, sizeof(six)) == 0;
}

bool
doctor_redis_in_clear(const struct sts_endpoint *endpoint)
{
	bool here = endpoint->kind != STS_ENDPOINT_TCP || is_here(endpoint->host);

	if (endpoint->tls || endpoint->kind == STS_ENDPOINT_NONE || endpoint->kind == STS_ENDPOINT_UNIX)
		return false;
	for (unsigned i = 0; i < endpoint->sentinel_count; i++)
		here = here && is_here(endpoint->sentinels[i].host);
	return !here;
}

/* What to do about a TLS error; redis_tls.h has the reasons. */
static const char *
tls_remedy(const char *why)
{
	static const struct {
		const char *words, *fix;
	} rows[] = {
		{ "has expired", "renew the certificate of Redis, and make Redis read it: CONFIG SET tls-cert-file, or a restart" },
		{ "not yet valid", "timedatectl set-ntp true" },
		{ "name does not match", "in the setting redis, name the host as in the certificate, or set redis_tls_server_name" },
		{ "issuer certificate", "set redis_tls_ca_file to the authority that signed the certificate of Redis" },
		{ "self-signed", "set redis_tls_ca_file to the authority that signed the certificate of Redis" },
		{ "asks for a certificate of ours", "set redis_tls_cert_file and redis_tls_key_file to a certificate that Redis accepts" },
		{ "the server says", "get our certificate signed by an authority in the tls-ca-cert-file of Redis" },
		{ "redis_tls_", "correct that file, and make it readable for the milter's user" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strstr(why, rows[i].words) != NULL)
			return rows[i].fix;
	return "in the setting redis, name the port that Redis has as its tls-port";
}

static void
judge_unreachable(const struct doctor_redis *r, struct findings *out)
{
	const char *tls = strstr(r->why, "TLS: ");

	if (tls != NULL)
		findings_add(out, FINDING_FAIL, "redis.tls", r->place, r->why, tls_remedy(tls));
	else
		findings_add(out, FINDING_FAIL, "redis.unreachable", r->place, r->why, "systemctl start redis-server");
}

void
judge_redis(const struct doctor_redis *r, struct findings *out)
{
	if (r->none) {
		findings_add(out, FINDING_INFO, "redis.none", "redis", "none", NULL);
		return;
	}
	if (!r->reached) {
		judge_unreachable(r, out);
		return;
	}
	doctor_add(out, FINDING_PASS, "redis.ok", r->place, NULL, "answers%s%s", r->version[0] != '\0' ? ", version " : "",
	    r->version);
	if (r->in_clear)
		findings_add(out, FINDING_INFO, "redis.plaintext", r->place, "the connection is not encrypted", NULL);
	judge_user(r, out);
	if (r->info_refused[0] != '\0')
		doctor_add(out, FINDING_INFO, "redis.refused", "INFO", NULL, "%s", r->info_refused);
	judge_version(r, out);
	judge_memory(r, out);
	judge_persistence(r, out);
	judge_functions(r, out);
	if (r->has_time && (r->ahead_s > CLOCK_WARN_S || r->ahead_s < -CLOCK_WARN_S))
		doctor_add(out, FINDING_WARN, "redis.clock", r->place, "timedatectl set-ntp true", "%lld seconds %s this machine",
		    (long long)(r->ahead_s > 0 ? r->ahead_s : -r->ahead_s), r->ahead_s > 0 ? "ahead of" : "behind");
}

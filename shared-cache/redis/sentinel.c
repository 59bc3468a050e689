/* SPDX-License-Identifier: ISC */
/* sentinel.c - asks one sentinel after the other. Knows nothing of what the master is used for. */
#include "config.h"

#include "shared-cache/redis/sentinel.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/ipaddr.h"

static enum sts_status
say(char why[STS_REDIS_FIND_WHY_CAP], const struct sts_sentinel_host *sentinel, const char *what)
{
	struct sts_text text;

	sts_text_init(&text, why, STS_REDIS_FIND_WHY_CAP);
	sts_text_addf(&text, "sentinel %s:%u: ", sentinel->host, (unsigned)sentinel->port);
	sts_text_add(&text, what);
	return STS_EUNAVAILABLE;
}

/* Parses an array of address and port. Sentinels may be configured to announce hosts by name. */
static bool
read_master(const struct sts_reply *reply, struct sts_endpoint *out)
{
	struct sts_reply host, port;
	unsigned long long number;
	struct sts_ipaddr addr;
	char text[STS_ENDPOINT_NAME_CAP];

	if (reply->kind != STS_REPLY_ARRAY || reply->count != 2)
		return false;
	host = sts_reply_element(reply, 0);
	port = sts_reply_element(reply, 1);
	if (host.kind != STS_REPLY_TEXT || port.kind != STS_REPLY_TEXT || host.len == 0 || host.len > 253 ||
	    strlen(host.text) != host.len || !sts_text_parse_u64(port.text, port.len, 5, &number) || number > 65535)
		return false;
	snprintf(text, sizeof(text), sts_ipaddr_parse(host.text, host.len, &addr) && addr.family == 6 ? "tcp:[%s]:%u" : "tcp:%s:%u",
	    host.text, (unsigned)number);
	return sts_endpoint_parse(text, out, NULL, 0) && out->kind == STS_ENDPOINT_TCP;
}

static enum sts_status
ask(struct sts_redis *redis, const struct sts_sentinel_host *sentinel, const char *name, struct sts_endpoint *out,
    char why[STS_REDIS_FIND_WHY_CAP])
{
	struct sts_reply reply;
	enum sts_status status = sts_redis_begin(redis);

	if (status == STS_OK) {
		sts_redis_command(redis, 3);
		sts_redis_text(redis, "SENTINEL");
		sts_redis_text(redis, "get-master-addr-by-name");
		sts_redis_text(redis, name);
		status = sts_redis_read(redis, &reply);
	}
	if (status != STS_OK)
		return say(why, sentinel, sts_redis_why(redis));
	if (reply.kind == STS_REPLY_NIL)
		status = say(why, sentinel, "knows no master of this name");
	else if (reply.kind == STS_REPLY_REFUSED) {
		sts_redis_set_why(redis, "refuses", &reply);
		status = say(why, sentinel, sts_redis_why(redis));
	} else if (!read_master(&reply, out))
		status = say(why, sentinel, "an answer that names no server");
	sts_reply_free(&reply);
	return status;
}

static enum sts_status
ask_one(const struct sts_endpoint *endpoint, unsigned which, int64_t timeout_ms, struct sts_endpoint *out,
    char why[STS_REDIS_FIND_WHY_CAP])
{
	const struct sts_sentinel_host *sentinel = &endpoint->sentinels[which];
	struct sts_endpoint where = { .kind = STS_ENDPOINT_TCP, .port = sentinel->port, .tls = endpoint->tls,
		.tls_with = endpoint->tls_with };
	const struct sts_redis_params params = {
		.endpoint = &where, .username = "", .password = "", .timeout_ms = timeout_ms > 0 ? timeout_ms : 1,
	};
	struct sts_redis *redis;
	enum sts_status status;

	memcpy(where.host, sentinel->host, sizeof(where.host));
	if (sts_redis_new(&params, &redis) != STS_OK)
		return say(why, sentinel, "no memory");
	status = ask(redis, sentinel, endpoint->name, out, why);
	sts_redis_free(&redis);
	return status;
}

enum sts_status
sts_sentinel_find(const struct sts_endpoint *endpoint, int64_t deadline_ms, struct sts_endpoint *out,
    char why[STS_REDIS_FIND_WHY_CAP])
{
	enum sts_status status = STS_EUNAVAILABLE;

	why[0] = '\0';
	for (unsigned i = 0; i < endpoint->sentinel_count && status != STS_OK; i++) {
		/* One share more than there are sentinels left: connecting to the master takes time as well. */
		int64_t shares = (int64_t)(endpoint->sentinel_count - i) + 1;

		status = ask_one(endpoint, i, (deadline_ms - sts_clock_mono_ms()) / shares, out, why);
	}
	out->tls = endpoint->tls;
	out->tls_with = endpoint->tls_with;
	return status;
}

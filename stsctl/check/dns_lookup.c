/* SPDX-License-Identifier: ISC */
/* check/dns_lookup.c - opens DNS clients, traces their replies, and finds authoritative servers. */
#include "config.h"

#include "stsctl/check/dns_lookup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/diagnosis/txt_records.h"

enum { LINE_CAP = 1200, LABELS_MAX = 127, NS_MAX = 8 };

const char *
check_dns_outcome(const struct sts_dns_reply *reply)
{
	switch (reply->outcome) {
	case STS_DNS_REPLY_ANSWER:
		return "answer";
	case STS_DNS_REPLY_NO_RECORD:
		return "no record";
	case STS_DNS_REPLY_NO_NAME:
		return "no such name";
	case STS_DNS_REPLY_TIME_OUT:
	case STS_DNS_REPLY_FAILED:
		break;
	}
	return reply->why;
}

/* ---- for --verbose ---- */

static void
add_value(struct sts_text *text, const struct sts_dns_record *record, const char *zone)
{
	char addr[46];

	sts_text_addf(text, "  %s %" PRIu32 " %s ", record->owner, record->ttl_s, sts_dns_type_name(record->type));
	switch (record->type) {
	case STS_DNS_A:
	case STS_DNS_AAAA:
		sts_ipaddr_format(&record->addr, addr);
		sts_text_add(text, addr);
		break;
	case STS_DNS_MX:
		sts_text_addf(text, "%u %s.", record->preference, record->target);
		break;
	case STS_DNS_TXT:
		sts_text_add(text, zone != NULL ? zone : "");
		break;
	case STS_DNS_TLSA:
		sts_text_addf(text, "%u %u %u ", record->tlsa.usage, record->tlsa.selector, record->tlsa.matching);
		for (size_t i = 0; i < record->tlsa.len; i++)
			sts_text_addf(text, "%02x", record->tlsa.data[i]);
		break;
	case STS_DNS_NS:
	case STS_DNS_CNAME:
	case STS_DNS_SOA:
		sts_text_addf(text, "%s.", record->target);
		break;
	}
}

static void
trace_reply(void *arg, const char *servers, const char *name, enum sts_dns_type type, const struct sts_dns_reply *reply)
{
	const struct check_env *env = arg;
	char storage[LINE_CAP];
	struct sts_text text;
	struct txt_records set;
	size_t nth = 0;

	sts_text_init(&text, storage, sizeof(storage));
	sts_text_addf(&text, "dns %s: %s %s: %s%s%s, %" PRId64 " ms", servers, name, sts_dns_type_name(type),
	    check_dns_outcome(reply), reply->authentic ? ", authentic (AD)" : "",
	    reply->authoritative ? ", authoritative (AA)" : "", reply->ms);
	env->trace(env->trace_arg, storage);
	if (txt_records_init(&set, reply) != STS_OK)
		return;
	for (size_t i = 0; i < reply->count; i++) {
		bool is_txt = reply->records[i].type == STS_DNS_TXT;

		sts_text_init(&text, storage, sizeof(storage));
		add_value(&text, &reply->records[i], is_txt ? set.zone[nth++] : NULL);
		env->trace(env->trace_arg, storage);
	}
	txt_records_fini(&set);
}

struct dns_query *
check_dns_open(const struct check_env *env, const char *servers, bool recursive)
{
	struct dns_query *dns;

	if (dns_query_new(servers, recursive, env->conf->dns_timeout_ms, &dns) != STS_OK)
		return NULL;
	dns_query_set_deadline(dns, env->deadline_ms);
	/* trace_reply only reads env */
	if (env->trace != NULL)
		dns_query_trace(dns, trace_reply, (void *)(uintptr_t)env);
	return dns;
}

struct sts_dns_reply *
check_dns_ask(const struct check_env *env, const char *name, enum sts_dns_type type, struct findings *out)
{
	struct sts_dns_reply *reply;

	if (dns_query_ask(env->dns, name, type, &reply) != STS_OK)
		out->no_memory = true;
	return reply;
}

/* ---- authoritative servers ---- */

/* The NS records of name's zone: those of the name itself, or of the nearest name above it that has any. A failed lookup of the name
 * itself does not end the search: it is the very case for which other servers are asked. */
static struct sts_dns_reply *
find_zone(const struct check_env *env, const char *name, struct findings *out)
{
	for (int i = 0; name != NULL && name[0] != '\0' && i < LABELS_MAX; i++) {
		struct sts_dns_reply *reply = check_dns_ask(env, name, STS_DNS_NS, out);
		const char *dot = strchr(name, '.');

		if (reply == NULL || (i > 0 && sts_dns_reply_failed(reply)) ||
		    (reply->outcome == STS_DNS_REPLY_ANSWER && strcmp(reply->name, name) == 0))
			return reply;
		sts_dns_reply_free(&reply);
		name = dot != NULL ? dot + 1 : NULL;
	}
	return NULL;
}

static void
add_server(const struct check_env *env, const char *name, const struct sts_ipaddr *addr, struct check_nameserver *server)
{
	char text[46];

	memset(server, 0, sizeof(*server));
	snprintf(server->name, sizeof(server->name), "%s", name);
	server->addr = *addr;
	sts_ipaddr_format(addr, text);
	if (env->conf->allow_private_addresses || !sts_ipaddr_is_special(addr))
		snprintf(server->servers, sizeof(server->servers), addr->family == 6 ? "[%s]:%" PRId64 : "%s:%" PRId64, text,
		    env->conf->dns_port);
}

static size_t
add_addresses(const struct check_env *env, const char *name, struct check_nameserver *servers, size_t room,
    struct findings *out)
{
	static const enum sts_dns_type types[] = { STS_DNS_A, STS_DNS_AAAA };
	size_t count = 0;

	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		struct sts_dns_reply *reply = check_dns_ask(env, name, types[t], out);

		for (size_t i = 0; reply != NULL && i < reply->count; i++)
			if (reply->records[i].type == types[t] && count < room)
				add_server(env, name, &reply->records[i].addr, &servers[count++]);
		sts_dns_reply_free(&reply);
	}
	return count;
}

size_t
check_dns_nameservers(const struct check_env *env, const char *name, struct check_nameserver servers[HOST_ADDRESSES_MAX],
    struct findings *out)
{
	struct sts_dns_reply *zone = find_zone(env, name, out);
	size_t count = 0, asked = 0;

	for (size_t i = 0; zone != NULL && i < zone->count && asked < NS_MAX; i++) {
		if (zone->records[i].type != STS_DNS_NS)
			continue;
		asked++;
		count += add_addresses(env, zone->records[i].target, servers + count, HOST_ADDRESSES_MAX - count, out);
	}
	sts_dns_reply_free(&zone);
	return count;
}

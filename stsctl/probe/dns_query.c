/* SPDX-License-Identifier: ISC */
/* dns_query.c - decides which server is queried when, and for how long. dns_transport.c sends the query. */
#include "config.h"

#include "stsctl/probe/dns_query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/dns/dns_question.h"
#include "stsctl/probe/dns_transport.h"

/* EDNS_SIZE avoids fragmentation (DNS flag day 2020). */
enum { SERVERS_MAX = 16, ROUNDS = 2, DNS_PORT = 53, EDNS_SIZE = 1232, SHOWN_CAP = SERVERS_MAX * 56 };

struct dns_query {
	struct dns_transport_server servers[SERVERS_MAX];
	size_t server_count;
	bool recursive;
	int64_t timeout_ms, deadline_ms;	/* for one query; for all of them, 0: none */
	char shown[SHOWN_CAP];
	dns_query_trace_fn *trace;
	void *trace_arg;
	uint8_t buffer[DNS_TRANSPORT_MAX];
};

/* ---- servers ---- */

static enum sts_status
add_server(struct dns_query *dns, const char *text, size_t len)
{
	struct dns_transport_server server = { .port = DNS_PORT };

	if (dns->server_count == SERVERS_MAX || !sts_ipaddr_parse_server(text, len, &server.addr, &server.port))
		return STS_EINVAL;
	dns->servers[dns->server_count++] = server;
	return STS_OK;
}

static enum sts_status
add_list(struct dns_query *dns, const char *list)
{
	enum sts_status status = STS_OK;

	for (;;) {
		size_t len = strcspn(list, ",");

		if (status == STS_OK)
			status = add_server(dns, list, len);
		if (list[len] == '\0')
			return status;
		list += len + 1;
	}
}

static void
add_address(struct dns_query *dns, const struct sockaddr *address)
{
	struct dns_transport_server server = { .port = DNS_PORT };

	if (dns->server_count < SERVERS_MAX && sts_ipaddr_from_sockaddr(address, &server.addr) == STS_OK)
		dns->servers[dns->server_count++] = server;
}

/* Adds the servers of resolv.conf as the C library reads it; if there are none, the local one, as in resolv.conf(5). The library keeps
 * IPv6 addresses in a second array, at the same indexes. */
static enum sts_status
add_system(struct dns_query *dns)
{
	struct __res_state state = { 0 };

	if (res_ninit(&state) == 0) {
		for (int i = 0; i < state.nscount && i < MAXNS; i++) {
			const struct sockaddr_in6 *in6 = state._u._ext.nsaddrs[i];

			add_address(dns, in6 != NULL && in6->sin6_family == AF_INET6 ? (const struct sockaddr *)in6 :
			    (const struct sockaddr *)&state.nsaddr_list[i]);
		}
		res_nclose(&state);
	}
	return dns->server_count > 0 ? STS_OK : add_list(dns, "127.0.0.1");
}

static void
show_servers(struct dns_query *dns)
{
	struct sts_text text;
	char addr[46];

	sts_text_init(&text, dns->shown, sizeof(dns->shown));
	for (size_t i = 0; i < dns->server_count; i++) {
		const struct dns_transport_server *server = &dns->servers[i];

		sts_ipaddr_format(&server->addr, addr);
		if (i > 0)
			sts_text_add(&text, ",");
		if (server->port == DNS_PORT)
			sts_text_add(&text, addr);
		else
			sts_text_addf(&text, server->addr.family == 6 ? "[%s]:%u" : "%s:%u", addr, (unsigned)server->port);
	}
}

enum sts_status
dns_query_new(const char *servers, bool recursive, int64_t timeout_ms, struct dns_query **out)
{
	struct dns_query *dns = calloc(1, sizeof(*dns));
	enum sts_status status;

	*out = NULL;
	if (dns == NULL)
		return STS_ENOMEM;
	dns->recursive = recursive;
	dns->timeout_ms = timeout_ms;
	status = servers[0] == '\0' ? add_system(dns) : add_list(dns, servers);
	if (status != STS_OK) {
		dns_query_free(&dns);
		return status;
	}
	show_servers(dns);
	*out = dns;
	return STS_OK;
}

void
dns_query_free(struct dns_query **dns)
{
	free(*dns);
	*dns = NULL;
}

void
dns_query_set_deadline(struct dns_query *dns, int64_t deadline_ms)
{
	dns->deadline_ms = deadline_ms;
}

const char *
dns_query_servers(const struct dns_query *dns)
{
	return dns->shown;
}

void
dns_query_trace(struct dns_query *dns, dns_query_trace_fn *fn, void *arg)
{
	dns->trace = fn;
	dns->trace_arg = arg;
}

/* ---- one question ---- */

struct question {
	const char *name;
	enum sts_dns_type type;
};

/* Without recursion only an authoritative answer counts; any other is a mere referral. */
static enum sts_status
read_reply(const struct dns_query *dns, const struct question *question, size_t len, struct sts_dns_reply **out)
{
	enum sts_status status = sts_dns_reply_read(dns->buffer, len, question->name, question->type, out);

	if (status == STS_OK && !dns->recursive && (*out)->outcome != STS_DNS_REPLY_FAILED && !(*out)->authoritative) {
		sts_dns_reply_free(out);
		*out = sts_dns_reply_empty(question->name, STS_DNS_REPLY_FAILED, "the server is not authoritative for the name");
	}
	return *out != NULL ? STS_OK : STS_ENOMEM;
}

static enum sts_status
ask_server(struct dns_query *dns, const struct dns_transport_server *server, const struct question *question, bool edns,
    int64_t deadline_ms, struct sts_dns_reply **out)
{
	struct dns_transport_answer answer = { .bytes = dns->buffer };
	struct sts_dns_question message;
	enum sts_status status = sts_dns_question(question->name, question->type, dns->recursive, edns ? EDNS_SIZE : 0, &message);

	if (status == STS_OK) {
		const struct dns_transport_query query = { .bytes = message.bytes, .len = message.len };

		switch (dns_transport_ask(server, &query, deadline_ms, &answer)) {
		case DNS_TRANSPORT_ANSWER:
			status = read_reply(dns, question, answer.len, out);
			break;
		case DNS_TRANSPORT_TIME_OUT:
			*out = sts_dns_reply_empty(question->name, STS_DNS_REPLY_TIME_OUT, "no answer in time");
			break;
		case DNS_TRANSPORT_FAILED:
			*out = sts_dns_reply_empty(question->name, STS_DNS_REPLY_FAILED, answer.why);
			if (*out != NULL)
				(*out)->no_route = answer.no_route;
			break;
		}
	}
	return status == STS_OK && *out == NULL ? STS_ENOMEM : status;
}

/* Old servers that do not support EDNS answer FORMERR or NOTIMP (RFC 6891 section 7); broken ones answer BADVERS. */
static bool
rejects_edns(const struct sts_dns_reply *reply)
{
	enum { FORMERR = 1, NOTIMP = 4, BADVERS = 16 };

	return reply->outcome == STS_DNS_REPLY_FAILED && (reply->rcode == FORMERR || reply->rcode == NOTIMP || reply->rcode == BADVERS);
}

static enum sts_status
ask_once(struct dns_query *dns, const struct dns_transport_server *server, const struct question *question, int64_t deadline_ms,
    struct sts_dns_reply **out)
{
	enum sts_status status = ask_server(dns, server, question, true, deadline_ms, out);

	if (status == STS_OK && rejects_edns(*out)) {
		sts_dns_reply_free(out);
		status = ask_server(dns, server, question, false, deadline_ms, out);
	}
	return status;
}

/* Each try gets its share of the time that is left. A server that refused is not asked again. A refusal says more than a time-out, so it
 * replaces one in *out. */
static enum sts_status
ask_all(struct dns_query *dns, const struct question *question, int64_t deadline_ms, struct sts_dns_reply **out)
{
	bool refused[SERVERS_MAX] = { false };
	size_t tries = ROUNDS * dns->server_count;
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < tries && status == STS_OK; i++) {
		size_t which = i % dns->server_count;
		int64_t now_ms = sts_clock_mono_ms(), share_ms = (deadline_ms - now_ms) / (int64_t)(tries - i);
		struct sts_dns_reply *reply = NULL;

		if (refused[which])
			continue;
		status = ask_once(dns, &dns->servers[which], question, now_ms + share_ms, &reply);
		if (status != STS_OK)
			break;
		refused[which] = reply->outcome == STS_DNS_REPLY_FAILED;
		if (*out == NULL || reply->outcome != STS_DNS_REPLY_TIME_OUT) {
			sts_dns_reply_free(out);
			*out = reply;
		} else
			sts_dns_reply_free(&reply);
		if ((*out)->outcome != STS_DNS_REPLY_TIME_OUT && (*out)->outcome != STS_DNS_REPLY_FAILED)
			break;
	}
	return status;
}

enum sts_status
dns_query_ask(struct dns_query *dns, const char *name, enum sts_dns_type type, struct sts_dns_reply **out)
{
	const struct question question = { name, type };
	int64_t start_ms = sts_clock_mono_ms(), end_ms = start_ms + dns->timeout_ms;
	enum sts_status status;

	if (dns->deadline_ms != 0 && dns->deadline_ms < end_ms)
		end_ms = dns->deadline_ms;
	*out = NULL;
	status = ask_all(dns, &question, end_ms, out);
	if (status == STS_EINVAL) {	/* not a DNS name */
		*out = sts_dns_reply_empty("", STS_DNS_REPLY_NO_NAME, "");
		status = STS_OK;
	}
	if (status != STS_OK || *out == NULL) {
		sts_dns_reply_free(out);
		return STS_ENOMEM;
	}
	(*out)->ms = sts_clock_mono_ms() - start_ms;
	if (dns->trace != NULL)
		dns->trace(dns->trace_arg, dns->shown, name, type, *out);
	return STS_OK;
}

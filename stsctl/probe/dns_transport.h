/* SPDX-License-Identifier: ISC */
/*
 * dns_transport.h - sends one DNS query to one server, and receives the answer: over UDP, and over TCP when that was truncated.
 *
 * Looks only at the header and the question, to tell the answer from anything that somebody else may send. Deadlines are by
 * sts_clock_mono_ms. Any thread.
 */
#ifndef STSCTL_PROBE_DNS_TRANSPORT_H
#define STSCTL_PROBE_DNS_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ipaddr.h"

enum { DNS_TRANSPORT_MAX = 65535, DNS_TRANSPORT_WHY_CAP = 80 };

struct dns_transport_server {
	struct sts_ipaddr addr;
	uint16_t port;
};

/* A complete, well-formed message with one question. */
struct dns_transport_query {
	const uint8_t *bytes;
	size_t len;
};

struct dns_transport_answer {
	uint8_t *bytes;		/* the caller's buffer of DNS_TRANSPORT_MAX bytes */
	size_t len;
	char why[DNS_TRANSPORT_WHY_CAP];	/* set with DNS_TRANSPORT_FAILED */
	bool no_route;		/* set with DNS_TRANSPORT_FAILED: this host has no route to the server's network, such as IPv6 */
};

enum dns_transport_result { DNS_TRANSPORT_ANSWER, DNS_TRANSPORT_TIME_OUT, DNS_TRANSPORT_FAILED };

/* A message that does not answer the query is ignored over UDP, and is a failure over TCP. */
enum dns_transport_result dns_transport_ask(const struct dns_transport_server *server, const struct dns_transport_query *query,
    int64_t deadline_ms, struct dns_transport_answer *answer);

/* Whether a message answers the query: a response with its id and its question. Servers may leave the question out of an error
 * response. Pure. */
bool dns_transport_is_answer(const struct dns_transport_query *query, const uint8_t *answer, size_t len);

#endif

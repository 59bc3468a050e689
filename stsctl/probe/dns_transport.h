/* SPDX-License-Identifier: ISC */
/*
 * dns_transport.h - carries one DNS question to one server and brings the answer back: over UDP, and over TCP when that was
 * truncated.
 *
 * Knows of the messages only what it takes to tell the answer from what anybody else may send: the header, and that the question
 * comes back as it was asked. Deadlines are of sts_clock_mono_ms. Any thread.
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

/* A whole message with one question, well-formed. */
struct dns_transport_query {
	const uint8_t *bytes;
	size_t len;
};

struct dns_transport_answer {
	uint8_t *bytes;		/* DNS_TRANSPORT_MAX bytes of the caller's */
	size_t len;
	char why[DNS_TRANSPORT_WHY_CAP];	/* of DNS_TRANSPORT_FAILED */
	bool no_route;		/* of DNS_TRANSPORT_FAILED: this host has no way to the server's network, such as IPv6 */
};

enum dns_transport_result { DNS_TRANSPORT_ANSWER, DNS_TRANSPORT_TIME_OUT, DNS_TRANSPORT_FAILED };

/* What is no answer to the query is passed over on UDP, and is a failure on TCP. */
enum dns_transport_result dns_transport_ask(const struct dns_transport_server *server, const struct dns_transport_query *query,
    int64_t deadline_ms, struct dns_transport_answer *answer);

/* Whether it is the answer to the query: a response with its id and its question. Servers may leave the question out of an
 * error. Pure. */
bool dns_transport_is_answer(const struct dns_transport_query *query, const uint8_t *answer, size_t len);

#endif

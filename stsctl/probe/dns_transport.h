/* SPDX-License-Identifier: ISC */
/*
 * dns_transport.h - carries one DNS question to one server and brings the answer back: over UDP, and over TCP when that was truncated.
 *
 * Knows of the messages only what it takes to tell the answer from what anybody else may send: the header, and that the question
 * comes back as it was asked. Deadlines are of sts_clock_mono_ms. Any thread.
 */
#ifndef STSCTL_DNSWIRE_H
#define STSCTL_DNSWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ip_address.h"

enum { DNSWIRE_MAX = 65535, DNSWIRE_WHY_CAP = 80 };

struct dnswire_server {
	struct sts_ipaddr addr;
	uint16_t port;
};

/* A whole message with one question, well-formed. */
struct dnswire_query {
	const uint8_t *bytes;
	size_t len;
};

struct dnswire_answer {
	uint8_t *bytes;		/* DNSWIRE_MAX bytes of the caller's */
	size_t len;
	char why[DNSWIRE_WHY_CAP];	/* of DNSWIRE_FAILED */
	bool no_route;		/* of DNSWIRE_FAILED: this host has no way to the server's network, such as IPv6 */
};

enum dnswire_result { DNSWIRE_ANSWER, DNSWIRE_TIME_OUT, DNSWIRE_FAILED };

/* What is no answer to the query is passed over on UDP, and is a failure on TCP. */
enum dnswire_result dnswire_ask(const struct dnswire_server *server, const struct dnswire_query *query, int64_t deadline_ms,
    struct dnswire_answer *answer);

/* Whether it is the answer to the query: a response with its id and its question. Servers may leave the question out of an
 * error. Pure. */
bool dnswire_is_answer(const struct dnswire_query *query, const uint8_t *answer, size_t len);

#endif

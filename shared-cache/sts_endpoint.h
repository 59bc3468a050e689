/* SPDX-License-Identifier: ISC */
/* sts_endpoint.h - where Redis is: the parsed `redis` setting. Pure. Any thread. */
#ifndef STS_ENDPOINT_H
#define STS_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

enum sts_endpoint_kind { STS_ENDPOINT_NONE, STS_ENDPOINT_UNIX, STS_ENDPOINT_TCP };

struct sts_endpoint {
	enum sts_endpoint_kind kind;
	char host[256];		/* host name or address, or the socket's path */
	uint16_t port;
};

/* "none", "unix:PATH", "tcp:HOST:PORT" ([ADDR]:PORT for IPv6). False, and a sentence in why (cap bytes), for anything else;
 * tls: and sentinel: get a sentence of their own that says what this build lacks. */
bool sts_endpoint_parse(const char *text, struct sts_endpoint *out, char *why, unsigned long cap);

#endif

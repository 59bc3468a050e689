/* SPDX-License-Identifier: ISC */
/* endpoint.h - where Redis is: the parsed `redis` setting. Pure. Any thread. */
#ifndef STS_NAMES_ENDPOINT_H
#define STS_NAMES_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

enum sts_endpoint_kind { STS_ENDPOINT_NONE, STS_ENDPOINT_UNIX, STS_ENDPOINT_TCP, STS_ENDPOINT_SENTINEL, STS_ENDPOINT_CLUSTER };

enum { STS_SENTINELS_MAX = 8, STS_SENTINEL_NAME_CAP = 64 };

struct sts_sentinel_host {
	char host[256];
	uint16_t port;
};

struct sts_endpoint {
	enum sts_endpoint_kind kind;
	char host[256];		/* host name or address, or the socket's path; "" with SENTINEL */
	uint16_t port;
	/* SENTINEL: whom to ask which server is the master of this name, in this order. CLUSTER: whom to ask which nodes there are */
	char name[STS_SENTINEL_NAME_CAP];
	struct sts_sentinel_host sentinels[STS_SENTINELS_MAX];
	unsigned sentinel_count;
};

/* "none", "unix:PATH", "tcp:HOST:PORT" ([ADDR]:PORT for IPv6), "sentinel:NAME@HOST:PORT,HOST:PORT",
 * "cluster:HOST:PORT,HOST:PORT". False, and a sentence in why
 * (cap bytes), for anything else; tls: gets a sentence of its own that says what this build lacks. */
bool sts_endpoint_parse(const char *text, struct sts_endpoint *out, char *why, unsigned long cap);

/* In the setting's own words, without the sentinels: "unix:/run/redis.sock", "tcp:localhost:6379", "sentinel:main"; of a
 * cluster the first node. Returns out. */
enum { STS_ENDPOINT_NAME_CAP = 300 };
const char *sts_endpoint_name(const struct sts_endpoint *endpoint, char out[STS_ENDPOINT_NAME_CAP]);

#endif

/* SPDX-License-Identifier: ISC */
/* endpoint.h - where Redis is and how to connect to it: the parsed `redis` setting. Pure. Any thread. */
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

/* Parameters of TLS. Borrowed: the owner of an endpoint keeps these strings alive. NULL means the same as "". */
struct sts_endpoint_tls {
	const char *ca_file;	/* PEM: trusted CAs; "" for the system's */
	const char *cert_file;	/* PEM: our own certificate and its chain; "" for none */
	const char *key_file;	/* PEM; "": the key is in cert_file */
	const char *server_name;	/* the name that the certificate must have; "": the host of the connection */
};

struct sts_endpoint {
	enum sts_endpoint_kind kind;
	bool tls;		/* TLS is mandatory; with TCP, SENTINEL and CLUSTER */
	struct sts_endpoint_tls tls_with;	/* set by the caller, not by sts_endpoint_parse */
	char host[256];		/* host name or address, or the path of the socket; "" with SENTINEL */
	uint16_t port;
	/* SENTINEL: the servers to ask, in this order, for the master of this name. CLUSTER: the servers to ask for the nodes */
	char name[STS_SENTINEL_NAME_CAP];
	struct sts_sentinel_host sentinels[STS_SENTINELS_MAX];
	unsigned sentinel_count;
};

/* Parses "none", "unix:PATH", "tcp:HOST:PORT" ([ADDR]:PORT for IPv6), "sentinel:NAME@HOST:PORT,HOST:PORT",
 * "cluster:HOST:PORT,HOST:PORT"; over TLS "tls:HOST:PORT", "sentinel+tls:...", "cluster+tls:...". False for anything else, with a
 * sentence in why (cap bytes). */
bool sts_endpoint_parse(const char *text, struct sts_endpoint *out, char *why, unsigned long cap);

/* Whether text is a valid host of an endpoint: a name, or an address (IPv6 without brackets). */
bool sts_endpoint_is_host(const char *text);

/* The endpoint as the setting spells it, without the sentinels: "unix:/run/redis.sock", "tcp:localhost:6379", "sentinel:main"; of a
 * cluster the first node. Returns out. */
enum { STS_ENDPOINT_NAME_CAP = 300 };
const char *sts_endpoint_name(const struct sts_endpoint *endpoint, char out[STS_ENDPOINT_NAME_CAP]);

#endif

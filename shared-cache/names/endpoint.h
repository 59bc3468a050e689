/* SPDX-License-Identifier: ISC */
/* endpoint.h - where Redis is, and how it is spoken to: the parsed `redis` setting. Pure. Any thread. */
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

/* What TLS is spoken with. Borrowed: whoever keeps an endpoint sees to it that these are there as long. NULL is as good as "". */
struct sts_endpoint_tls {
	const char *ca_file;	/* PEM: who is believed; "" for the system's */
	const char *cert_file;	/* PEM: our own, with what it is signed by; "" for none */
	const char *key_file;	/* PEM; "": the key is in cert_file */
	const char *server_name;	/* whom the certificate must be for; "": the host that is connected to */
};

struct sts_endpoint {
	enum sts_endpoint_kind kind;
	bool tls;		/* with TCP, SENTINEL and CLUSTER: nothing goes over the wire without */
	struct sts_endpoint_tls tls_with;	/* not of the text: the caller's to set */
	char host[256];		/* host name or address, or the socket's path; "" with SENTINEL */
	uint16_t port;
	/* SENTINEL: whom to ask which server is the master of this name, in this order. CLUSTER: whom to ask which nodes there are */
	char name[STS_SENTINEL_NAME_CAP];
	struct sts_sentinel_host sentinels[STS_SENTINELS_MAX];
	unsigned sentinel_count;
};

/* "none", "unix:PATH", "tcp:HOST:PORT" ([ADDR]:PORT for IPv6), "sentinel:NAME@HOST:PORT,HOST:PORT",
 * "cluster:HOST:PORT,HOST:PORT"; over TLS "tls:HOST:PORT", "sentinel+tls:...", "cluster+tls:...". False, and a sentence in why
 * (cap bytes), for anything else. */
bool sts_endpoint_parse(const char *text, struct sts_endpoint *out, char *why, unsigned long cap);

/* Whether text can be what an endpoint has as its host: a name, an address (IPv6 without brackets). */
bool sts_endpoint_is_host(const char *text);

/* In the setting's own words, without the sentinels: "unix:/run/redis.sock", "tcp:localhost:6379", "sentinel:main"; of a
 * cluster the first node. Returns out. */
enum { STS_ENDPOINT_NAME_CAP = 300 };
const char *sts_endpoint_name(const struct sts_endpoint *endpoint, char out[STS_ENDPOINT_NAME_CAP]);

#endif

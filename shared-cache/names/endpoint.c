/* SPDX-License-Identifier: ISC */
/* endpoint.c - parses the `redis` setting. Opens nothing, resolves nothing. */
#include "config.h"

#include "shared-cache/names/endpoint.h"

#include <stddef.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/ipaddr.h"

enum {
	PATH_MAX_LEN = 107,	/* size of sun_path (unix(7)), less its NUL */
	HOST_MAX_LEN = 253,
};

static bool
refuse(const char *why, char *out, unsigned long cap)
{
	struct sts_text text;

	if (cap == 0)
		return false;
	sts_text_init(&text, out, cap);
	sts_text_add(&text, why);
	return false;
}

/* The rest of text after prefix, or NULL if text does not begin with it. */
static const char *
after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static bool
is_clean(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* Returns NULL, or what is wrong. */
static const char *
parse_unix(const char *path, struct sts_endpoint *out)
{
	size_t len = strlen(path);

	if (path[0] != '/')
		return "unix: must be the absolute path of a socket";
	if (len > PATH_MAX_LEN)
		return "the path of a socket has at most 107 bytes";
	if (!is_clean(path))
		return "a control character in the path";
	out->kind = STS_ENDPOINT_UNIX;
	memcpy(out->host, path, len + 1);
	return NULL;
}

static bool
is_host(const char *host, size_t len)
{
	if (len == 0 || len > HOST_MAX_LEN)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!sts_ascii_is_alnum(host[i]) && host[i] != '.' && host[i] != '-' && host[i] != '_')
			return false;
	return true;
}

static bool
is_ipv6(const char *s, size_t len)
{
	struct sts_ipaddr addr;

	/* sts_ipaddr_parse accepts more forms than getaddrinfo does. */
	return memchr(s, ':', len) != NULL && strspn(s, "0123456789abcdefABCDEF:.") >= len &&
	    sts_ipaddr_parse(s, len, &addr);
}

/* One HOST:PORT of len bytes, an IPv6 address in brackets. Returns NULL, or what is wrong. */
static const char *
parse_host(const char *host, size_t len, char out[HOST_MAX_LEN + 1])
{
	bool bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';

	if (bracketed) {
		host++;
		len -= 2;
	}
	if (len > HOST_MAX_LEN)
		return "the host name is too long";
	memcpy(out, host, len);
	out[len] = '\0';
	if (bracketed && !is_ipv6(host, len))
		return "the part in brackets is not an IPv6 address";
	if (!bracketed && memchr(host, ':', len) != NULL)
		return "must be HOST:PORT, an IPv6 address in brackets: [ADDRESS]:PORT";
	if (!bracketed && !is_host(host, len))
		return "must have a host name or an address before the port";
	return NULL;
}

static const char *
parse_host_port(const char *text, size_t len, char host[HOST_MAX_LEN + 1], uint16_t *port)
{
	const char *colon = memrchr(text, ':', len);
	size_t port_len = colon != NULL ? len - (size_t)(colon - text) - 1 : 0;
	unsigned long long number;
	const char *why;

	/* The last colon of "[::1]" is part of the address. */
	if (colon == NULL || memchr(colon, ']', port_len + 1) != NULL)
		return "must be HOST:PORT";
	if (!sts_text_parse_u64(colon + 1, port_len, 5, &number) || number < 1 || number > 65535)
		return "the port must be a number from 1 to 65535";
	if ((why = parse_host(text, (size_t)(colon - text), host)) != NULL)
		return why;
	*port = (uint16_t)number;
	return NULL;
}

static const char *
parse_tcp(const char *text, struct sts_endpoint *out)
{
	out->kind = STS_ENDPOINT_TCP;
	return parse_host_port(text, strlen(text), out->host, &out->port);
}

/* The characters that Redis allows in the name of a master. */
static bool
is_master_name(const char *name, size_t len)
{
	if (len == 0 || len >= STS_SENTINEL_NAME_CAP)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!sts_ascii_is_alnum(name[i]) && name[i] != '.' && name[i] != '-' && name[i] != '_')
			return false;
	return true;
}

/* HOST:PORT,HOST:PORT: the servers to ask. */
static const char *
parse_hosts(const char *text, struct sts_endpoint *out)
{
	const char *why = NULL;

	for (const char *rest = text; rest != NULL && why == NULL;) {
		struct sts_sentinel_host *s = &out->sentinels[out->sentinel_count];
		size_t len = strcspn(rest, ",");

		if (out->sentinel_count == STS_SENTINELS_MAX)
			return out->kind == STS_ENDPOINT_CLUSTER ? "more than 8 nodes" : "more than 8 sentinels";
		why = parse_host_port(rest, len, s->host, &s->port);
		out->sentinel_count++;
		rest = rest[len] == ',' ? rest + len + 1 : NULL;
	}
	return why;
}

static const char *
parse_sentinels(const char *text, struct sts_endpoint *out)
{
	const char *at = strchr(text, '@');

	if (at == NULL || !is_master_name(text, (size_t)(at - text)))
		return "must be sentinel:NAME@HOST:PORT,HOST:PORT, the name in letters, digits, dots, dashes and underscores";
	out->kind = STS_ENDPOINT_SENTINEL;
	memcpy(out->name, text, (size_t)(at - text));
	return parse_hosts(at + 1, out);
}

static const char *
parse_cluster(const char *text, struct sts_endpoint *out)
{
	out->kind = STS_ENDPOINT_CLUSTER;
	return parse_hosts(text, out);
}

/* No prefix is the beginning of another. */
static const struct scheme {
	const char *prefix;
	const char *(*parse)(const char *text, struct sts_endpoint *out);
	bool tls;
} schemes[] = {
	{ "unix:", parse_unix, false },
	{ "tcp:", parse_tcp, false },
	{ "tls:", parse_tcp, true },
	{ "sentinel:", parse_sentinels, false },
	{ "sentinel+tls:", parse_sentinels, true },
	{ "cluster:", parse_cluster, false },
	{ "cluster+tls:", parse_cluster, true },
};

/* Returns NULL, or what is wrong. */
static const char *
parse_scheme(const char *text, struct sts_endpoint *out)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		const char *rest = after(text, schemes[i].prefix);

		if (rest == NULL)
			continue;
		out->tls = schemes[i].tls;
		return schemes[i].parse(rest, out);
	}
	return "must be none, unix:PATH, tcp:HOST:PORT, tls:HOST:PORT, sentinel:NAME@HOST:PORT,HOST:PORT or cluster:HOST:PORT,HOST:PORT "
	    "(over TLS: sentinel+tls:, cluster+tls:)";
}

bool
sts_endpoint_parse(const char *text, struct sts_endpoint *out, char *why, unsigned long cap)
{
	const char *wrong;

	memset(out, 0, sizeof(*out));
	if (strcmp(text, "none") == 0 || (wrong = parse_scheme(text, out)) == NULL)
		return true;
	memset(out, 0, sizeof(*out));
	return refuse(wrong, why, cap);
}

bool
sts_endpoint_is_host(const char *text)
{
	size_t len = strlen(text);

	return is_host(text, len) || is_ipv6(text, len);
}

static void
add_place(struct sts_text *text, const char *scheme, const char *host, uint16_t port)
{
	sts_text_addf(text, strchr(host, ':') != NULL ? "%s:[%s]:%u" : "%s:%s:%u", scheme, host, (unsigned)port);
}

const char *
sts_endpoint_name(const struct sts_endpoint *endpoint, char out[STS_ENDPOINT_NAME_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, STS_ENDPOINT_NAME_CAP);
	switch (endpoint->kind) {
	case STS_ENDPOINT_NONE:
		sts_text_add(&text, "none");
		break;
	case STS_ENDPOINT_UNIX:
		sts_text_addf(&text, "unix:%s", endpoint->host);
		break;
	case STS_ENDPOINT_TCP:
		add_place(&text, endpoint->tls ? "tls" : "tcp", endpoint->host, endpoint->port);
		break;
	case STS_ENDPOINT_SENTINEL:
		sts_text_addf(&text, endpoint->tls ? "sentinel+tls:%s" : "sentinel:%s", endpoint->name);
		break;
	case STS_ENDPOINT_CLUSTER:
		add_place(&text, endpoint->tls ? "cluster+tls" : "cluster", endpoint->sentinels[0].host, endpoint->sentinels[0].port);
		break;
	}
	return out;
}

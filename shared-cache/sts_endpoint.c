/* SPDX-License-Identifier: ISC */
/* sts_endpoint.c - the `redis` setting taken apart. Opens nothing, resolves nothing. */
#include "config.h"

#include "shared-cache/sts_endpoint.h"

#include <stddef.h>
#include <string.h>

#include "shared-cache/sts_ascii.h"
#include "shared-cache/sts_ipaddr.h"
#include "shared-cache/sts_text.h"

enum {
	PATH_MAX_LEN = 107,	/* what sun_path of unix(7) holds, less its NUL */
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

/* What follows prefix in text, or NULL. */
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

/* NULL, or what is wrong. */
static const char *
parse_unix(const char *path, struct sts_endpoint *out)
{
	size_t len = strlen(path);

	if (path[0] != '/')
		return "unix: wants the absolute path of a socket";
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

	/* sts_ipaddr_parse knows more spellings than getaddrinfo does. */
	return memchr(s, ':', len) != NULL && strspn(s, "0123456789abcdefABCDEF:.") >= len &&
	    sts_ipaddr_parse(s, len, &addr);
}

static const char *
parse_host(const char *host, size_t len, struct sts_endpoint *out)
{
	bool bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';

	if (bracketed) {
		host++;
		len -= 2;
	}
	if (len > HOST_MAX_LEN)
		return "the host name is too long";
	memcpy(out->host, host, len);
	out->host[len] = '\0';
	if (bracketed && !is_ipv6(host, len))
		return "what stands in brackets is not an IPv6 address";
	if (!bracketed && memchr(host, ':', len) != NULL)
		return "wants tcp:HOST:PORT, an IPv6 address in brackets: tcp:[ADDRESS]:PORT";
	if (!bracketed && !is_host(host, len))
		return "wants a host name or an address before the port";
	return NULL;
}

static const char *
parse_tcp(const char *text, struct sts_endpoint *out)
{
	const char *colon = strrchr(text, ':');
	unsigned long long port;
	const char *why;

	/* The last colon of "[::1]" belongs to the address. */
	if (colon == NULL || strchr(colon, ']') != NULL)
		return "wants tcp:HOST:PORT";
	if (!sts_text_parse_u64(colon + 1, strlen(colon + 1), 5, &port) || port < 1 || port > 65535)
		return "the port must be a number from 1 to 65535";
	if ((why = parse_host(text, (size_t)(colon - text), out)) != NULL)
		return why;
	out->kind = STS_ENDPOINT_TCP;
	out->port = (uint16_t)port;
	return NULL;
}

bool
sts_endpoint_parse(const char *text, struct sts_endpoint *out, char *why, unsigned long cap)
{
	const char *rest, *wrong;

	memset(out, 0, sizeof(*out));
	if (strcmp(text, "none") == 0)
		return true;
	if (after(text, "tls:") != NULL)
		return refuse("this build has no support for TLS to Redis; use unix: or tcp:, or a TLS tunnel", why, cap);
	if (after(text, "sentinel:") != NULL)
		return refuse("this build has no support for Redis Sentinel; use unix: or tcp:", why, cap);
	if ((rest = after(text, "unix:")) != NULL)
		wrong = parse_unix(rest, out);
	else if ((rest = after(text, "tcp:")) != NULL)
		wrong = parse_tcp(rest, out);
	else
		wrong = "wants none, unix:PATH or tcp:HOST:PORT";
	if (wrong == NULL)
		return true;
	memset(out, 0, sizeof(*out));
	return refuse(wrong, why, cap);
}

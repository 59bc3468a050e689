/* SPDX-License-Identifier: ISC */
/* rua.c - parses mailto: and https: addresses. Knows no network. */
#include "config.h"

#include "stsctl/reporter/rua.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

enum { LOCAL_MAX = 64 };

static int
hex(char c)
{
	const char *digits = "0123456789abcdef", *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

	return at != NULL ? (int)(at - digits) : -1;
}

/* Decodes %XX, up to a `?'. */
static bool
decode(const char *s, size_t len, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < len && s[i] != '?'; i++) {
		char c = s[i];

		if (c == '%') {
			if (i + 2 >= len || hex(s[i + 1]) < 0 || hex(s[i + 2]) < 0)
				return false;
			c = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
			i += 2;
		}
		if (n + 1 >= cap)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	/* a NUL would hide the rest */
	return strlen(out) == n;
}

/* Accepts an ASCII dot-atom (RFC 5322 section 3.2.3) at a domain: no other mailbox is worth the risk of quoted strings. */
static const char *
read_mailbox(const char *s, size_t len, struct reporter_rua *out)
{
	char domain[STS_DOMAIN_CAP], *at;
	size_t local;

	if (!decode(s, len, out->mailbox, sizeof(out->mailbox)) || (at = strchr(out->mailbox, '@')) == NULL)
		return "no mailbox";
	local = strspn(out->mailbox, ALNUM "!#$%&'*+-/=?^_`{|}~.");
	if (local == 0 || local > LOCAL_MAX || out->mailbox + local != at)
		return "a quoted mailbox, or none";
	if (sts_domain_normalise(at + 1, strlen(at + 1), domain) != STS_DOMAIN_OK)
		return "a mailbox without a domain";
	memcpy(at + 1, domain, strlen(domain) + 1);
	return NULL;
}

static bool
read_port(const char *s, size_t len, uint16_t *port)
{
	unsigned n = 0;

	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		n = 10 * n + (unsigned)(s[i] - '0');
	}
	*port = (uint16_t)n;
	return n > 0 && n <= 65535;
}

static const char *
read_url(const char *s, size_t len, struct reporter_rua *out)
{
	size_t host, authority = 0;

	if (len < 2 || s[0] != '/' || s[1] != '/')
		return "no host";
	s += 2;
	len -= 2;
	while (authority < len && s[authority] != '/' && s[authority] != '?' && s[authority] != '#')
		authority++;
	for (host = 0; host < authority && s[host] != ':'; host++)
		if (s[host] == '@' || s[host] == '[')
			return "a URL with a user, or with an address for a host";
	out->port = 443;
	if (host < authority && !read_port(s + host + 1, authority - host - 1, &out->port))
		return "no port";
	if (sts_domain_normalise(s, host, out->host) != STS_DOMAIN_OK)
		return "a URL without a host name";
	return NULL;
}

const char *
reporter_rua_read(const char *uri, size_t len, struct reporter_rua *out)
{
	*out = (struct reporter_rua){ 0 };
	if (len >= sizeof(out->uri))
		return "too long";
	for (size_t i = 0; i < len; i++)
		if (uri[i] <= ' ' || uri[i] >= 0x7f || uri[i] == '"' || uri[i] == '\\' || uri[i] == '<' || uri[i] == '>')
			return "bytes that no address can have";
	memcpy(out->uri, uri, len);
	if (len > 7 && strncasecmp(uri, "mailto:", 7) == 0)
		return read_mailbox(uri + 7, len - 7, out);
	if (len > 6 && strncasecmp(uri, "https:", 6) == 0)
		return read_url(uri + 6, len - 6, out);
	return "neither mailto: nor https:";
}

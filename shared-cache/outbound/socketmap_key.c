/* SPDX-License-Identifier: ISC */
/* socketmap_key.c - the kinds of keys. Knows neither policies nor connections. */
#include "config.h"

#include "shared-cache/outbound/socketmap_key.h"

#include <stdbool.h>
#include <string.h>

#include "shared-cache/names/ipaddr.h"

static bool
is_text(const char *s, size_t len, const char *text)
{
	return strlen(text) == len && memcmp(s, text, len) == 0;
}

/* The port of MX hosts, in both spellings. */
static bool
is_smtp_port(const char *s, size_t len)
{
	return is_text(s, len, "25") || is_text(s, len, "smtp");
}

static bool
is_address(const char *s, size_t len)
{
	static const char ipv6[] = "ipv6:";	/* RFC 5321 section 4.1.3, as Postfix writes it in lower case */
	size_t tag = len > sizeof(ipv6) - 1 && memcmp(s, ipv6, sizeof(ipv6) - 1) == 0 ? sizeof(ipv6) - 1 : 0;
	struct sts_ipaddr addr;

	return sts_ipaddr_parse(s + tag, len - tag, &addr);
}

static enum sts_asked_kind
name_kind(const char *name, size_t len, char domain[STS_DOMAIN_CAP])
{
	enum sts_domain_fault fault = sts_domain_normalise(name, len, domain);

	if (fault == STS_DOMAIN_OK)
		return strchr(domain, '.') != NULL ? STS_ASKED_DOMAIN : STS_ASKED_LABEL;
	return fault == STS_DOMAIN_ADDRESS ? STS_ASKED_ADDRESS : STS_ASKED_NO_NAME;
}

/* "[host]", with or without a port. */
static enum sts_asked_kind
bracket_kind(const char *key, size_t len)
{
	const char *close = memchr(key, ']', len);
	char domain[STS_DOMAIN_CAP];
	size_t inner;

	if (close == NULL)
		return STS_ASKED_NO_NAME;
	inner = (size_t)(close - key) - 1;
	if (is_address(key + 1, inner))
		return STS_ASKED_ADDRESS;
	switch (name_kind(key + 1, inner, domain)) {
	case STS_ASKED_DOMAIN:
	case STS_ASKED_LABEL:
		return STS_ASKED_HOST;
	case STS_ASKED_ADDRESS:
		return STS_ASKED_ADDRESS;
	default:
		return STS_ASKED_NO_NAME;
	}
}

static enum sts_asked_kind
port_kind(const char *key, size_t len, const char *colon, char domain[STS_DOMAIN_CAP])
{
	size_t name_len = (size_t)(colon - key);
	enum sts_asked_kind kind = name_kind(key, name_len, domain);

	if (kind != STS_ASKED_DOMAIN || is_smtp_port(colon + 1, len - name_len - 1))
		return kind;
	return STS_ASKED_PORT;
}

enum sts_asked_kind
sts_socketmap_key_kind(const char *key, size_t len, char domain[STS_DOMAIN_CAP])
{
	const char *colon = memchr(key, ':', len);
	enum sts_asked_kind kind;

	domain[0] = '\0';
	if (len == 0)
		return STS_ASKED_NO_NAME;
	if (key[0] == '.')
		return STS_ASKED_PARENT;
	if (key[0] == '/')
		return STS_ASKED_PATH;
	if (key[0] == '[')
		return bracket_kind(key, len);
	if (is_address(key, len))
		return STS_ASKED_ADDRESS;
	kind = colon != NULL ? port_kind(key, len, colon, domain) : name_kind(key, len, domain);
	if (kind != STS_ASKED_DOMAIN)
		domain[0] = '\0';
	return kind;
}

static enum sts_socketmap
map_of(const char *name, size_t len)
{
	return is_text(name, len, "tlsrpt") || is_text(name, len, "QUERYwithTLSRPT") ? STS_MAP_TLSRPT : STS_MAP_POSTFIX;
}

void
sts_socketmap_parse(const char *request, size_t len, struct sts_socketmap_query *out)
{
	const char *blank = memchr(request, ' ', len);
	size_t name_len = blank != NULL ? (size_t)(blank - request) : len;

	out->map = map_of(request, name_len);
	if (blank == NULL) {
		out->kind = STS_ASKED_NO_NAME;
		out->domain[0] = '\0';
		return;
	}
	out->kind = sts_socketmap_key_kind(blank + 1, len - name_len - 1, out->domain);
}

const char *
sts_asked_kind_name(unsigned kind)
{
	static const char *const names[STS_ASKED_KINDS] = {
		[STS_ASKED_DOMAIN] = "domain", [STS_ASKED_PARENT] = "parent", [STS_ASKED_HOST] = "host", [STS_ASKED_PORT] = "port",
		[STS_ASKED_ADDRESS] = "address", [STS_ASKED_PATH] = "path", [STS_ASKED_LABEL] = "label",
		[STS_ASKED_NO_NAME] = "no-name",
	};

	return kind < STS_ASKED_KINDS ? names[kind] : "";
}

const char *
sts_socketmap_name(unsigned map)
{
	static const char *const names[STS_MAPS] = { [STS_MAP_POSTFIX] = "postfix", [STS_MAP_TLSRPT] = "tlsrpt" };

	return map < STS_MAPS ? names[map] : "";
}

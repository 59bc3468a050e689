/* SPDX-License-Identifier: ISC */
/* mailbox.c - finds the domain in an SMTP path. Knows nothing of milters or of the domain's use. */
#include "config.h"

#include "shared-cache/names/mailbox.h"

#include <stdbool.h>
#include <string.h>

#include "shared-cache/base/ascii.h"

struct path {
	const char *s;
	size_t len;
};

static bool
has_control_bytes(struct path p)
{
	for (size_t i = 0; i < p.len; i++)
		if ((unsigned char)p.s[i] < 0x20 || p.s[i] == 0x7f)
			return true;
	return false;
}

static struct path
without_blanks(struct path p)
{
	while (p.len > 0 && sts_ascii_is_wsp(p.s[0])) {
		p.s++;
		p.len--;
	}
	while (p.len > 0 && sts_ascii_is_wsp(p.s[p.len - 1]))
		p.len--;
	return p;
}

/* Removes <>. They come in pairs or not at all: non-SMTP submission has none. */
static bool
unwrap(struct path *p)
{
	if (p->len == 0 || p->s[0] != '<')
		return true;
	if (p->len < 2 || p->s[p->len - 1] != '>')
		return false;
	*p = without_blanks((struct path){ p->s + 1, p->len - 2 });
	return true;
}

/* A-d-l ":" of RFC 5321 section 4.1.2, obsolete and to be ignored. Colons inside an IPv6 literal do not end it. */
static void
drop_source_route(struct path *p)
{
	bool literal = false;

	if (p->len == 0 || p->s[0] != '@')
		return;
	for (size_t i = 0; i < p->len; i++) {
		if (p->s[i] == '[')
			literal = true;
		else if (p->s[i] == ']')
			literal = false;
		else if (p->s[i] == ':' && !literal) {
			*p = (struct path){ p->s + i + 1, p->len - i - 1 };
			return;
		}
	}
}

/* The last @ outside quotes; a backslash escapes the next byte, inside quotes and (RFC 821) outside.
 * False when a quote is not closed. *at is p.len when there is no @. */
static bool
find_at(struct path p, size_t *at)
{
	bool quoted = false;

	*at = p.len;
	for (size_t i = 0; i < p.len; i++) {
		if (p.s[i] == '\\')
			i++;
		else if (p.s[i] == '"')
			quoted = !quoted;
		else if (p.s[i] == '@' && !quoted)
			*at = i;
	}
	return !quoted;
}

static bool
is_literal(struct path domain)
{
	return domain.len > 2 && domain.s[0] == '[' && domain.s[domain.len - 1] == ']';
}

enum sts_mailbox_kind
sts_mailbox_domain(const char *path, size_t len, char out[STS_DOMAIN_CAP])
{
	struct path p = without_blanks((struct path){ path, len });
	struct path domain;
	size_t at;

	out[0] = '\0';
	if (has_control_bytes(p) || !unwrap(&p))
		return STS_MAILBOX_INVALID;
	if (p.len == 0)
		return STS_MAILBOX_NULL;
	drop_source_route(&p);
	if (p.len == 0 || !find_at(p, &at))
		return STS_MAILBOX_INVALID;
	if (at == p.len)
		return STS_MAILBOX_NO_DOMAIN;
	domain = (struct path){ p.s + at + 1, p.len - at - 1 };
	if (is_literal(domain))
		return STS_MAILBOX_LITERAL;
	switch (sts_domain_normalise(domain.s, domain.len, out)) {
	case STS_DOMAIN_OK:
		return STS_MAILBOX_DOMAIN;
	case STS_DOMAIN_ADDRESS:
		return STS_MAILBOX_LITERAL;
	default:
		return STS_MAILBOX_INVALID;
	}
}

/* The local part without quotes and backslashes, truncated to cap. */
static void
plain_local_part(struct path local, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < local.len && n < cap - 1; i++) {
		if (local.s[i] == '"')
			continue;
		if (local.s[i] == '\\' && ++i == local.len)
			break;
		out[n++] = sts_ascii_lower(local.s[i]);
	}
	out[n] = '\0';
}

/* Reads one byte more than fits, so that a long local part is not mistaken for a shorter one. */
bool
sts_mailbox_local_part(const char *path, size_t len, char *out, size_t cap)
{
	struct path p = without_blanks((struct path){ path, len });
	size_t at;

	out[0] = '\0';
	if (has_control_bytes(p) || !unwrap(&p) || p.len == 0)
		return false;
	drop_source_route(&p);
	if (p.len == 0 || !find_at(p, &at))
		return false;
	plain_local_part((struct path){ p.s, at }, out, cap);
	return out[0] != '\0' && strlen(out) < cap - 1;
}

const char *
sts_mailbox_role(const char *path, size_t len)
{
	static const char *const roles[] = { "postmaster", "abuse" };
	char local[sizeof("postmaster") + 1];

	if (!sts_mailbox_local_part(path, len, local, sizeof(local)))
		return NULL;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(local, roles[i]) == 0)
			return roles[i];
	}
	return NULL;
}

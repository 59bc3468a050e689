/* SPDX-License-Identifier: ISC */
/* auth_results.c - the grammar of Authentication-Results, as far as DKIM and SPF need it, and the tags of DKIM-Signature. */
#include "config.h"

#include "shared-cache/tlsreport/auth_results.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

enum { TOKEN_CAP = 512 };

struct reader {
	const char *s, *end;
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Comments nest, and a backslash escapes the next byte. */
static void
skip_comment(struct reader *r)
{
	size_t depth = 0;

	for (; r->s < r->end; r->s++) {
		if (*r->s == '\\' && r->s + 1 < r->end)
			r->s++;
		else if (*r->s == '(')
			depth++;
		else if (*r->s == ')' && --depth == 0) {
			r->s++;
			return;
		}
	}
}

static void
skip_blanks(struct reader *r)
{
	while (r->s < r->end && (is_space(*r->s) || *r->s == '('))
		if (*r->s == '(')
			skip_comment(r);
		else
			r->s++;
}

static bool
take_byte(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->s >= r->end || *r->s != c)
		return false;
	r->s++;
	return true;
}

/* Takes a word or a quoted string; long ones are truncated. False when there is none. */
static bool
take_token(struct reader *r, char out[TOKEN_CAP])
{
	struct sts_text t;
	bool quoted;

	sts_text_init(&t, out, TOKEN_CAP);
	skip_blanks(r);
	quoted = r->s < r->end && *r->s == '"';
	if (quoted)
		r->s++;
	for (; r->s < r->end; r->s++) {
		if (quoted ? *r->s == '"' : is_space(*r->s) || strchr(";=()\"", *r->s) != NULL)
			break;
		if (quoted && *r->s == '\\' && r->s + 1 < r->end)
			r->s++;
		sts_text_add_bytes(&t, r->s, 1);
	}
	if (quoted && r->s < r->end)
		r->s++;
	return quoted || t.len > 0;
}

static void
copy_lower(const char *from, char *to, size_t cap)
{
	size_t i = 0;

	for (; from[i] != '\0' && i + 1 < cap; i++)
		to[i] = sts_ascii_lower(from[i]);
	to[i] = '\0';
}

/* Copies what follows the last @, or all of it. */
static void
copy_domain(const char *value, char out[STS_DOMAIN_CAP])
{
	const char *at = strrchr(value, '@');

	value = at != NULL ? at + 1 : value;
	if (sts_domain_normalise(value, strlen(value), out) != STS_DOMAIN_OK)
		out[0] = '\0';
}

static void
take_property(const char *name, const char *value, struct sts_auth_dkim *dkim, struct sts_auth_results *out)
{
	if (dkim != NULL && (strcmp(name, "header.d") == 0 || (strcmp(name, "header.i") == 0 && dkim->domain[0] == '\0')))
		copy_domain(value, dkim->domain);
	else if (dkim != NULL && strcmp(name, "header.s") == 0)
		copy_lower(value, dkim->selector, sizeof(dkim->selector));
	else if (dkim != NULL && strcmp(name, "header.b") == 0)
		snprintf(dkim->b, sizeof(dkim->b), "%.31s", value);
	else if (dkim == NULL && strcmp(name, "smtp.mailfrom") == 0)
		copy_domain(value, out->mail_from);
}

static bool
is_joint(char c)
{
	return c == '.' || c == '/';
}

/* "name =": method[/version] or ptype.property, around whose slash and dot there may be blanks and comments. Words before it that
 * are none are left out. False: there is none before the next semicolon. */
static bool
take_name(struct reader *r, char name[TOKEN_CAP])
{
	char word[TOKEN_CAP];
	size_t len;

	name[0] = '\0';
	while (take_token(r, word)) {
		len = strlen(name);
		if (len == 0 || !(is_joint(name[len - 1]) || is_joint(word[0])))
			len = 0;
		copy_lower(word, name + len, TOKEN_CAP - len);
		if (take_byte(r, '='))
			return true;
	}
	return false;
}

/* method[/version]=result, then properties, up to the next semicolon. */
static void
take_result(struct reader *r, struct sts_auth_results *out)
{
	char name[TOKEN_CAP], value[TOKEN_CAP];
	struct sts_auth_dkim *dkim = NULL;
	bool spf = false, first = true;

	while (take_name(r, name)) {
		if (!take_token(r, value))
			return;
		name[strcspn(name, "/")] = '\0';
		if (first && strcmp(name, "dkim") == 0 && out->dkim_count < STS_AUTH_DKIM_MAX) {
			dkim = &out->dkim[out->dkim_count++];
			copy_lower(value, dkim->result, sizeof(dkim->result));
		} else if (first && strcmp(name, "spf") == 0 && out->spf[0] == '\0') {
			spf = true;
			copy_lower(value, out->spf, sizeof(out->spf));
		} else if (dkim != NULL || spf)
			take_property(name, value, dkim, out);
		first = false;
	}
}

bool
sts_auth_results_parse(const char *value, size_t len, struct sts_auth_results *out)
{
	struct reader r = { value, value + (len < STS_AUTH_VALUE_MAX ? len : STS_AUTH_VALUE_MAX) };
	char id[TOKEN_CAP];

	memset(out, 0, sizeof(*out));
	if (!take_token(&r, id) || id[0] == '\0' || strlen(id) >= sizeof(out->authserv_id))
		return false;
	copy_lower(id, out->authserv_id, sizeof(out->authserv_id));
	/* The version, if there is one, is a token without `=` after it. */
	while (r.s < r.end && *r.s != ';')
		if (!take_token(&r, id))
			break;
	while (take_byte(&r, ';'))
		take_result(&r, out);
	return true;
}

/* ---- DKIM-Signature: tag=value; tag=value; the values of b and bh may contain white space anywhere ---- */

static void
copy_tag(const char *s, size_t len, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < cap; i++)
		if (!is_space(s[i]))
			out[n++] = s[i];
	out[n] = '\0';
}

static void
take_tag(const char *name, const char *value, size_t len, struct sts_dkim_signature *out)
{
	char text[STS_DOMAIN_CAP];

	copy_tag(value, len, text, sizeof(text));
	if (strcmp(name, "d") == 0)
		copy_domain(text, out->domain);
	else if (strcmp(name, "s") == 0)
		copy_lower(text, out->selector, sizeof(out->selector));
	else if (strcmp(name, "b") == 0)
		copy_tag(value, len, out->b, sizeof(out->b));
	else if (strcmp(name, "l") == 0)
		out->partial = true;
}

bool
sts_dkim_signature_parse(const char *value, size_t len, struct sts_dkim_signature *out)
{
	const char *end = value + (len < STS_AUTH_VALUE_MAX ? len : STS_AUTH_VALUE_MAX);

	memset(out, 0, sizeof(*out));
	while (value < end) {
		const char *semicolon = memchr(value, ';', (size_t)(end - value));
		const char *stop = semicolon != NULL ? semicolon : end;
		const char *equals = memchr(value, '=', (size_t)(stop - value));
		char name[8];

		if (equals != NULL) {
			copy_tag(value, (size_t)(equals - value), name, sizeof(name));
			take_tag(name, equals + 1, (size_t)(stop - equals - 1), out);
		}
		value = stop + 1;
	}
	return out->domain[0] != '\0';
}

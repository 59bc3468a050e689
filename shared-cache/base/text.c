/* SPDX-License-Identifier: ISC */
/* text.c - bounded text and escapes. Knows nothing of what the bytes mean. */
#include "config.h"

#include "shared-cache/base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN_MAX = 255 };

void
sts_text_init(struct sts_text *t, char *storage, size_t cap)
{
	assert(cap > 0);
	t->buf = storage;
	t->cap = cap;
	t->len = 0;
	t->overflow = false;
	t->buf[0] = '\0';
}

void
sts_text_add_bytes(struct sts_text *t, const char *s, size_t len)
{
	size_t room = t->cap - t->len - 1;

	if (len > room) {
		t->overflow = true;
		len = room;
	}
	memcpy(t->buf + t->len, s, len);
	t->len += len;
	t->buf[t->len] = '\0';
}

void
sts_text_add(struct sts_text *t, const char *s)
{
	sts_text_add_bytes(t, s, strlen(s));
}

void
sts_text_addf(struct sts_text *t, const char *format, ...)
{
	size_t room = t->cap - t->len;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->buf + t->len, room, format, ap);
	va_end(ap);
	if (n < 0) {
		t->buf[t->len] = '\0';
		t->overflow = true;
	} else if ((size_t)n >= room) {
		t->len = t->cap - 1;
		t->overflow = true;
	} else {
		t->len += (size_t)n;
	}
}

static bool
is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '\\' && c != '"' && c != '=';
}

static bool
is_readable(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

static void
add_unless(struct sts_text *t, const char *s, size_t len, bool (*passes)(unsigned char))
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		char esc[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

		if (passes(c))
			sts_text_add_bytes(t, s + i, 1);
		else
			sts_text_add_bytes(t, esc, sizeof(esc));
	}
}

void
sts_text_add_escaped(struct sts_text *t, const char *s, size_t len, size_t max)
{
	add_unless(t, s, len < max ? len : max, is_plain);
	if (len > max)
		sts_text_add(t, "...");
}

void
sts_text_add_shown(struct sts_text *t, const char *s, size_t len, size_t max)
{
	add_unless(t, s, len < max ? len : max, is_readable);
	if (len > max)
		sts_text_add(t, "...");
}

static bool
is_token(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
	    c == ':' || c == '+' || c == '-';
}

void
sts_text_add_token(struct sts_text *t, const char *s, size_t len)
{
	if (len > TOKEN_MAX)
		len = TOKEN_MAX;
	for (size_t i = 0; i < len; i++)
		sts_text_add_bytes(t, is_token((unsigned char)s[i]) ? s + i : "_", 1);
}

bool
sts_text_parse_u64(const char *s, size_t len, unsigned max_digits, unsigned long long *out)
{
	unsigned long long value = 0;

	if (len == 0 || len > max_digits || len > 19)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		value = value * 10 + (unsigned long long)(s[i] - '0');
	}
	*out = value;
	return true;
}

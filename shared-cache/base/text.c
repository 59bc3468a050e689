/* SPDX-License-Identifier: ISC */
/* text.c - bounded text and escaping. Does not know what the bytes mean. */
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
sts_text_copy(char *out, size_t cap, const char *s)
{
	if (memccpy(out, s, '\0', cap) == NULL)
		out[cap - 1] = '\0';
}

void
sts_text_add_number(struct sts_text *t, int64_t number)
{
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (number < 0)
		digits[--at] = '-';
	sts_text_add_bytes(t, digits + at, sizeof(digits) - at);
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

/* The bytes that each kind of escaping leaves unchanged. A table, because every byte that is logged, counted or shown goes through it. */
enum { PLAIN = 1, READABLE = 2, TOKEN = 4, EVERYWHERE = PLAIN | READABLE | TOKEN, VISIBLE = PLAIN | READABLE };
static const unsigned char classes[256] = {
	[' '] = READABLE, ['!'] = VISIBLE, ['"'] = READABLE, ['#' ... '*'] = VISIBLE, ['+'] = EVERYWHERE, [','] = VISIBLE,
	['-' ... '.'] = EVERYWHERE, ['/'] = VISIBLE, ['0' ... ':'] = EVERYWHERE, [';' ... '<'] = VISIBLE, ['='] = READABLE,
	['>' ... '@'] = VISIBLE, ['A' ... 'Z'] = EVERYWHERE, ['['] = VISIBLE, [']' ... '^'] = VISIBLE, ['_'] = EVERYWHERE,
	['`'] = VISIBLE, ['a' ... 'z'] = EVERYWHERE, ['{' ... '~'] = VISIBLE,
};

static bool
is(int class, char c)
{
	return (classes[(unsigned char)c] & class) != 0;
}

/* The number of leading bytes that are in the class. */
static size_t
run_of(const char *s, size_t len, int class)
{
	size_t n = 0;

	while (n < len && is(class, s[n]))
		n++;
	return n;
}

static void
add_hex(struct sts_text *t, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char esc[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

	sts_text_add_bytes(t, esc, sizeof(esc));
}

static void
add_escaping(struct sts_text *t, const char *s, size_t len, int class)
{
	for (size_t i = 0; i < len; i++) {
		size_t run = run_of(s + i, len - i, class);

		sts_text_add_bytes(t, s + i, run);
		i += run;
		if (i < len)
			add_hex(t, (unsigned char)s[i]);
	}
}

void
sts_text_add_escaped(struct sts_text *t, const char *s, size_t len, size_t max)
{
	add_escaping(t, s, len < max ? len : max, PLAIN);
	if (len > max)
		sts_text_add(t, "...");
}

size_t
sts_text_escaped_len(const char *s, size_t len, size_t max)
{
	size_t read = len < max ? len : max, longer = 0;

	for (size_t i = 0; i < read; i++)
		longer += is(PLAIN, s[i]) ? 0 : 3;
	return read + longer + (len > max ? 3 : 0);
}

void
sts_text_add_shown(struct sts_text *t, const char *s, size_t len, size_t max)
{
	add_escaping(t, s, len < max ? len : max, READABLE);
	if (len > max)
		sts_text_add(t, "...");
}

void
sts_text_add_token(struct sts_text *t, const char *s, size_t len)
{
	if (len > TOKEN_MAX)
		len = TOKEN_MAX;
	for (size_t i = 0; i < len; i++) {
		size_t run = run_of(s + i, len - i, TOKEN);

		sts_text_add_bytes(t, s + i, run);
		i += run;
		if (i < len)
			sts_text_add_bytes(t, "_", 1);
	}
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

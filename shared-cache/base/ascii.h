/* SPDX-License-Identifier: ISC */
/*
 * ascii.h - character classes and case-insensitive comparison, ASCII only, independent of the locale.
 *
 * <ctype.h> and <strings.h> depend on the locale, and <ctype.h> is undefined for a negative char. The grammars that we parse
 * are ASCII.
 * Pure. Any thread.
 */
#ifndef STS_BASE_ASCII_H
#define STS_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline bool
sts_ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
sts_ascii_is_alnum(char c)
{
	return sts_ascii_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* WSP of RFC 5234: a space or a tab. */
static inline bool
sts_ascii_is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static inline char
sts_ascii_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static inline char
sts_ascii_upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

/* Whether the first len bytes of both are equal, ignoring case. */
static inline bool
sts_ascii_same_letters(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (sts_ascii_lower(a[i]) != sts_ascii_lower(b[i]))
			return false;
	return true;
}

#endif

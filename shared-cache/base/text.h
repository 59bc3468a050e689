/* SPDX-License-Identifier: ISC */
/*
 * text.h - text built in the caller's storage, always bounded and NUL-terminated, and the one escape for
 * hostile bytes.
 *
 * A struct sts_text remembers its first overflow, so that a writer appends as often as it likes and asks
 * once at the end. What does not fit is cut, never written past the end.
 * Pure. One text belongs to one thread.
 */
#ifndef STS_BASE_TEXT_H
#define STS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sts_text {
	char *buf;	/* caller's storage, NUL-terminated at all times */
	size_t cap;	/* bytes of storage, NUL included; at least 1 */
	size_t len;	/* bytes used, NUL not counted */
	bool overflow;	/* something did not fit */
};

void sts_text_init(struct sts_text *t, char *storage, size_t cap);

/* Appends. On overflow as much as fits is kept. */
void sts_text_add(struct sts_text *t, const char *s);
void sts_text_add_bytes(struct sts_text *t, const char *s, size_t len);
/* Copies as much as fits and ends it with a NUL; cap is at least 1. What snprintf(out, cap, "%s", s) does, for a tenth of it. */
void sts_text_copy(char *out, size_t cap, const char *s);
/* In decimal, for a tenth of what "%lld" costs. */
void sts_text_add_number(struct sts_text *t, int64_t number);
void sts_text_addf(struct sts_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends hostile bytes for a log line: printable ASCII but backslash, double quote, space and `=` as they are,
 * everything else as \xHH; at most max bytes of input are read, and a cut is marked with "...". The result never
 * holds white space or control bytes, so it can stand unquoted as the value in key=value. */
void sts_text_add_escaped(struct sts_text *t, const char *s, size_t len, size_t max);

/* How long that becomes. */
size_t sts_text_escaped_len(const char *s, size_t len, size_t max);

/* The same for a person to read, in a sentence: blanks, quotes and `=` stay as they are too; only control bytes, bytes beyond
 * ASCII and the backslash are escaped. The result is one line. */
void sts_text_add_shown(struct sts_text *t, const char *s, size_t len, size_t max);

/* Appends hostile bytes for a header value of ours: A-Z a-z 0-9 . _ : + - as they are, every other byte as
 * `_`, at most 255 bytes. */
void sts_text_add_token(struct sts_text *t, const char *s, size_t len);

/* True when s (NUL-terminated) is a decimal number of 1 to max_digits digits and nothing else; its value into *out. */
bool sts_text_parse_u64(const char *s, size_t len, unsigned max_digits, unsigned long long *out);

#endif

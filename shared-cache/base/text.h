/* SPDX-License-Identifier: ISC */
/*
 * text.h - builds text in the caller's storage, always bounded and NUL-terminated; the only place that escapes
 * hostile bytes.
 *
 * A struct sts_text remembers an overflow, so a caller may append any number of times and check once at the end.
 * Text that does not fit is cut off.
 * Pure. A text belongs to one thread.
 */
#ifndef STS_BASE_TEXT_H
#define STS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sts_text {
	char *buf;	/* the caller's storage, always NUL-terminated */
	size_t cap;	/* bytes of storage, NUL included; at least 1 */
	size_t len;	/* bytes used, NUL not counted */
	bool overflow;	/* something did not fit */
};

void sts_text_init(struct sts_text *t, char *storage, size_t cap);

/* Appends; on overflow, as much as fits. */
void sts_text_add(struct sts_text *t, const char *s);
void sts_text_add_bytes(struct sts_text *t, const char *s, size_t len);
/* snprintf(out, cap, "%s", s) at a tenth of the cost: copies as much as fits, NUL-terminated. cap is at least 1. */
void sts_text_copy(char *out, size_t cap, const char *s);
/* Appends in decimal, at a tenth of the cost of "%lld". */
void sts_text_add_number(struct sts_text *t, int64_t number);
void sts_text_addf(struct sts_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends hostile bytes for a log line: printable ASCII except backslash, double quote, space and `=` unchanged,
 * everything else as \xHH; at most max bytes of input are read, and "..." marks the cut. The result holds no white
 * space or control bytes, so it can be an unquoted value of key=value. */
void sts_text_add_escaped(struct sts_text *t, const char *s, size_t len, size_t max);

/* The length of that output. */
size_t sts_text_escaped_len(const char *s, size_t len, size_t max);

/* The same for a sentence that people read: spaces, double quotes and `=` stay unchanged too; only control bytes, non-ASCII
 * bytes and the backslash are escaped. The result is one line. */
void sts_text_add_shown(struct sts_text *t, const char *s, size_t len, size_t max);

/* Appends hostile bytes for a value in our header field: A-Z a-z 0-9 . _ : + - unchanged, every other byte as
 * `_`, at most 255 bytes. */
void sts_text_add_token(struct sts_text *t, const char *s, size_t len);

/* True when the len bytes at s are a decimal number of 1 to max_digits digits (at most 19); stores its value in *out. */
bool sts_text_parse_u64(const char *s, size_t len, unsigned max_digits, unsigned long long *out);

#endif

/* SPDX-License-Identifier: ISC */
/* safe_word.c - replaces unsafe bytes. */
#include "config.h"

#include "shared-cache/tlsreport/safe_word.h"

#include <string.h>

#include "shared-cache/base/ascii.h"

void
sts_safe_word(const char *text, size_t max, bool lower, char out[STS_SAFE_WORD_CAP])
{
	size_t n = 0;

	for (; n < max && n + 1 < STS_SAFE_WORD_CAP && text[n] != '\0'; n++) {
		char c = lower ? sts_ascii_lower(text[n]) : text[n];

		out[n] = (char)(sts_ascii_is_alnum(c) || strchr("._+-", c) != NULL ? c : '_');
	}
	if (n == 0)
		out[n++] = '-';
	out[n] = '\0';
}

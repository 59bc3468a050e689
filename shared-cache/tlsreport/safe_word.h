/* SPDX-License-Identifier: ISC */
/* safe_word.h - makes a word of hostile text that is safe in the name of a counter, in a column, in the log. Pure. Any thread. */
#ifndef STS_TLSREPORT_SAFE_WORD_H
#define STS_TLSREPORT_SAFE_WORD_H

#include <stdbool.h>
#include <stddef.h>

enum { STS_SAFE_WORD_CAP = 256 };

/* Takes at most max bytes of text; every byte except A-Z a-z 0-9 . _ + - becomes `_'; "" becomes `-'. */
void sts_safe_word(const char *text, size_t max, bool lower, char out[STS_SAFE_WORD_CAP]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * markup.h - text and pictures as HTML: what is escaped, and rectangles as long as the numbers they stand for. Pure, but for the file
 * that is written to. Any thread.
 */
#ifndef STSCTL_PAGE_MARKUP_H
#define STSCTL_PAGE_MARKUP_H

#include <stddef.h>
#include <stdio.h>

#include "stsctl/page/document.h"

/* Text for an element's content or an attribute in double quotes. Control bytes (a line's end, too) become blanks, bytes that are not
 * UTF-8 become U+FFFD. NULL is "". */
void markup_text(FILE *to, const char *text);

/* The same between two pieces of HTML, which are written as they are. */
void markup_between(FILE *to, const char *before, const char *text, const char *after);

/* "tls13", ...: the end of a class's name, and of a colour's. */
const char *markup_tone(enum document_tone tone);

/* Where the parts of a stack end, in 1/DOCUMENT_WHOLE of an axis that reaches to end: ends[i] belongs to parts[i]; they never go down. */
void markup_stack(const int64_t *parts, size_t count, int64_t axis_end, int ends[DOCUMENT_SERIES]);

/* "TLS 1.3 1,200, plaintext 3": a row's parts in words, those that are not 0; as percent if so. */
void markup_parts(FILE *to, const struct document_block *block, const struct document_row *row);

/* An <svg> with the columns of a block, with titles; number makes its ids unique. */
void markup_columns(FILE *to, const struct document_block *block, unsigned number);
/* An <svg> with one bar. */
void markup_bar(FILE *to, const struct document_block *block, const struct document_row *row);

#endif

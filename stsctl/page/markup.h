/* SPDX-License-Identifier: ISC */
/* markup.h - writes HTML: escaped text, and charts as SVG. Pure, except for writing to the file. Any thread. */
#ifndef STSCTL_PAGE_MARKUP_H
#define STSCTL_PAGE_MARKUP_H

#include <stddef.h>
#include <stdio.h>

#include "stsctl/page/document.h"

/* Writes text for an element's content, or for an attribute in double quotes. Control bytes, newlines included, become blanks; invalid
 * UTF-8 becomes U+FFFD. NULL is "". */
void markup_text(FILE *to, const char *text);

/* The same between two pieces of HTML, which are not escaped. */
void markup_between(FILE *to, const char *before, const char *text, const char *after);

/* "tls13", ...: the suffix of the tone's CSS class and colour. */
const char *markup_tone(enum document_tone tone);

/* Where the parts of a stacked bar end, in 1/DOCUMENT_WHOLE of an axis from 0 to axis_end: ends[i] belongs to parts[i]. They never
 * decrease. */
void markup_stack(const int64_t *parts, size_t count, int64_t axis_end, int ends[DOCUMENT_SERIES]);

/* Writes a row's parts in words, except zeros: "TLS 1.3 1,200, plaintext 3"; as percentages if the block's are. */
void markup_parts(FILE *to, const struct document_block *block, const struct document_row *row);

/* Writes a block's chart as <svg>, with a title for each column. number makes ids unique. */
void markup_columns(FILE *to, const struct document_block *block, unsigned number);
/* Writes a row's bar as <svg>. */
void markup_bar(FILE *to, const struct document_block *block, const struct document_row *row);

#endif

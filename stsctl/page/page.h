/* SPDX-License-Identifier: ISC */
/*
 * page.h - prints a document as one HTML page that loads nothing and runs nothing.
 *
 * Its Content-Security-Policy allows only the style sheet inside it, by its hash. Pure, except for writing to the file. Any thread.
 */
#ifndef STSCTL_PAGE_PAGE_H
#define STSCTL_PAGE_PAGE_H

#include <stdio.h>

#include "stsctl/page/document.h"

/* The style sheet, as it stands between <style> and </style>. */
extern const char page_style[];

/* Writes 'sha256-...' of a text, as a Content-Security-Policy has it. */
enum { PAGE_HASH_CAP = 64 };
void page_hash(const char *text, char out[PAGE_HASH_CAP]);

/* The caller checks ferror(3). */
void page_print(const struct document *document, FILE *to);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * page.h - a document as one HTML page that loads nothing and runs nothing.
 *
 * Its Content-Security-Policy allows the one style sheet that is in it, by its hash. Pure, but for the file. Any thread.
 */
#ifndef STSCTL_PAGE_PAGE_H
#define STSCTL_PAGE_PAGE_H

#include <stdio.h>

#include "stsctl/page/document.h"

/* The style sheet, as it stands between <style> and </style>. */
extern const char page_style[];

/* 'sha256-...' of a text, as a Content-Security-Policy has it. */
enum { PAGE_HASH_CAP = 64 };
void page_hash(const char *text, char out[PAGE_HASH_CAP]);

/* What could not be written is found by ferror(3). */
void page_print(const struct document *document, FILE *to);

#endif

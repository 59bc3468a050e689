/* SPDX-License-Identifier: ISC */
/* wrap.h - wraps text. The text is ASCII without control bytes. One thread. */
#ifndef STSCTL_TERMINAL_WRAP_H
#define STSCTL_TERMINAL_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* Prints the words of text. The current line is already filled up to column; further lines are indented by indent, and no line is
 * longer than width unless a single word is. At column indent, no blank precedes the first word. Writes no final newline; returns the
 * column reached. */
size_t wrap_words(const char *text, size_t column, size_t indent, size_t width, FILE *to);

#endif

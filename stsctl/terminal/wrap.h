/* SPDX-License-Identifier: ISC */
/* wrap.h - text in lines that fit. Text is ASCII and clean. One thread. */
#ifndef STSCTL_TERMINAL_WRAP_H
#define STSCTL_TERMINAL_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* Prints the words of text; the line has been written up to column, the following lines begin at column indent, and none is longer than
 * width unless a word is. At indent no blank goes before the first word. Ends without a line end. Returns the column then. */
size_t wrap_words(const char *text, size_t column, size_t indent, size_t width, FILE *to);

#endif

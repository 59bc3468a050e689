/* SPDX-License-Identifier: ISC */
/* unified_diff.h - prints the difference between two texts like diff -u, for people and for patch(1). Any thread. */
#ifndef STSCTL_SETUP_UNIFIED_DIFF_H
#define STSCTL_SETUP_UNIFIED_DIFF_H

#include <stdbool.h>
#include <stdio.h>

/* before: NULL when there is no such file yet. Prints nothing for equal texts. If the texts differ in thousands of lines, the result is
 * correct, but may be longer than necessary. False when memory ran out; nothing was printed then. */
bool unified_diff(const char *path, const char *before, const char *after, FILE *to);

#endif

/* SPDX-License-Identifier: ISC */
/* unified_diff.h - the difference of two texts, as diff -u prints it and patch(1) takes it. Any thread. */
#ifndef STSCTL_SETUP_UNIFIED_DIFF_H
#define STSCTL_SETUP_UNIFIED_DIFF_H

#include <stdbool.h>
#include <stdio.h>

/* before: NULL when there is no such file yet. Nothing is printed for equal texts. Of texts that differ in thousands of lines the
 * result is right, but may be longer than need be. False when memory ran out: then nothing was printed. */
bool unified_diff(const char *path, const char *before, const char *after, FILE *to);

#endif

/* SPDX-License-Identifier: ISC */
/* log_lines.h - what the library has logged, for tests that count the lines. Any thread writes, the test's reads. */
#ifndef TESTS_LOG_LINES_H
#define TESTS_LOG_LINES_H

#include <stddef.h>

void log_lines_open(void);	/* once, at the start */
void log_lines_clear(void);
/* How many lines there are that hold words; "" for all. */
size_t log_lines_with(const char *words);
/* All of them, for a failure's message. */
const char *log_lines_text(void);

#endif

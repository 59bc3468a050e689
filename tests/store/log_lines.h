/* SPDX-License-Identifier: ISC */
/* log_lines.h - collects the library's log lines, for tests that count them. Any thread logs; the test's thread reads. */
#ifndef TESTS_LOG_LINES_H
#define TESTS_LOG_LINES_H

#include <stddef.h>

void log_lines_open(void);	/* once, at the start */
void log_lines_clear(void);
/* The number of lines that contain words; "" for all. */
size_t log_lines_with(const char *words);
/* All lines, for failure messages. */
const char *log_lines_text(void);

#endif

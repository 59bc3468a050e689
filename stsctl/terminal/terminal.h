/* SPDX-License-Identifier: ISC */
/* terminal.h - what the terminal can show. */
#ifndef STSCTL_TERMINAL_TERMINAL_H
#define STSCTL_TERMINAL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* The width in columns: $COLUMNS, else standard output's, else 80. */
size_t terminal_width(void);
/* Whether the locale's encoding, by the environment, is UTF-8. */
bool terminal_is_utf8(void);
/* Whether standard error is a terminal, so that a long task may show its progress. */
bool terminal_is_watched(void);

#endif

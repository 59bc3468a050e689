/* SPDX-License-Identifier: ISC */
/* terminal.h - what standard output is able to show. */
#ifndef STSCTL_TERMINAL_TERMINAL_H
#define STSCTL_TERMINAL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Columns: $COLUMNS, else the terminal's, else 80. */
size_t terminal_width(void);
/* Whether the environment says that text is UTF-8. */
bool terminal_is_utf8(void);
/* Whether somebody watches standard error, so that long work may say how far it is. */
bool terminal_is_watched(void);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * screen.h - the terminal as a screen; the only file that includes ncurses' header is screen.c. One of them, one thread.
 *
 * From screen_open to screen_close, SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end the process: they are told by screen_wait, so
 * that the terminal is left as it was.
 */
#ifndef STSCTL_OVERVIEW_SCREEN_H
#define STSCTL_OVERVIEW_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "stsctl/overview/top_frame.h"

struct screen;

/* Whether there is a terminal on which this could work: standard input and output, and TERM. */
bool screen_is_possible(void);

/* NULL: the terminal cannot do it. */
struct screen *screen_open(void);
/* Leaves the terminal as it was. If a signal has been told, it is raised again, with what it does by default. */
void screen_close(struct screen **screen);

void screen_size(const struct screen *screen, size_t *width, size_t *height);
/* Whether bars can be drawn. */
bool screen_is_utf8(const struct screen *screen);
void screen_draw(struct screen *screen, const struct top_frame *frame);

enum screen_event { SCREEN_TIME, SCREEN_QUIT, SCREEN_NEXT, SCREEN_PREVIOUS, SCREEN_RESIZED };
/* Waits for timeout_ms at most. SCREEN_QUIT: the key, a signal, or nobody is there any more. */
enum screen_event screen_wait(struct screen *screen, int64_t timeout_ms);

#endif

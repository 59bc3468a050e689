/* SPDX-License-Identifier: ISC */
/*
 * screen.h - the terminal as a screen, by ncurses; only screen.c includes its header. One screen, one thread.
 *
 * From screen_open to screen_close, SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end the process: screen_wait returns SCREEN_QUIT, so that
 * the terminal can be restored.
 */
#ifndef STSCTL_OVERVIEW_SCREEN_H
#define STSCTL_OVERVIEW_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "stsctl/overview/top_frame.h"

struct screen;

/* Whether a screen can work at all: standard input and output are a terminal, and TERM is set. */
bool screen_is_possible(void);

/* NULL: the terminal is not capable of it. */
struct screen *screen_open(void);
/* Restores the terminal. If screen_wait returned for a signal, the signal is raised again with its default action. */
void screen_close(struct screen **screen);

void screen_size(const struct screen *screen, size_t *width, size_t *height);
/* Whether the terminal can show bars. */
bool screen_is_utf8(const struct screen *screen);
void screen_draw(struct screen *screen, const struct top_frame *frame);

enum screen_event { SCREEN_TIME, SCREEN_QUIT, SCREEN_NEXT, SCREEN_PREVIOUS, SCREEN_RESIZED };
/* Waits for at most timeout_ms. SCREEN_QUIT: the key, a signal, or the terminal is gone. */
enum screen_event screen_wait(struct screen *screen, int64_t timeout_ms);

#endif

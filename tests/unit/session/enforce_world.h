/* SPDX-License-Identifier: ISC */
/*
 * enforce_world.h - a session_world that enforces: domains with policies of all kinds, and the answers to RCPT and to the end of a
 * message.
 */
#ifndef ENFORCE_WORLD_H
#define ENFORCE_WORLD_H

#include <stddef.h>

#include "tests/unit/session/session_world.h"

#define NOW_MS 1760000000000

/* For cmocka's setup: a test's settings, after the common ones; ten at most. Returns 0. */
int open_with(const char *const *more, size_t count);
#define OPEN(...) open_with((const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

/* MAIL without TLS. */
void plaintext(const char *sender);
/* RCPT TO, and its answer. */
struct refusal_answer rcpt(const char *path);
void want_rcpt(const char *path, enum sts_action want);
/* The end of the message: the action on it, and what is logged. */
void want_end(const char *name, enum sts_action want, const char *logged);

#endif

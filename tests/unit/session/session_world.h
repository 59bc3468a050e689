/* SPDX-License-Identifier: ISC */
/*
 * session_world.h - a session and its input; fake_cache.h has the policies and counters.
 *
 * One world a process; one thread.
 */
#ifndef SESSION_WORLD_H
#define SESSION_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "milter/session/session.h"

extern struct world {
	struct service service;
	struct session *session;
	struct session_outcome outcome;
	char line[2048];	/* the latest in the log */
	size_t lines;
} w;

/* Settings from these name=value only. */
struct sts_conf *world_settings(const char *const *overrides, size_t count);
/* For cmocka's setup; returns 0. */
int world_open(const char *const *overrides, size_t count);
/* cmocka's setup for tests without settings of their own: a name for the header, and clients' addresses in full. */
int world_setup(void **state);
/* cmocka's teardown. */
int world_close(void **state);

/* A new session; macros_asked: the MTA was asked for the TLS macros. */
void begin(bool macros_asked);
/* {daemon_name} for the next connect_from; NULL: none. */
extern const char *world_daemon;
/* Each may be NULL. */
void connect_from(const char *addr, const char *name, const char *port);
/* mail.sender.example at 192.0.2.10, with that HELO. */
void begin_usual(void);
/* MAIL over TLS of this version, or plaintext (NULL); or over adequate TLS. */
void mail_over(const char *sender, const char *version, const char *cipher, const char *bits);
void mail(const char *sender);
/* The end of the message, into w.outcome; at now_ms since the epoch, or at 1760000000000. */
void finish_at(int64_t now_ms);
void finish(void);

bool header_has(const char *tag);
void want_header(const char *name, const char *const *tags);
#define WANT(name, ...) want_header(name, (const char *const[]){ __VA_ARGS__, NULL })

#endif

/* SPDX-License-Identifier: ISC */
/*
 * syslog_override.h - takes over the syslog(3) of libraries, above all libmilter's, so that their lines go where ours go. Nobody
 * waits for a log that hangs, and a stranger who makes libmilter log with each packet does not flood it.
 *
 * Libraries find this program's syslog(3) before the C library's. Any thread, once the sink is open.
 */
#ifndef MILTER_LOG_SYSLOG_OVERRIDE_H
#define MILTER_LOG_SYSLOG_OVERRIDE_H

enum { SYSLOG_OVERRIDE_LINES = 10 };	/* a minute */

/* ident: the prefix of the libraries' lines, which is removed, as our lines have it already. Borrowed. Call before there are
 * threads. */
void syslog_override_open(const char *ident);

#endif

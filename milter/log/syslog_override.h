/* SPDX-License-Identifier: ISC */
/*
 * syslog_override.h - what libraries, libmilter above all, say by syslog(3), as lines of our own: they go where ours go, nobody waits for a log
 * that stands still, and a stranger who makes libmilter say something with each packet does not flood it.
 *
 * This program's syslog(3) is the one that its libraries find. Any thread, once the sink is open.
 */
#ifndef MILTER_LOG_SYSLOG_OVERRIDE_H
#define MILTER_LOG_SYSLOG_OVERRIDE_H

enum { SYSLOG_OVERRIDE_LINES = 10 };	/* a minute */

/* ident: what libraries begin their lines with, which ours have already. Borrowed. Before there are threads. */
void syslog_override_open(const char *ident);

#endif

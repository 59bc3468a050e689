/* SPDX-License-Identifier: ISC */
/*
 * log_sink.h - where log lines go: syslog (facility mail), or stderr for -e.
 * Open before there are threads; the sinks may then be called from any thread.
 */
#ifndef MILTER_DAEMON_LOG_SINK_H
#define MILTER_DAEMON_LOG_SINK_H

#include <stdbool.h>

void log_sink_open(bool to_stderr);

#endif

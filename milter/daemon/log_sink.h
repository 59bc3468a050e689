/* SPDX-License-Identifier: ISC */
/*
 * log_sink.h - where log lines go: syslog (facility mail), or stderr for -e.
 * Open before there are threads; the sinks may then be called from any thread.
 */
#ifndef MILTER_LOGSINK_H
#define MILTER_LOGSINK_H

#include <stdbool.h>

void logsink_open(bool to_stderr);

#endif

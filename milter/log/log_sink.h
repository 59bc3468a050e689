/* SPDX-License-Identifier: ISC */
/*
 * log_sink.h - where log lines go: syslog (facility mail), or stderr for -e.
 *
 * While the daemon serves, a thread of its own writes them: a log that is full, slow or gone costs lines, never mail. Lost lines are
 * counted (sts_log_lost), and told in one line once the log takes lines again.
 */
#ifndef MILTER_LOG_LOG_SINK_H
#define MILTER_LOG_LOG_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

/* Lines are written by who has something to say. Before there are threads. */
void log_sink_open(bool to_stderr);

/* From now on by a thread. Where the system refuses one, anything but STS_OK, and all stays as it was. Before the threads that log. */
enum sts_status log_sink_start(void);

/* Writes what is left, for timeout_ms at most. Lines that come later are lost. */
void log_sink_stop(int64_t timeout_ms);

#endif

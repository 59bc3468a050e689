/* SPDX-License-Identifier: ISC */
/*
 * log_sink.h - where log lines go: to syslog (facility mail), or with -e to stderr.
 *
 * While the daemon serves, a thread of its own writes them: a log that is full, slow or gone costs lines, never mail. Lost lines
 * are counted (sts_log_lost), and reported in one line once the log accepts lines again.
 */
#ifndef MILTER_LOG_LOG_SINK_H
#define MILTER_LOG_LOG_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

/* Each line is written by its caller. Call before there are threads. */
void log_sink_open(bool to_stderr);

/* From now on a thread writes. If the system refuses one, the result is not STS_OK, and everything stays as it was. Call before
 * the threads that log are started. */
enum sts_status log_sink_start(void);

/* Writes what is queued, for timeout_ms at most. Later lines are lost. */
void log_sink_stop(int64_t timeout_ms);

#endif

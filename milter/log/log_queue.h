/* SPDX-License-Identifier: ISC */
/*
 * log_queue.h - a queue of log lines, from all threads to the one thread that writes them.
 *
 * Two buffers of fixed size: one is filled while the other is written. A thread that logs never waits for the log, and nothing is
 * allocated while mail flows. Lines that do not fit are lost.
 */
#ifndef MILTER_LOG_LOG_QUEUE_H
#define MILTER_LOG_LOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/log.h"
#include "shared-cache/base/status.h"

struct log_queue;

struct log_line {
	enum sts_log_level level;
	int64_t when;			/* seconds since the epoch */
	const char *text;		/* NUL-terminated; the queue's, until the next log_queue_take */
};

/* cap: bytes of one buffer. STS_OK or STS_ENOMEM. */
enum sts_status log_queue_new(size_t cap, struct log_queue **out);
/* Nobody may use the queue any more. */
void log_queue_free(struct log_queue **queue);

/* Copies the line. False: the queue is full or closed. Any thread. */
bool log_queue_push(struct log_queue *queue, const struct log_line *line);

/* Waits for lines, and makes them available to log_queue_next. False: the queue is closed and empty. One thread. */
bool log_queue_take(struct log_queue *queue);
/* The next line of those taken; false: there are no more. The same thread. */
bool log_queue_next(struct log_queue *queue, struct log_line *out);
/* Lets lines gather for ms milliseconds, or until the queue is closed: a wake-up costs more than a line, and so serves many. The
 * same thread. */
void log_queue_gather(struct log_queue *queue, int64_t ms);

/* Accepts no more lines. Any thread. */
void log_queue_close(struct log_queue *queue);

#endif

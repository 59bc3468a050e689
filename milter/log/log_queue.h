/* SPDX-License-Identifier: ISC */
/*
 * log_queue.h - log lines on their way from those who have something to say to the one thread that writes them down.
 *
 * Two buffers of fixed size: one is filled, the other one is being written. Nobody who logs ever waits for the log, and none of it
 * takes memory while mail flows. What finds no room is lost.
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
	const char *text;		/* ends with NUL; the queue's, until the next log_queue_take */
};

/* cap: bytes of one buffer. STS_OK or STS_ENOMEM. */
enum sts_status log_queue_new(size_t cap, struct log_queue **out);
/* Nobody may use it any more. */
void log_queue_free(struct log_queue **queue);

/* Copies the line. False: there is no room, or the queue is closed. Any thread. */
bool log_queue_push(struct log_queue *queue, const struct log_line *line);

/* Waits until there are lines, and makes them those of log_queue_next. False: the queue is closed, and nothing is left. One thread. */
bool log_queue_take(struct log_queue *queue);
/* The next line of those that were taken; false: there are no more. The same thread. */
bool log_queue_next(struct log_queue *queue, struct log_line *out);
/* Lets lines gather for that long, or until the queue is closed: one wake-up, which costs more than a line does, then serves many.
 * The same thread. */
void log_queue_gather(struct log_queue *queue, int64_t ms);

/* Lets nothing more in. Any thread. */
void log_queue_close(struct log_queue *queue);

#endif

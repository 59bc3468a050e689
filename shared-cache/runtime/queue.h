/* SPDX-License-Identifier: ISC */
/*
 * queue.h - work handed from threads to a thread: first in, first out; the giver owns the memory of its task.
 *
 * A task is embedded in whatever it is about. It is run exactly once, by the thread that takes it, and may free itself.
 * Any thread may give; one thread takes.
 */
#ifndef STS_RUNTIME_QUEUE_H
#define STS_RUNTIME_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"

struct sts_task {
	struct sts_task *next;		/* the queue's */
	void (*run)(struct sts_task *task);
};

struct sts_queue;

/* max bounds what sts_queue_offer lets in. */
enum sts_status sts_queue_new(size_t max, struct sts_queue **out);
/* Must be empty. */
void sts_queue_free(struct sts_queue **queue);

/* STS_OK: will be run. STS_EFULL: the queue is full or closed, the task was not taken. */
enum sts_status sts_queue_offer(struct sts_queue *queue, struct sts_task *task);
/* For answers to what was asked: never refused, so that what was begun can end; bounded by the number of questions. */
void sts_queue_post(struct sts_queue *queue, struct sts_task *task);

/* Runs what is there now. Does not wait. Returns how many. */
size_t sts_queue_run(struct sts_queue *queue);
/* Waits for a task and takes it. NULL when the queue is closed and empty. */
struct sts_task *sts_queue_wait(struct sts_queue *queue);

/* Takes one if there is one now, and if it is run by run. NULL otherwise. */
struct sts_task *sts_queue_take_if(struct sts_queue *queue, void (*run)(struct sts_task *task));

/* Nothing more is let in by sts_queue_offer; wakes who waits. What is in stays. */
void sts_queue_close(struct sts_queue *queue);
bool sts_queue_is_closed(struct sts_queue *queue);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * queue.h - a FIFO of tasks, from any thread to one thread. The giver owns the memory of its task.
 *
 * A task is embedded in the object it is about. It is run exactly once, by the thread that takes it, and may free itself.
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

/* max bounds what sts_queue_offer accepts. */
enum sts_status sts_queue_new(size_t max, struct sts_queue **out);
/* The queue must be empty. */
void sts_queue_free(struct sts_queue **queue);

/* STS_OK: the task will be run. STS_EFULL: the queue is full or closed, and the task was not taken. */
enum sts_status sts_queue_offer(struct sts_queue *queue, struct sts_task *task);
/* For replies to requests: never refused, so that what was started can finish. The number of requests bounds them. */
void sts_queue_post(struct sts_queue *queue, struct sts_task *task);

/* Runs the tasks that are in the queue now, without waiting. Returns their number. */
size_t sts_queue_run(struct sts_queue *queue);
/* Waits for a task and takes it. NULL when the queue is closed and empty. */
struct sts_task *sts_queue_wait(struct sts_queue *queue);

/* Takes the first task if its function is run; NULL if it is not, or if the queue is empty. Does not wait. */
struct sts_task *sts_queue_take_if(struct sts_queue *queue, void (*run)(struct sts_task *task));

/* sts_queue_offer accepts nothing from now on; wakes the waiting thread. Tasks that are in the queue stay. */
void sts_queue_close(struct sts_queue *queue);
bool sts_queue_is_closed(struct sts_queue *queue);

#endif

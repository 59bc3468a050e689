/* SPDX-License-Identifier: ISC */
/* queue.c - a linked list with a mutex and a condition variable. Knows nothing of what tasks do. */
#include "config.h"

#include "shared-cache/runtime/queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct sts_queue {
	size_t max;			/* fixed */
	pthread_mutex_t mutex;		/* guards all below; no task runs under it */
	pthread_cond_t arrived;
	struct sts_task *first;
	struct sts_task **end;		/* where the next one is linked */
	size_t count;
	bool closed;
};

enum sts_status
sts_queue_new(size_t max, struct sts_queue **out)
{
	struct sts_queue *queue = calloc(1, sizeof(*queue));

	*out = NULL;
	if (queue == NULL)
		return STS_ENOMEM;
	if (pthread_mutex_init(&queue->mutex, NULL) != 0) {
		free(queue);
		return STS_ENOMEM;
	}
	if (pthread_cond_init(&queue->arrived, NULL) != 0) {
		pthread_mutex_destroy(&queue->mutex);
		free(queue);
		return STS_ENOMEM;
	}
	queue->max = max;
	queue->end = &queue->first;
	*out = queue;
	return STS_OK;
}

void
sts_queue_free(struct sts_queue **queue)
{
	if (*queue == NULL)
		return;
	assert((*queue)->first == NULL);
	pthread_cond_destroy(&(*queue)->arrived);
	pthread_mutex_destroy(&(*queue)->mutex);
	free(*queue);
	*queue = NULL;
}

static void
append_locked(struct sts_queue *queue, struct sts_task *task)
{
	task->next = NULL;
	*queue->end = task;
	queue->end = &task->next;
	queue->count++;
	pthread_cond_signal(&queue->arrived);
}

enum sts_status
sts_queue_offer(struct sts_queue *queue, struct sts_task *task)
{
	bool taken;

	pthread_mutex_lock(&queue->mutex);
	taken = !queue->closed && queue->count < queue->max;
	if (taken)
		append_locked(queue, task);
	pthread_mutex_unlock(&queue->mutex);
	return taken ? STS_OK : STS_EFULL;
}

void
sts_queue_post(struct sts_queue *queue, struct sts_task *task)
{
	pthread_mutex_lock(&queue->mutex);
	append_locked(queue, task);
	pthread_mutex_unlock(&queue->mutex);
}

static struct sts_task *
take_all(struct sts_queue *queue)
{
	struct sts_task *first;

	pthread_mutex_lock(&queue->mutex);
	first = queue->first;
	queue->first = NULL;
	queue->end = &queue->first;
	queue->count = 0;
	pthread_mutex_unlock(&queue->mutex);
	return first;
}

size_t
sts_queue_run(struct sts_queue *queue)
{
	struct sts_task *next;
	size_t count = 0;

	for (struct sts_task *task = take_all(queue); task != NULL; task = next) {
		next = task->next;
		task->run(task);
		count++;
	}
	return count;
}

static struct sts_task *
take_first_locked(struct sts_queue *queue)
{
	struct sts_task *task = queue->first;

	if (task == NULL)
		return NULL;
	queue->first = task->next;
	queue->count--;
	if (queue->first == NULL)
		queue->end = &queue->first;
	return task;
}

struct sts_task *
sts_queue_wait(struct sts_queue *queue)
{
	struct sts_task *task;

	pthread_mutex_lock(&queue->mutex);
	while (queue->first == NULL && !queue->closed)
		pthread_cond_wait(&queue->arrived, &queue->mutex);
	task = take_first_locked(queue);
	pthread_mutex_unlock(&queue->mutex);
	return task;
}

struct sts_task *
sts_queue_take_if(struct sts_queue *queue, void (*run)(struct sts_task *task))
{
	struct sts_task *task = NULL;

	pthread_mutex_lock(&queue->mutex);
	if (queue->first != NULL && queue->first->run == run)
		task = take_first_locked(queue);
	pthread_mutex_unlock(&queue->mutex);
	return task;
}

void
sts_queue_close(struct sts_queue *queue)
{
	pthread_mutex_lock(&queue->mutex);
	queue->closed = true;
	pthread_cond_broadcast(&queue->arrived);
	pthread_mutex_unlock(&queue->mutex);
}

bool
sts_queue_is_closed(struct sts_queue *queue)
{
	bool closed;

	pthread_mutex_lock(&queue->mutex);
	closed = queue->closed;
	pthread_mutex_unlock(&queue->mutex);
	return closed;
}

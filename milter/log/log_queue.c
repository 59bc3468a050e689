/* SPDX-License-Identifier: ISC */
/* log_queue.c - two buffers that are swapped. Knows nothing of where lines go. */
#include "config.h"

#include "milter/log/log_queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/clock.h"

/* In front of each text, which is len bytes including its NUL. Unaligned: copied in and out. */
struct record {
	int64_t when;
	size_t len;
	enum sts_log_level level;
};

struct buffer {
	char *bytes;
	size_t used;
};

struct log_queue {
	size_t cap;			/* fixed */
	/* the reader thread's: */
	struct buffer taken;
	size_t at;			/* how much of it has been returned */

	pthread_mutex_t mutex;		/* guards the rest; never held during a write */
	pthread_cond_t news;
	struct buffer filling;
	bool closed;
	bool resting;			/* the reader will look soon by itself: nobody needs to wake it */
};

enum sts_status
log_queue_new(size_t cap, struct log_queue **out)
{
	struct log_queue *queue = calloc(1, sizeof(*queue));
	pthread_condattr_t attr;

	*out = queue;
	if (queue == NULL)
		return STS_ENOMEM;
	queue->cap = cap;
	pthread_mutex_init(&queue->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->news, &attr);
	pthread_condattr_destroy(&attr);
	queue->taken.bytes = malloc(cap);
	queue->filling.bytes = malloc(cap);
	if (queue->taken.bytes != NULL && queue->filling.bytes != NULL)
		return STS_OK;
	log_queue_free(out);
	return STS_ENOMEM;
}

void
log_queue_free(struct log_queue **queue)
{
	if (*queue == NULL)
		return;
	free((*queue)->taken.bytes);
	free((*queue)->filling.bytes);
	pthread_cond_destroy(&(*queue)->news);
	pthread_mutex_destroy(&(*queue)->mutex);
	free(*queue);
	*queue = NULL;
}

static void
append(struct buffer *buffer, const struct record *record, const char *text)
{
	memcpy(buffer->bytes + buffer->used, record, sizeof(*record));
	memcpy(buffer->bytes + buffer->used + sizeof(*record), text, record->len);
	buffer->used += sizeof(*record) + record->len;
}

bool
log_queue_push(struct log_queue *queue, const struct log_line *line)
{
	const struct record record = { .when = line->when, .len = strlen(line->text) + 1, .level = line->level };
	bool fits, awaited;

	pthread_mutex_lock(&queue->mutex);
	awaited = queue->filling.used == 0 && !queue->resting;
	fits = !queue->closed && record.len + sizeof(record) <= queue->cap - queue->filling.used;
	if (fits)
		append(&queue->filling, &record, line->text);
	pthread_mutex_unlock(&queue->mutex);
	if (fits && awaited)
		pthread_cond_signal(&queue->news);
	return fits;
}

bool
log_queue_take(struct log_queue *queue)
{
	struct buffer empty = { queue->taken.bytes, 0 };

	pthread_mutex_lock(&queue->mutex);
	while (queue->filling.used == 0 && !queue->closed)
		pthread_cond_wait(&queue->news, &queue->mutex);
	queue->taken = queue->filling;
	queue->filling = empty;
	pthread_mutex_unlock(&queue->mutex);
	queue->at = 0;
	return queue->taken.used > 0;
}

bool
log_queue_next(struct log_queue *queue, struct log_line *out)
{
	struct record record;

	if (queue->at == queue->taken.used)
		return false;
	memcpy(&record, queue->taken.bytes + queue->at, sizeof(record));
	*out = (struct log_line){ record.level, record.when, queue->taken.bytes + queue->at + sizeof(record) };
	queue->at += sizeof(record) + record.len;
	return true;
}

void
log_queue_gather(struct log_queue *queue, int64_t ms)
{
	int64_t until_ms = sts_clock_mono_ms() + ms;
	const struct timespec until = { .tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000 };
	int rc = 0;

	pthread_mutex_lock(&queue->mutex);
	queue->resting = true;
	while (!queue->closed && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&queue->news, &queue->mutex, &until);
	queue->resting = false;
	pthread_mutex_unlock(&queue->mutex);
}

void
log_queue_close(struct log_queue *queue)
{
	pthread_mutex_lock(&queue->mutex);
	queue->closed = true;
	pthread_mutex_unlock(&queue->mutex);
	pthread_cond_signal(&queue->news);
}

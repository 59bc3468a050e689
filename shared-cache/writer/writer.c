/* SPDX-License-Identifier: ISC */
/*
 * writer.c - sums of counters, a ring of evidence, and the thread that takes them to the store. Knows neither Redis nor mail.
 *
 * The mail path pushes records to a queue. The thread sums them up in its turns; many records wake it. When there are too many,
 * because the store keeps the thread busy, the thread that pushes the next one sums them up: so the queue is bounded, and an outage
 * fills only the sums, which have their own limits.
 * The thread holds the mutex to swap and to move, never while it talks to the store. Only the thread uses a frozen batch and
 * the entries that are being sent.
 */
#include "config.h"

#include "shared-cache/writer/writer_private.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/runtime/thread.h"
#include "shared-cache/writer/writer_spool.h"

enum {
	QUEUE_WAKE = 512,	/* this many records wake the thread */
	QUEUE_MAX = 4096,	/* with this many records, the next push sums them up */
	EARLY_ROWS = 5000,	/* this many rows do not wait for the interval */
	RETRY_MS = 100,		/* between the attempts of the last flush */
	SOON_WRITTEN = 500,	/* so few entries are not worth copying */
};

/* ---- entries ---- */

bool
sts_writer_push_locked(struct sts_writer *w, const struct sts_stream_entry *entry)
{
	struct sts_stream_entry *slot;

	if (w->ring_count == w->ring_cap) {
		w->dropped_stream++;
		return false;
	}
	slot = &w->ring[(w->ring_first + w->ring_count++) % w->ring_cap];
	*slot = *entry;
	slot->slab = NULL;
	return true;
}

/* The same for entries from the mail path. Entries of an earlier process have their names in their block, so they cannot be moved. */
static bool
push_new_locked(struct sts_writer *w, const struct sts_stream_entry *entry)
{
	if (!sts_writer_push_locked(w, entry))
		return false;
	if (w->ring_count > SOON_WRITTEN)
		sts_evidence_arena_move(&w->arena, &w->ring[(w->ring_first + w->ring_count - 1) % w->ring_cap]);
	return true;
}

void
sts_writer_pop_locked(struct sts_writer *w, struct sts_stream_entry *out)
{
	*out = w->ring[w->ring_first];
	w->ring_first = (w->ring_first + 1) % w->ring_cap;
	w->ring_count--;
}

static bool
is_urgent_locked(const struct sts_writer *w)
{
	uint64_t messages;
	size_t rows;

	if (!w->healthy)
		return false;
	sts_counts_pending(w->counts, &rows, &messages);
	return rows >= EARLY_ROWS || w->ring_count > w->ring_cap / 2;
}

bool
sts_writer_is_urgent(struct sts_writer *w)
{
	bool urgent;

	pthread_mutex_lock(&w->mutex);
	urgent = is_urgent_locked(w);
	pthread_mutex_unlock(&w->mutex);
	return urgent;
}

static void
count_locked(struct sts_writer *w, const struct sts_counts_message *message)
{
	if (sts_counts_add(w->counts, message) != STS_OK)
		w->uncounted++;
}

void
sts_writer_count_record_locked(struct sts_writer *w, struct sts_mail_record *record)
{
	count_locked(w, &record->message);
	/* An entry in the ring uses the record's memory. */
	if (record->entry.field_count == 0 || !push_new_locked(w, &record->entry))
		free(record);
}

void
sts_writer_sum_up_locked(struct sts_writer *w)
{
	struct sts_mail_record *record = sts_mail_record_queue_take_all(&w->queue), *next;

	for (; record != NULL; record = next) {
		next = record->next;
		sts_writer_count_record_locked(w, record);
	}
}

void
sts_writer_sum_up(struct sts_writer *w)
{
	pthread_mutex_lock(&w->mutex);
	sts_writer_sum_up_locked(w);
	pthread_mutex_unlock(&w->mutex);
}

void
sts_writer_take(struct sts_writer *writer, struct sts_mail_record *record)
{
	size_t waiting;

	record->entry.index = 0;
	if (writer->spool != NULL && sts_writer_spool_take(writer, record))
		return;
	waiting = sts_mail_record_queue_push(&writer->queue, record);
	/* Exactly one push sees this number. If the thread misses the signal, it has a turn soon anyway. */
	if (waiting == QUEUE_WAKE)
		pthread_cond_signal(&writer->wake);
	if (waiting >= QUEUE_MAX)
		sts_writer_sum_up(writer);
}

void
sts_writer_record(struct sts_writer *writer, const struct sts_counts_message *message, struct sts_stream_entry *entry)
{
	bool taken = false, urgent;

	pthread_mutex_lock(&writer->mutex);
	sts_writer_sum_up_locked(writer);
	count_locked(writer, message);
	if (entry != NULL)
		taken = push_new_locked(writer, entry);
	urgent = is_urgent_locked(writer);
	pthread_mutex_unlock(&writer->mutex);
	if (urgent)
		pthread_cond_signal(&writer->wake);
	if (entry != NULL && !taken)
		free(entry->block);
	if (entry != NULL) {
		entry->block = NULL;
		entry->field_count = 0;
	}
}

/* ---- the thread ---- */

static struct timespec
timespec_of(int64_t ms)
{
	return (struct timespec){ .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
}

/* Sleeps until the time, something urgent, or the end. True: continue. */
static bool
wait_for_turn(struct sts_writer *w, int64_t until_ms)
{
	struct timespec until = timespec_of(until_ms);
	bool stopping;
	int rc = 0;

	pthread_mutex_lock(&w->mutex);
	sts_writer_sum_up_locked(w);
	while (!w->stopping && !w->flush_asked && !is_urgent_locked(w) && rc != ETIMEDOUT) {
		rc = pthread_cond_timedwait(&w->wake, &w->mutex, &until);
		sts_writer_sum_up_locked(w);
	}
	w->flush_asked = false;
	stopping = w->stopping;
	pthread_mutex_unlock(&w->mutex);
	return !stopping;
}

static bool
has_more(struct sts_writer *w)
{
	uint64_t messages;
	size_t rows;
	bool more;

	pthread_mutex_lock(&w->mutex);
	sts_writer_sum_up_locked(w);
	sts_counts_pending(w->counts, &rows, &messages);
	more = rows > 0 || w->ring_count > 0 || w->sending_count > 0;
	pthread_mutex_unlock(&w->mutex);
	return more;
}

static void
pause_ms(int64_t ms)
{
	struct timespec pause = timespec_of(ms);

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

/* Tries as long as there is time: the store may be restarting, just as this process is. */
static void
last_flush(struct sts_writer *w)
{
	while (has_more(w) && !sts_writer_is_time_up(w)) {
		sts_store_try_now(w->store);
		if (sts_writer_flush(w) != STS_OK)
			pause_ms(RETRY_MS);
	}
}

static void *
thread_main(void *arg)
{
	struct sts_writer *w = arg;

	while (wait_for_turn(w, sts_clock_mono_ms() + w->flush_interval_ms)) {
		(void)sts_writer_flush(w);
		sts_writer_send_heartbeat(w);
		sts_writer_note_turn(w);
		sts_writer_log_losses(w, sts_clock_mono_ms());
		sts_writer_spool_tidy(w, false);
		sts_writer_trim_heap(w);
	}
	last_flush(w);
	return NULL;
}

/* ---- life ---- */

static enum sts_status
init_locks(struct sts_writer *w)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_mutex_init(&w->mutex, NULL) != 0)
		return STS_ENOMEM;
	rc = pthread_condattr_init(&attr);
	if (rc == 0) {
		rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
		if (rc == 0)
			rc = pthread_cond_init(&w->wake, &attr);
		pthread_condattr_destroy(&attr);
	}
	if (rc != 0)
		pthread_mutex_destroy(&w->mutex);
	return rc == 0 ? STS_OK : STS_ENOMEM;
}

static void
writer_free(struct sts_writer *w)
{
	struct sts_mail_record *record, *next;
	struct sts_stream_entry entry;

	for (record = sts_mail_record_queue_take_all(&w->queue); record != NULL; record = next) {
		next = record->next;
		free(record);
	}
	sts_writer_drop_sent(w, w->sending_count);
	while (w->ring_count > 0) {
		sts_writer_pop_locked(w, &entry);
		sts_evidence_free(&entry);
	}
	sts_evidence_arena_fini(&w->arena);
	sts_writer_spool_free(w);
	sts_store_close(&w->store);
	sts_counts_free(&w->counts);
	free(w->ring);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

enum sts_status
sts_writer_new(const struct sts_writer_params *params, struct sts_writer **out)
{
	struct sts_writer *w = calloc(1, sizeof(*w));
	enum sts_status status;

	*out = NULL;
	if (w == NULL)
		return STS_ENOMEM;
	if ((status = init_locks(w)) != STS_OK) {
		free(w);
		return status;
	}
	w->flush_interval_ms = params->flush_interval_ms;
	w->heartbeat_interval_ms = params->heartbeat_interval_ms;
	w->fill_heartbeat = params->fill_heartbeat;
	w->heartbeat_arg = params->heartbeat_arg;
	w->started = sts_clock_now();
	w->ring_cap = params->max_stream;
	w->healthy = true;
	w->store_up = true;
	w->turn_ms = sts_clock_mono_ms();
	w->ring = calloc(w->ring_cap > 0 ? w->ring_cap : 1, sizeof(*w->ring));
	status = w->ring != NULL ? STS_OK : STS_ENOMEM;
	if (status == STS_OK)
		status = sts_counts_new(params->max_domains, &w->counts);
	if (status == STS_OK)
		sts_counts_trust_names(w->counts, params->names, params->names_size);
	if (status == STS_OK)
		status = sts_store_open(&params->store, &w->store);
	if (status == STS_OK)
		status = sts_writer_spool_open(w, params);
	if (status == STS_OK)
		*out = w;
	else
		writer_free(w);
	return status;
}

enum sts_status
sts_writer_start(struct sts_writer *writer)
{
	enum sts_status status = sts_writer_spool_start(writer);

	if (status == STS_OK)
		status = sts_thread_start("sts-writer", thread_main, writer, &writer->pthread);
	writer->running = status == STS_OK;
	return status;
}

void
sts_writer_flush_now(struct sts_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	writer->flush_asked = true;
	pthread_mutex_unlock(&writer->mutex);
	pthread_cond_signal(&writer->wake);
}

void
sts_writer_heartbeat_now(struct sts_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	writer->heartbeat_asked = true;
	pthread_mutex_unlock(&writer->mutex);
	sts_writer_flush_now(writer);
}

void
sts_writer_end(struct sts_writer *w, int64_t timeout_ms)
{
	if (w->ended)
		return;
	w->ended = true;
	sts_writer_spool_end(w, timeout_ms);
	pthread_mutex_lock(&w->mutex);
	sts_writer_sum_up_locked(w);
	sts_counts_settle(w->counts);
	w->stopping = true;
	w->stop_by_ms = sts_clock_mono_ms() + timeout_ms;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->mutex);
	if (w->running)
		pthread_join(w->pthread, NULL);
	else
		last_flush(w);
	pthread_mutex_lock(&w->mutex);
	sts_writer_sum_up_locked(w);
	w->healthy = true;	/* so that everything is logged */
	pthread_mutex_unlock(&w->mutex);
	sts_writer_spool_tidy(w, true);
	sts_writer_log_losses(w, INT64_MAX);
	sts_writer_log_unwritten(w);
}

void
sts_writer_stop(struct sts_writer **writer, int64_t timeout_ms)
{
	if (*writer == NULL)
		return;
	sts_writer_end(*writer, timeout_ms);
	/* A thread that hangs in the disk still uses it. */
	if ((*writer)->spool == NULL || !(*writer)->spool->stuck)
		writer_free(*writer);
	*writer = NULL;
}

void
sts_writer_state(struct sts_writer *writer, struct sts_writer_state *out)
{
	uint64_t settled;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&writer->mutex);
	sts_writer_sum_up_locked(writer);
	sts_counts_pending(writer->counts, &out->pending_rows, &out->pending_messages);
	out->folded_messages = sts_counts_folded(writer->counts);
	out->folding = out->folded_messages > writer->folded_before;
	sts_counts_strangers(writer->counts, &out->held_strangers, &settled);
	out->dropped_stream = writer->dropped_stream;
	out->room = sts_counts_room(writer->counts);
	out->uncounted = writer->uncounted;
	out->store_up = writer->store_up;
	out->turn_ms = writer->turn_ms;
	out->batches = writer->batches;
	out->retried = writer->retried;
	pthread_mutex_unlock(&writer->mutex);
	sts_writer_spool_state(writer, out);
}

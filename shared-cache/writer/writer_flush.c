/* SPDX-License-Identifier: ISC */
/*
 * writer_flush.c - one turn of the writer's thread: a batch of counters, the evidence, a heartbeat, and log lines about losses.
 *
 * The thread holds the mutex to swap and to move, never while it talks to the store.
 */
#include "config.h"

#include "shared-cache/writer/writer_private.h"

#include <inttypes.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/runtime/malloc_tuning.h"
#include "shared-cache/writer/writer_spool.h"

enum {
	SLICE_ROWS = 200,	/* passed to the store at a time, so that the end need not wait for all */
	TELL_MS = 60000,	/* between two log lines about the same kind of loss */
};

/* ---- one flush; on the thread ---- */

void
sts_writer_note_turn(struct sts_writer *w)
{
	bool up = sts_store_is_up(w->store);

	pthread_mutex_lock(&w->mutex);
	w->store_up = up;
	w->turn_ms = sts_clock_mono_ms();
	pthread_mutex_unlock(&w->mutex);
}

static void
forget_batch(struct sts_writer *w)
{
	struct sts_counts_spent *spent = NULL;
	bool old = sts_writer_spool_batch_done(w);

	pthread_mutex_lock(&w->mutex);
	if (!old)
		sts_counts_done(w->counts, &spent);
	w->batches++;
	w->folded_before = sts_counts_folded(w->counts);
	pthread_mutex_unlock(&w->mutex);
	sts_counts_spent_free(&spent);
	w->batch = NULL;
	w->applied_rows = 0;
}

/* STS_ENOTFOUND: there is nothing to write. */
static enum sts_status
take_batch(struct sts_writer *w)
{
	enum sts_status status = STS_OK;

	if (w->batch != NULL)
		return STS_OK;
	if ((w->batch = sts_writer_spool_old_batch(w)) != NULL)
		return STS_OK;
	pthread_mutex_lock(&w->mutex);
	sts_writer_sum_up_locked(w);
	status = sts_counts_freeze(w->counts, &w->batch);
	if (w->batch != NULL)
		sts_writer_spool_frozen_locked(w);
	pthread_mutex_unlock(&w->mutex);
	if (w->batch != NULL)
		sts_writer_spool_batch(w);
	return status != STS_OK ? status : w->batch == NULL ? STS_ENOTFOUND : STS_OK;
}

bool
sts_writer_is_time_up(struct sts_writer *w)
{
	bool up;

	pthread_mutex_lock(&w->mutex);
	up = w->stopping && sts_clock_mono_ms() >= w->stop_by_ms;
	pthread_mutex_unlock(&w->mutex);
	return up;
}

/* The store remembers applied batches per row, so a batch may be applied in slices, all under the batch's number. */
static enum sts_status
apply_slice(struct sts_writer *w)
{
	struct sts_counts_batch slice = *w->batch;

	slice.rows += w->applied_rows;
	slice.row_count -= w->applied_rows;
	if (slice.row_count > SLICE_ROWS)
		slice.row_count = SLICE_ROWS;
	sts_writer_note_turn(w);
	sts_writer_sum_up(w);
	if (sts_store_apply(w->store, &slice) != STS_OK)
		return STS_EUNAVAILABLE;
	w->applied_rows += slice.row_count;
	return STS_OK;
}

static enum sts_status
write_batch(struct sts_writer *w)
{
	enum sts_status status = STS_OK;

	while (status == STS_OK && w->applied_rows < w->batch->row_count)
		status = sts_writer_is_time_up(w) ? STS_EUNAVAILABLE : apply_slice(w);
	if (status == STS_OK) {
		forget_batch(w);
		return STS_OK;
	}
	pthread_mutex_lock(&w->mutex);
	w->retried++;
	pthread_mutex_unlock(&w->mutex);
	return status;
}

/* Writes the batches of earlier processes, then our own. */
static enum sts_status
write_counts(struct sts_writer *w)
{
	enum sts_status status;
	bool again = true;

	while (again) {
		if ((status = take_batch(w)) != STS_OK)
			return status == STS_ENOTFOUND ? STS_OK : status;
		again = sts_writer_spool_is_old(w);
		if ((status = write_batch(w)) != STS_OK)
			return status;
	}
	return STS_OK;
}

/* Takes as many waiting entries as may be sent at a time, but at most *left. */
static void
take_entries(struct sts_writer *w, size_t *left)
{
	/* A chunk without an answer is sent again unchanged. */
	size_t max = w->chunk_count > 0 ? w->chunk_count : SENDING_MAX;

	pthread_mutex_lock(&w->mutex);
	for (; w->sending_count < max && w->ring_count > 0 && *left > 0; --*left)
		sts_writer_pop_locked(w, &w->sending[w->sending_count++]);
	pthread_mutex_unlock(&w->mutex);
}

static size_t
waiting_entries(struct sts_writer *w)
{
	size_t count;

	pthread_mutex_lock(&w->mutex);
	count = w->ring_count;
	pthread_mutex_unlock(&w->mutex);
	return count;
}

void
sts_writer_drop_sent(struct sts_writer *w, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sts_evidence_free(&w->sending[i]);
	w->sending_count -= count;
	memmove(w->sending, w->sending + count, w->sending_count * sizeof(w->sending[0]));
}

static void
give_up_entries(struct sts_writer *w)
{
	pthread_mutex_lock(&w->mutex);
	w->dropped_stream += w->sending_count;
	pthread_mutex_unlock(&w->mutex);
	sts_writer_drop_sent(w, w->sending_count);
}

/* Writes the entries that are there now. Those that arrive meanwhile are left to the next turn; otherwise counters would wait for ever when
 * the store is no faster than mail. */
static enum sts_status
write_stream(struct sts_writer *w)
{
	enum sts_status status = STS_OK;
	size_t left = waiting_entries(w), written;

	for (take_entries(w, &left); w->sending_count > 0 && status == STS_OK; take_entries(w, &left)) {
		if (sts_writer_is_time_up(w))
			return STS_EUNAVAILABLE;
		sts_writer_note_turn(w);
		if (w->chunk_count == 0) {
			w->chunk_count = w->sending_count;
			sts_writer_spool_chunk(w, w->chunk_count);
		}
		status = sts_store_append(w->store, w->sending, w->chunk_count, &written);
		sts_writer_drop_sent(w, written);
		w->chunk_count -= written;
		if (status == STS_EINVAL) {
			give_up_entries(w);
			w->chunk_count = 0;
			status = STS_OK;
		}
		if (w->chunk_count == 0)
			sts_writer_spool_chunk_done(w);
	}
	return status;
}

/* Counters go first: they must not wait for evidence. If Redis refuses this user the counters, evidence does not wait for them. */
enum sts_status
sts_writer_flush(struct sts_writer *w)
{
	enum sts_status status = write_counts(w), stream = status;

	if (status == STS_OK || sts_store_is_refused(w->store))
		stream = write_stream(w);
	if (status == STS_OK)
		status = stream;
	pthread_mutex_lock(&w->mutex);
	w->healthy = status == STS_OK;
	pthread_mutex_unlock(&w->mutex);
	return status;
}

void
sts_writer_trim_heap(struct sts_writer *w)
{
	uint64_t messages;
	size_t rows, entries;
	bool written;

	pthread_mutex_lock(&w->mutex);
	sts_counts_pending(w->counts, &rows, &messages);
	entries = w->ring_count;
	written = w->healthy;
	pthread_mutex_unlock(&w->mutex);
	if (sts_heap_trim_is_due(&w->heap_trim, written, rows + entries, sts_clock_mono_ms()))
		sts_malloc_trim();
}

/* ---- heartbeats ---- */

static bool
is_heartbeat_asked(struct sts_writer *w)
{
	bool asked;

	pthread_mutex_lock(&w->mutex);
	asked = w->heartbeat_asked;
	w->heartbeat_asked = false;
	pthread_mutex_unlock(&w->mutex);
	return asked;
}

/* Tells the store that this node is alive, and what is pending. A failure does not matter: the next heartbeat is soon. */
void
sts_writer_send_heartbeat(struct sts_writer *w)
{
	struct sts_store_heartbeat heartbeat = { .started = w->started, .seen = sts_clock_now() };
	struct sts_writer_state state;

	if (w->heartbeat_interval_ms == 0 || (!is_heartbeat_asked(w) && sts_clock_mono_ms() < w->heartbeat_at_ms))
		return;
	w->heartbeat_at_ms = sts_clock_mono_ms() + w->heartbeat_interval_ms;
	sts_writer_state(w, &state);
	heartbeat.pending_messages = state.pending_messages;
	heartbeat.pending_rows = state.pending_rows;
	heartbeat.folded_messages = state.folded_messages;
	heartbeat.dropped_stream = state.dropped_stream;
	heartbeat.retried = state.retried;
	if (w->fill_heartbeat != NULL)
		w->fill_heartbeat(w->heartbeat_arg, &heartbeat);
	(void)sts_store_heartbeat(w->store, &heartbeat);
}

/* ---- what is lost ---- */

/* Losses that have not been logged. 0 within a minute of the last log line, because a continuing loss would flood the log. */
static uint64_t
untold(struct sts_writer_loss *loss, uint64_t all, int64_t now_ms)
{
	uint64_t more = all - loss->told;

	if (more == 0 || now_ms < loss->next_ms)
		return 0;
	loss->told = all;
	loss->next_ms = now_ms < INT64_MAX ? now_ms + TELL_MS : now_ms;
	return more;
}

void
sts_writer_log_losses(struct sts_writer *w, int64_t now_ms)
{
	uint64_t uncounted, dropped, folded;

	pthread_mutex_lock(&w->mutex);
	uncounted = untold(&w->uncounted_told, w->uncounted, now_ms);
	/* While the store is unreachable, evidence is dropped by the thousand; the number is logged when it is back. */
	dropped = w->healthy ? untold(&w->dropped_told, w->dropped_stream, now_ms) : 0;
	folded = w->healthy ? untold(&w->folded_told, sts_counts_folded(w->counts), now_ms) : 0;
	pthread_mutex_unlock(&w->mutex);
	if (uncounted > 0)
		sts_warn("no memory: %" PRIu64 " messages uncounted", uncounted);
	if (dropped > 0)
		sts_warn("%" PRIu64 " evidence entries dropped", dropped);
	if (folded > 0)
		sts_warn("too many sender domains: %" PRIu64 " messages of the rarest are counted under `other'", folded);
}

/* Messages whose totals may not be in the store. The thread has ended. */
static uint64_t
count_unwritten_locked(struct sts_writer *w)
{
	uint64_t messages, in_batch = 0;
	size_t rows;

	sts_counts_pending(w->counts, &rows, &messages);
	for (size_t i = 0; w->batch != NULL && !sts_writer_spool_is_old(w) && i < w->applied_rows; i++)
		if (w->batch->rows[i].domain[0] == '\0')
			in_batch += w->batch->rows[i].messages;
	return messages - in_batch;
}

void
sts_writer_log_unwritten(struct sts_writer *w)
{
	uint64_t messages, pending;
	size_t rows, entries;

	pthread_mutex_lock(&w->mutex);
	messages = count_unwritten_locked(w);
	entries = w->sending_count + w->ring_count;
	sts_counts_pending(w->counts, &rows, &pending);
	if (!sts_writer_spool_is_old(w))
		rows -= w->applied_rows;
	pthread_mutex_unlock(&w->mutex);
	if (rows == 0 && entries == 0)
		return;
	if (sts_writer_spool_is_on(w))
		sts_info("ending with the store away: %" PRIu64 " messages (%zu rows of counters) and %zu evidence entries wait in the spool "
		    "for the next start", messages, rows, entries);
	else
		sts_warn("ending with the store away: %" PRIu64 " messages uncounted (%zu rows of counters), %zu evidence entries lost",
		    messages, rows, entries);
}

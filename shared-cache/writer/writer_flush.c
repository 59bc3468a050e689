/* SPDX-License-Identifier: ISC */
/*
 * writer_flush.c - one turn of the writer's thread: a batch of counters, the evidence, a sign of life, and what is told of losses.
 *
 * The thread holds the mutex to swap and to move, never while it talks to the store.
 */
#include "config.h"

#include "shared-cache/writer/writer_private.h"

#include <inttypes.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/runtime/heap.h"
#include "shared-cache/writer/writer_spool.h"

enum {
	SLICE_ROWS = 200,	/* handed to the store at a time, so that an end need not wait for all */
	TELL_MS = 60000,	/* between two lines about losses of one kind */
};

/* ---- one flush; the thread's ---- */

/* For those who look whether it is at work. */
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

/* The marks of the store are a row's, so that a batch may go there in slices, each under the batch's number. */
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

/* Those of earlier processes, then our own. */
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

/* Takes as many of those that wait as may be sent at a time, but no more than *left. */
static void
take_entries(struct sts_writer *w, size_t *left)
{
	/* A chunk that nobody has heard of is sent again as it was. */
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

/* What is there by now: what comes in meanwhile is for the next turn, or counters would wait where the store is no faster. */
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

/* Counters first: they must not wait for evidence. Evidence does not wait where Redis refuses counters by name. */
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
sts_writer_relieve(struct sts_writer *w)
{
	uint64_t messages;
	size_t rows, entries;
	bool written;

	pthread_mutex_lock(&w->mutex);
	sts_counts_pending(w->counts, &rows, &messages);
	entries = w->ring_count;
	written = w->healthy;
	pthread_mutex_unlock(&w->mutex);
	if (sts_writer_relief_is_due(&w->relief, written, rows + entries, sts_clock_mono_ms()))
		sts_heap_give_back();
}

/* ---- signs of life ---- */

static bool
is_sign_asked(struct sts_writer *w)
{
	bool asked;

	pthread_mutex_lock(&w->mutex);
	asked = w->sign_asked;
	w->sign_asked = false;
	pthread_mutex_unlock(&w->mutex);
	return asked;
}

/* Says that this node is there, and what waits. Whatever comes of it: the next one is soon. */
void
sts_writer_give_sign(struct sts_writer *w)
{
	struct sts_store_sign sign = { .started = w->started, .seen = sts_clock_now() };
	struct sts_writer_state state;

	if (w->sign_interval_ms == 0 || (!is_sign_asked(w) && sts_clock_mono_ms() < w->sign_at_ms))
		return;
	w->sign_at_ms = sts_clock_mono_ms() + w->sign_interval_ms;
	sts_writer_state(w, &state);
	sign.pending_messages = state.pending_messages;
	sign.pending_rows = state.pending_rows;
	sign.folded_messages = state.folded_messages;
	sign.dropped_stream = state.dropped_stream;
	sign.retried = state.retried;
	if (w->add_to_sign != NULL)
		w->add_to_sign(w->sign_arg, &sign);
	(void)sts_store_sign(w->store, &sign);
}

/* ---- what is lost ---- */

/* What is lost beyond what the log knows. 0 before a minute has passed since it was last told: a loss that goes on would flood the log. */
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
sts_writer_tell_losses(struct sts_writer *w, int64_t now_ms)
{
	uint64_t uncounted, dropped, folded;

	pthread_mutex_lock(&w->mutex);
	uncounted = untold(&w->uncounted_told, w->uncounted, now_ms);
	/* Evidence falls away by the thousand while the store is away; its number is told when it is back. */
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

/* Messages whose totals are not known to be in the store. The thread has ended. */
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
sts_writer_tell_unwritten(struct sts_writer *w)
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
	if (sts_writer_spool_keeps(w))
		sts_info("ending with the store away: %" PRIu64 " messages (%zu rows of counters) and %zu evidence entries wait in the spool "
		    "for the next start", messages, rows, entries);
	else
		sts_warn("ending with the store away: %" PRIu64 " messages uncounted (%zu rows of counters), %zu evidence entries lost",
		    messages, rows, entries);
}

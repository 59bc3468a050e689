/* SPDX-License-Identifier: ISC */
/*
 * writer.c - sums, a ring of evidence, and the thread that takes them to the store. Knows neither Redis nor mail.
 *
 * The mail path leaves records in the inbox. The thread sums them up in its turns, and is woken for it when many wait. When there
 * are too many, because the store keeps the thread, whoever brings one more does it: so the inbox is bounded, and the sums,
 * which know their own bounds, take what an outage brings.
 * The thread holds the mutex to swap and to move, never while it talks to the store. A frozen batch and the entries that are
 * being sent are its own.
 */
#include "config.h"

#include "shared-cache/store/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/ledger/inbox.h"
#include "shared-cache/runtime/thread.h"

enum {
	SLICE_ROWS = 200,	/* handed to the store at a time, so that an end need not wait for all */
	SENDING_MAX = 200,	/* entries likewise */
	INBOX_WAKE = 512,	/* so many records wake the thread */
	INBOX_MAX = 4096,	/* so many are summed up by whoever brings the next one */
	EARLY_ROWS = 5000,	/* so many rows do not wait for the interval */
	RETRY_MS = 100,		/* between the tries of the last flush */
};

struct sts_writer {
	/* fixed */
	int64_t flush_interval_ms, sign_interval_ms;
	int64_t started;
	size_t ring_cap;
	/* the thread's alone */
	struct sts_store *store;
	const struct sts_counts_batch *batch;	/* frozen, or NULL */
	size_t applied_rows;			/* of batch */
	struct sts_stream_entry sending[SENDING_MAX];
	size_t sending_count;
	void (*add_to_sign)(void *arg, struct sts_store_sign *sign);
	void *sign_arg;
	int64_t sign_at_ms;			/* when the next sign of life is due */
	struct sts_inbox inbox;			/* any thread's */
	/* the caller's of start and stop */
	pthread_t pthread;
	bool running, ended;

	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t wake;
	struct sts_counts *counts;
	struct sts_stream_entry *ring;
	size_t ring_first, ring_count;
	bool healthy;			/* the last flush went well */
	uint64_t folded_before;		/* when a batch was last written */
	bool store_up;
	int64_t turn_ms;		/* when the thread last did something */
	bool hurrying;
	bool sign_asked;
	bool stopping;
	int64_t stop_by_ms;
	uint64_t dropped_stream, batches, retried;
	uint64_t uncounted;		/* messages for which there was no memory */
	uint64_t told_uncounted, told_dropped, told_folded;	/* of these, what the log knows */
};

/* ---- entries ---- */

static void
entry_fini(struct sts_stream_entry *entry)
{
	free(entry->block);
	entry->block = NULL;
	entry->field_count = 0;
}

static bool
push_locked(struct sts_writer *w, const struct sts_stream_entry *entry)
{
	if (w->ring_count == w->ring_cap) {
		w->dropped_stream++;
		return false;
	}
	w->ring[(w->ring_first + w->ring_count++) % w->ring_cap] = *entry;
	return true;
}

static void
pop_locked(struct sts_writer *w, struct sts_stream_entry *out)
{
	*out = w->ring[w->ring_first];
	w->ring_first = (w->ring_first + 1) % w->ring_cap;
	w->ring_count--;
}

static bool
is_pressing_locked(const struct sts_writer *w)
{
	uint64_t messages;
	size_t rows;

	if (!w->healthy)
		return false;
	sts_counts_pending(w->counts, &rows, &messages);
	return rows >= EARLY_ROWS || w->ring_count > w->ring_cap / 2;
}

static void
count_locked(struct sts_writer *w, const struct sts_counts_message *message)
{
	if (sts_counts_add(w->counts, message) != STS_OK)
		w->uncounted++;
}

static void
sum_up_locked(struct sts_writer *w)
{
	struct sts_mail_record *record = sts_inbox_take(&w->inbox), *next;

	for (; record != NULL; record = next) {
		next = record->next;
		count_locked(w, &record->message);
		/* What is in the ring has the record's memory. */
		if (record->entry.field_count == 0 || !push_locked(w, &record->entry))
			free(record);
	}
}

static void
sum_up(struct sts_writer *w)
{
	pthread_mutex_lock(&w->mutex);
	sum_up_locked(w);
	pthread_mutex_unlock(&w->mutex);
}

void
sts_writer_take(struct sts_writer *writer, struct sts_mail_record *record)
{
	size_t waiting = sts_inbox_add(&writer->inbox, record);

	/* Somebody has to see exactly this number; should the thread miss the call, it has a turn soon anyway. */
	if (waiting == INBOX_WAKE)
		pthread_cond_signal(&writer->wake);
	if (waiting >= INBOX_MAX)
		sum_up(writer);
}

void
sts_writer_record(struct sts_writer *writer, const struct sts_counts_message *message, struct sts_stream_entry *entry)
{
	bool taken = false, pressing;

	pthread_mutex_lock(&writer->mutex);
	sum_up_locked(writer);
	count_locked(writer, message);
	if (entry != NULL)
		taken = push_locked(writer, entry);
	pressing = is_pressing_locked(writer);
	pthread_mutex_unlock(&writer->mutex);
	if (pressing)
		pthread_cond_signal(&writer->wake);
	if (entry != NULL && !taken)
		entry_fini(entry);
	else if (entry != NULL)
		entry->field_count = 0;
}

/* ---- one flush; the thread's ---- */

/* For those who look whether it is at work. */
static void
note_turn(struct sts_writer *w)
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
	struct sts_counts_spent *spent;

	pthread_mutex_lock(&w->mutex);
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
	pthread_mutex_lock(&w->mutex);
	sum_up_locked(w);
	status = sts_counts_freeze(w->counts, &w->batch);
	pthread_mutex_unlock(&w->mutex);
	return status != STS_OK ? status : w->batch == NULL ? STS_ENOTFOUND : STS_OK;
}

static bool
is_time_up(struct sts_writer *w)
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
	note_turn(w);
	sum_up(w);
	if (sts_store_apply(w->store, &slice) != STS_OK)
		return STS_EUNAVAILABLE;
	w->applied_rows += slice.row_count;
	return STS_OK;
}

static enum sts_status
write_counts(struct sts_writer *w)
{
	enum sts_status status = take_batch(w);

	if (status != STS_OK)
		return status == STS_ENOTFOUND ? STS_OK : status;
	while (status == STS_OK && w->applied_rows < w->batch->row_count)
		status = is_time_up(w) ? STS_EUNAVAILABLE : apply_slice(w);
	if (status == STS_OK) {
		forget_batch(w);
		return STS_OK;
	}
	pthread_mutex_lock(&w->mutex);
	w->retried++;
	pthread_mutex_unlock(&w->mutex);
	return status;
}

static void
take_entries(struct sts_writer *w)
{
	pthread_mutex_lock(&w->mutex);
	while (w->sending_count < SENDING_MAX && w->ring_count > 0)
		pop_locked(w, &w->sending[w->sending_count++]);
	pthread_mutex_unlock(&w->mutex);
}

static void
drop_sent(struct sts_writer *w, size_t count)
{
	for (size_t i = 0; i < count; i++)
		entry_fini(&w->sending[i]);
	w->sending_count -= count;
	memmove(w->sending, w->sending + count, w->sending_count * sizeof(w->sending[0]));
}

static void
give_up_entries(struct sts_writer *w)
{
	pthread_mutex_lock(&w->mutex);
	w->dropped_stream += w->sending_count;
	pthread_mutex_unlock(&w->mutex);
	drop_sent(w, w->sending_count);
}

static enum sts_status
write_stream(struct sts_writer *w)
{
	enum sts_status status = STS_OK;
	size_t written;

	for (take_entries(w); w->sending_count > 0 && status == STS_OK; take_entries(w)) {
		if (is_time_up(w))
			return STS_EUNAVAILABLE;
		note_turn(w);
		status = sts_store_append(w->store, w->sending, w->sending_count, &written);
		drop_sent(w, written);
		if (status == STS_EINVAL) {
			give_up_entries(w);
			status = STS_OK;
		}
	}
	return status;
}

/* Counters first: they must not wait for evidence. */
static enum sts_status
flush(struct sts_writer *w)
{
	enum sts_status status = write_counts(w);

	if (status == STS_OK)
		status = write_stream(w);
	pthread_mutex_lock(&w->mutex);
	w->healthy = status == STS_OK;
	pthread_mutex_unlock(&w->mutex);
	return status;
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
static void
give_sign(struct sts_writer *w)
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

/* One line when something has been lost since the last flush; at most one an interval. */
static void
tell_losses(struct sts_writer *w)
{
	uint64_t uncounted, dropped, folded;

	pthread_mutex_lock(&w->mutex);
	uncounted = w->uncounted - w->told_uncounted;
	/* Evidence falls away by the thousand while the store is away; its number is told when it is back. */
	dropped = w->healthy ? w->dropped_stream - w->told_dropped : 0;
	w->told_uncounted += uncounted;
	w->told_dropped += dropped;
	folded = w->healthy ? sts_counts_folded(w->counts) - w->told_folded : 0;
	w->told_folded += folded;
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
	for (size_t i = 0; w->batch != NULL && i < w->applied_rows; i++)
		if (w->batch->rows[i].domain[0] == '\0')
			in_batch += w->batch->rows[i].messages;
	return messages - in_batch;
}

static void
tell_unwritten(struct sts_writer *w)
{
	uint64_t messages, pending;
	size_t rows, entries;

	pthread_mutex_lock(&w->mutex);
	messages = count_unwritten_locked(w);
	entries = w->sending_count + w->ring_count;
	sts_counts_pending(w->counts, &rows, &pending);
	rows -= w->applied_rows;
	pthread_mutex_unlock(&w->mutex);
	if (rows > 0 || entries > 0)
		sts_warn("ending with the store away: %" PRIu64 " messages uncounted (%zu rows of counters), "
		    "%zu evidence entries lost", messages, rows, entries);
}

/* ---- the thread ---- */

static struct timespec
timespec_of(int64_t ms)
{
	return (struct timespec){ .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
}

/* Sleeps until the time, an urgent call, or the end. True: go on. */
static bool
wait_for_turn(struct sts_writer *w, int64_t until_ms)
{
	struct timespec until = timespec_of(until_ms);
	bool stopping;
	int rc = 0;

	pthread_mutex_lock(&w->mutex);
	sum_up_locked(w);
	while (!w->stopping && !w->hurrying && !is_pressing_locked(w) && rc != ETIMEDOUT) {
		rc = pthread_cond_timedwait(&w->wake, &w->mutex, &until);
		sum_up_locked(w);
	}
	w->hurrying = false;
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
	sum_up_locked(w);
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

/* Tries for as long as there is time: the store may be restarting just as we are. */
static void
last_flush(struct sts_writer *w)
{
	while (has_more(w) && !is_time_up(w)) {
		sts_store_try_now(w->store);
		if (flush(w) != STS_OK)
			pause_ms(RETRY_MS);
	}
}

static void *
thread_main(void *arg)
{
	struct sts_writer *w = arg;

	while (wait_for_turn(w, sts_clock_mono_ms() + w->flush_interval_ms)) {
		(void)flush(w);
		give_sign(w);
		note_turn(w);
		tell_losses(w);
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

	for (record = sts_inbox_take(&w->inbox); record != NULL; record = next) {
		next = record->next;
		free(record);
	}
	drop_sent(w, w->sending_count);
	while (w->ring_count > 0) {
		pop_locked(w, &entry);
		entry_fini(&entry);
	}
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
	w->sign_interval_ms = params->sign_interval_ms;
	w->add_to_sign = params->add_to_sign;
	w->sign_arg = params->sign_arg;
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
		*out = w;
	else
		writer_free(w);
	return status;
}

enum sts_status
sts_writer_start(struct sts_writer *writer)
{
	enum sts_status status = sts_thread_start("sts-writer", thread_main, writer, &writer->pthread);

	writer->running = status == STS_OK;
	return status;
}

void
sts_writer_hurry(struct sts_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	writer->hurrying = true;
	pthread_mutex_unlock(&writer->mutex);
	pthread_cond_signal(&writer->wake);
}

void
sts_writer_sign_now(struct sts_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	writer->sign_asked = true;
	pthread_mutex_unlock(&writer->mutex);
	sts_writer_hurry(writer);
}

void
sts_writer_end(struct sts_writer *w, int64_t timeout_ms)
{
	if (w->ended)
		return;
	w->ended = true;
	pthread_mutex_lock(&w->mutex);
	sum_up_locked(w);
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
	sum_up_locked(w);
	w->healthy = true;	/* so that all is told */
	pthread_mutex_unlock(&w->mutex);
	tell_losses(w);
	tell_unwritten(w);
}

void
sts_writer_stop(struct sts_writer **writer, int64_t timeout_ms)
{
	if (*writer == NULL)
		return;
	sts_writer_end(*writer, timeout_ms);
	writer_free(*writer);
	*writer = NULL;
}

void
sts_writer_state(struct sts_writer *writer, struct sts_writer_state *out)
{
	uint64_t settled;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&writer->mutex);
	sum_up_locked(writer);
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
}

/* SPDX-License-Identifier: ISC */
/*
 * writer_spool_batch.c - what the writer's thread writes to the spool: batches, what is done, and from time to time a new file with all
 * that is pending; also the recovery of its contents at the start.
 *
 * A batch must be in the file before any of it is sent, or the next process could send its messages under another number. If
 * that fails, the file is emptied: then the end of this process loses what is pending, but nothing is counted twice.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/log.h"
#include "shared-cache/writer/writer_private.h"
#include "shared-cache/writer/writer_spool.h"

enum { TIDY_BYTES = 8 * 1024 * 1024 };

/* ---- writing ---- */

static void
take_back_locked(struct sts_writer_spool *sp)
{
	if (sp->off_told)
		sts_info("spool_dir: the spool is in use again");
	sp->off = sp->off_told = false;
}

static void
give_up_locked(struct sts_writer_spool *sp)
{
	int saved = errno;

	sp->off = true;
	if (sts_spool_empty(sp->file) != STS_OK && !sp->off_told)
		sts_warn("spool_dir: the spool cannot even be emptied (%s): should this process be killed before it can, what is in it now may "
		    "be counted twice", strerror(errno));
	if (!sp->off_told)
		sts_warn("spool_dir: the spool cannot be written (%s): until it can, what is not in Redis yet is lost with this process",
		    strerror(saved));
	sp->off_told = true;
}

/* Appends sp->bytes. If the records are needed, then afterwards they are in the file, or the file is empty. */
static void
put_locked(struct sts_writer_spool *sp, bool needed)
{
	if (!sp->off && sts_spool_append(sp->file, &sp->bytes, false) != STS_OK && needed)
		give_up_locked(sp);
	sts_spool_bytes_fini(&sp->bytes);
}

static void
put_rows(struct sts_spool_bytes *out, enum sts_spool_kind kind, const struct sts_counts_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sts_spool_put_row(out, kind, &rows[i]);
}

static void
put_batch(struct sts_spool_bytes *out, const struct sts_spool_mark *mark, const struct sts_counts_row *rows, size_t count)
{
	sts_spool_put_mark(out, STS_SPOOL_BATCH, mark);
	put_rows(out, STS_SPOOL_ROW, rows, count);
}

/* ---- batches ---- */

const struct sts_counts_batch *
sts_writer_spool_old_batch(struct sts_writer *w)
{
	struct sts_writer_spool *sp = w->spool;

	if (sp == NULL || sp->old == NULL)
		return NULL;
	sp->mark = sp->old->mark;
	memcpy(sp->old_batch.incarnation, sp->mark.incarnation, sizeof(sp->old_batch.incarnation));
	sp->old_batch.sequence = sp->mark.sequence;
	sp->old_batch.rows = sp->old->rows.rows;
	sp->old_batch.row_count = sp->old->rows.count;
	return &sp->old_batch;
}

bool
sts_writer_spool_is_old(const struct sts_writer *w)
{
	return w->spool != NULL && w->batch == &w->spool->old_batch;
}

void
sts_writer_spool_frozen_locked(struct sts_writer *w)
{
	struct sts_writer_spool *sp = w->spool;
	const struct sts_counts_row *held;
	size_t count;

	if (sp == NULL)
		return;
	memset(&sp->mark, 0, sizeof(sp->mark));
	memcpy(sp->mark.incarnation, w->batch->incarnation, sizeof(sp->mark.incarnation));
	sp->mark.sequence = w->batch->sequence;
	sp->mark.first = w->batch->row_count;
	sp->mark.last = w->spooled;
	count = sts_counts_held(w->counts, &held);
	put_rows(&sp->held, STS_SPOOL_HELD, held, count);
}

void
sts_writer_spool_batch(struct sts_writer *w)
{
	struct sts_writer_spool *sp = w->spool;
	bool sync;

	if (sp == NULL)
		return;
	pthread_mutex_lock(&sp->file_mutex);
	if (!sp->off) {
		put_batch(&sp->bytes, &sp->mark, w->batch->rows, w->batch->row_count);
		sts_spool_put_raw(&sp->bytes, &sp->held);
		sts_spool_put_mark(&sp->bytes, STS_SPOOL_COMPLETE, &sp->mark);
		put_locked(sp, true);
	}
	sts_spool_bytes_fini(&sp->held);
	sync = !sp->off;
	pthread_mutex_unlock(&sp->file_mutex);
	/* A crash of the machine must not leave the messages without the batch that has them. Others may write meanwhile. */
	if (sync && sts_spool_sync(sp->file) != STS_OK)
		sts_debug("spool_dir: sync: %s", strerror(errno));
}

bool
sts_writer_spool_batch_done(struct sts_writer *w)
{
	struct sts_writer_spool *sp = w->spool;
	struct sts_spool_batch *old;

	if (sp == NULL)
		return false;
	pthread_mutex_lock(&sp->file_mutex);
	/* If this cannot be written, the batch is sent again, and Redis recognises it. */
	sts_spool_put_mark(&sp->bytes, STS_SPOOL_DONE, &sp->mark);
	put_locked(sp, false);
	pthread_mutex_unlock(&sp->file_mutex);
	if (!sts_writer_spool_is_old(w))
		return false;
	old = sp->old;
	sp->old = old->next;
	sts_spool_batch_free(old);
	return true;
}

/* ---- evidence ---- */

void
sts_writer_spool_chunk(struct sts_writer *w, size_t count)
{
	struct sts_writer_spool *sp = w->spool;
	struct sts_spool_mark mark = { .sequence = 0 };

	if (sp == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		uint64_t index = w->sending[i].index;

		if (index > 0 && mark.first == 0)
			mark.first = index;
		if (index > mark.last)
			mark.last = index;
	}
	sp->has_chunk = mark.last > 0;
	sp->chunk = mark;
	if (!sp->has_chunk)
		return;
	sts_store_stream_number(w->store, sp->chunk.incarnation, &sp->chunk.sequence);
	pthread_mutex_lock(&sp->file_mutex);
	sts_spool_put_mark(&sp->bytes, STS_SPOOL_CHUNK, &sp->chunk);
	put_locked(sp, true);
	pthread_mutex_unlock(&sp->file_mutex);
}

void
sts_writer_spool_chunk_done(struct sts_writer *w)
{
	struct sts_writer_spool *sp = w->spool;

	if (sp == NULL || !sp->has_chunk)
		return;
	sp->has_chunk = false;
	pthread_mutex_lock(&sp->file_mutex);
	sts_spool_put_mark(&sp->bytes, STS_SPOOL_CHUNK_DONE, &sp->chunk);
	put_locked(sp, false);
	pthread_mutex_unlock(&sp->file_mutex);
}

/* ---- a new file with all that is pending ---- */

static void
put_batches(struct sts_writer *w, struct sts_spool_bytes *out)
{
	struct sts_writer_spool *sp = w->spool;

	for (const struct sts_spool_batch *b = sp->old; b != NULL; b = b->next) {
		put_batch(out, &b->mark, b->rows.rows, b->rows.count);
		sts_spool_put_mark(out, STS_SPOOL_COMPLETE, &b->mark);
	}
	if (w->batch != NULL && !sts_writer_spool_is_old(w)) {
		put_batch(out, &sp->mark, w->batch->rows, w->batch->row_count);
		sts_spool_put_mark(out, STS_SPOOL_COMPLETE, &sp->mark);
	}
}

static void
put_entry(struct sts_spool_bytes *out, const struct sts_stream_entry *entry)
{
	if (entry->index > 0)
		sts_spool_put_entry(out, entry);
}

static void
put_pending_locked(struct sts_writer *w, struct sts_spool_bytes *out)
{
	const struct sts_spool_mark base = { .last = w->spooled };
	const struct sts_counts_row *rows;
	size_t count;

	sts_spool_put_mark(out, STS_SPOOL_BASE, &base);
	count = sts_counts_loose(w->counts, &rows);
	put_rows(out, STS_SPOOL_LOOSE, rows, count);
	count = sts_counts_held(w->counts, &rows);
	put_rows(out, STS_SPOOL_HELD, rows, count);
	if (w->spool->has_chunk)
		sts_spool_put_mark(out, STS_SPOOL_CHUNK, &w->spool->chunk);
	for (size_t i = 0; i < w->sending_count; i++)
		put_entry(out, &w->sending[i]);
	for (size_t i = 0; i < w->ring_count; i++)
		put_entry(out, &w->ring[(w->ring_first + i) % w->ring_cap]);
}

static enum sts_status
replace_locked(struct sts_writer *w)
{
	struct sts_writer_spool *sp = w->spool;
	enum sts_status status;

	sts_spool_put_version(&sp->bytes);
	put_batches(w, &sp->bytes);
	pthread_mutex_lock(&w->mutex);
	put_pending_locked(w, &sp->bytes);
	pthread_mutex_unlock(&w->mutex);
	status = sts_spool_replace(sp->file, &sp->bytes);
	sts_spool_bytes_fini(&sp->bytes);
	if (status == STS_OK)
		sp->base_size = sts_spool_size(sp->file);
	return status;
}

/* Worthwhile when the file has grown to a multiple; or when it is more than half full and would become smaller: after a flush almost
 * nothing is pending, and sums are smaller than messages. */
static bool
is_worth_it_locked(struct sts_writer *w)
{
	const struct sts_writer_spool *sp = w->spool;
	int64_t size = sts_spool_size(sp->file);
	bool healthy;

	if (size > TIDY_BYTES + 2 * sp->base_size)
		return true;
	if (size <= sp->limit / 2)
		return false;
	pthread_mutex_lock(&w->mutex);
	healthy = w->healthy;
	pthread_mutex_unlock(&w->mutex);
	return healthy || size - sp->base_size > sp->limit / 8;
}

void
sts_writer_spool_tidy(struct sts_writer *w, bool always)
{
	struct sts_writer_spool *sp = w->spool;

	if (sp == NULL || sp->given_up || sp->stuck)
		return;
	pthread_mutex_lock(&sp->file_mutex);
	if ((sp->off || always || is_worth_it_locked(w)) && replace_locked(w) == STS_OK)
		take_back_locked(sp);
	pthread_mutex_unlock(&sp->file_mutex);
}

bool
sts_writer_spool_is_on(struct sts_writer *w)
{
	struct sts_writer_spool *sp = w->spool;
	bool on;

	if (sp == NULL || sp->stuck)
		return false;
	pthread_mutex_lock(&sp->file_mutex);
	on = !sp->off;
	pthread_mutex_unlock(&sp->file_mutex);
	return on;
}

/* ---- recovery ---- */

/* Adds an entry to the ring. Returns 1 if it is of the chunk that was being sent, else 0. Those of the chunk come first. */
static size_t
restore_entry(struct sts_writer *w, const struct sts_spool_state *state, struct sts_stream_entry *entry)
{
	bool in_chunk = state->has_chunk && entry->index >= state->chunk.first && entry->index <= state->chunk.last;

	if (!sts_writer_push_locked(w, entry)) {
		free(entry->block);
		return 0;
	}
	return in_chunk;
}

/* Restores rows before messages, and entries in order. When out of memory, the rest stays in the file. */
static enum sts_status
restore(struct sts_writer *w, struct sts_spool_state *state)
{
	struct sts_mail_record *record;
	size_t in_chunk = 0;

	for (size_t i = 0; i < state->loose.count; i++)
		if (sts_counts_restore(w->counts, &state->loose.rows[i]) != STS_OK)
			return STS_ENOMEM;
	for (size_t i = 0; i < state->entry_count; i++) {
		in_chunk += restore_entry(w, state, &state->entries[i]);
		state->entries[i].block = NULL;
	}
	while ((record = state->messages) != NULL) {
		state->messages = record->next;
		if (sts_counts_add(w->counts, &record->message) != STS_OK) {
			free(record);
			return STS_ENOMEM;
		}
		if (record->entry.field_count > 0)
			in_chunk += restore_entry(w, state, &record->entry);
		else
			free(record);
	}
	w->spool->old = state->batches;
	state->batches = NULL;
	w->spooled = w->spool->index = state->last_index;
	if (in_chunk == 0 || in_chunk > SENDING_MAX)
		return STS_OK;
	w->chunk_count = in_chunk;
	w->spool->chunk = state->chunk;
	w->spool->has_chunk = true;
	sts_store_stream_resume(w->store, state->chunk.incarnation, state->chunk.sequence, in_chunk);
	return STS_OK;
}

static void
tell_restored(struct sts_writer *w, const char *directory)
{
	uint64_t messages;
	size_t rows, batches = 0;

	for (const struct sts_spool_batch *b = w->spool->old; b != NULL; b = b->next)
		batches++;
	sts_counts_pending(w->counts, &rows, &messages);
	if (batches > 0 || messages > 0 || rows > 0 || w->ring_count > 0)
		sts_info("spool_dir: %s holds, from before: %" PRIu64 " messages not counted yet, %zu batches being counted, %zu evidence entries",
		    directory, messages, batches, w->ring_count);
}

static enum sts_status
init_locks(struct sts_writer_spool *sp)
{
	pthread_condattr_t attr;
	int rc = pthread_condattr_init(&attr);

	if (rc == 0) {
		pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
		rc = pthread_mutex_init(&sp->mutex, NULL) != 0 || pthread_mutex_init(&sp->file_mutex, NULL) != 0 ||
		    pthread_cond_init(&sp->work, &attr) != 0 || pthread_cond_init(&sp->written, &attr) != 0;
		pthread_condattr_destroy(&attr);
	}
	return rc == 0 ? STS_OK : STS_ENOMEM;
}

enum sts_status
sts_writer_spool_open(struct sts_writer *w, const struct sts_writer_params *params)
{
	struct sts_spool_state state;
	char why[STS_SPOOL_WHY_CAP];
	enum sts_status status;

	if (params->spool_dir == NULL || params->spool_dir[0] == '\0')
		return STS_OK;
	if ((w->spool = calloc(1, sizeof(*w->spool))) == NULL || init_locks(w->spool) != STS_OK)
		return STS_ENOMEM;
	w->spool->end = &w->spool->first;
	w->spool->wait_ms = params->spool_wait_ms;
	w->spool->limit = params->spool_max;
	status = sts_spool_open(params->spool_dir, params->spool_max, &w->spool->file, &state, why);
	if (status != STS_OK) {
		sts_fatal("%s", why);
		return status;
	}
	if (!sts_spool_has_room(w->spool->file)) {
		sts_warn("spool_dir: there is no room to write in %s: the spool is not used, and what is in it stays for the next start",
		    params->spool_dir);
		w->spool->off = w->spool->given_up = true;
		sts_spool_state_fini(&state);
		return STS_OK;
	}
	status = restore(w, &state);
	sts_spool_state_fini(&state);
	if (status != STS_OK)
		return status;
	tell_restored(w, params->spool_dir);
	if (replace_locked(w) == STS_OK)
		return STS_OK;
	/* Nothing may be sent as long as the file says that it has not been. */
	sts_fatal("spool_dir: cannot write to %s: %s", params->spool_dir, strerror(errno));
	return STS_ESYS;
}

void
sts_writer_spool_free(struct sts_writer *w)
{
	struct sts_writer_spool *sp = w->spool;
	struct sts_spool_batch *old;

	if (sp == NULL)
		return;
	while ((old = sp->old) != NULL) {
		sp->old = old->next;
		sts_spool_batch_free(old);
	}
	sts_spool_close(&sp->file);
	sts_spool_bytes_fini(&sp->bytes);
	sts_spool_bytes_fini(&sp->held);
	pthread_cond_destroy(&sp->work);
	pthread_cond_destroy(&sp->written);
	pthread_mutex_destroy(&sp->mutex);
	pthread_mutex_destroy(&sp->file_mutex);
	free(sp);
	w->spool = NULL;
}

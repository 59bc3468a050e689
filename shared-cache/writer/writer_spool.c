/* SPDX-License-Identifier: ISC */
/* writer_spool.c - the thread that writes messages to the spool, and the mail path that waits for it. */
#include "config.h"

#include "shared-cache/writer/writer_spool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/runtime/thread.h"
#include "shared-cache/writer/writer_private.h"

enum { LAST_WRITE_MS = 1000 };	/* also when the end has no time */

/* ---- called by the mail path ---- */

static struct timespec
timespec_of(int64_t ms)
{
	return (struct timespec){ .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
}

/* Waits until the record with this number is written, or for as long as mail may be delayed. */
static void
wait_locked(struct sts_writer_spool *sp, uint64_t number)
{
	struct timespec until = timespec_of(sts_clock_mono_ms() + sp->wait_ms);

	while (sp->done < number && !sp->slow)
		if (pthread_cond_timedwait(&sp->written, &sp->mutex, &until) == ETIMEDOUT)
			sp->slow = sp->slow || sp->done < number;
	/* The others that wait may stop, too. */
	if (sp->slow)
		pthread_cond_broadcast(&sp->written);
	sp->late += sp->done < number;
}

bool
sts_writer_spool_take(struct sts_writer *w, struct sts_mail_record *record)
{
	struct sts_writer_spool *sp = w->spool;
	bool taken;

	pthread_mutex_lock(&sp->mutex);
	taken = sp->running && !sp->stopping && sp->count < SPOOL_QUEUE_MAX;
	if (taken) {
		record->next = NULL;
		*sp->end = record;
		sp->end = &record->next;
		sp->count++;
		sp->given++;
		pthread_cond_signal(&sp->work);
		wait_locked(sp, sp->given);
	} else
		sp->missed++;
	pthread_mutex_unlock(&sp->mutex);
	return taken;
}

/* ---- the thread ---- */

/* Takes all that has come; NULL: the end. */
static struct sts_mail_record *
wait_for_work(struct sts_writer_spool *sp, uint64_t *number)
{
	struct sts_mail_record *records;

	pthread_mutex_lock(&sp->mutex);
	while (sp->first == NULL && !sp->stopping)
		pthread_cond_wait(&sp->work, &sp->mutex);
	records = sp->first;
	sp->first = NULL;
	sp->end = &sp->first;
	sp->count = 0;
	*number = sp->given;
	pthread_mutex_unlock(&sp->mutex);
	return records;
}

/* Evidence that does not fit the ring would be dropped later: it need not go into the file. Returns the number of records. */
static size_t
drop_excess(struct sts_writer *w, struct sts_mail_record *records)
{
	size_t room, dropped = 0, count = 0;

	pthread_mutex_lock(&w->mutex);
	room = w->ring_cap - w->ring_count;
	for (struct sts_mail_record *r = records; r != NULL; r = r->next) {
		count++;
		if (r->entry.field_count == 0)
			continue;
		if (room > 0) {
			room--;
			continue;
		}
		r->entry.field_count = 0;
		dropped++;
	}
	w->dropped_stream += dropped;
	pthread_mutex_unlock(&w->mutex);
	return count;
}

static void
tell_full(struct sts_writer_spool *sp, enum sts_status status)
{
	if (status == STS_OK) {
		if (sp->full_told)
			sts_info("spool_dir: messages are written to the spool again");
		sp->full_told = false;
		return;
	}
	if (!sp->full_told)
		sts_warn("spool_dir: messages are not in the spool for now (%s): mail goes on, and if this process is killed before they are "
		    "in Redis, they are not counted", status == STS_EFULL ? "it has reached spool_max" : strerror(errno));
	sp->full_told = true;
}

static bool
write_records(struct sts_writer_spool *sp, struct sts_mail_record *records)
{
	enum sts_status status;
	uint64_t index = sp->index;

	for (struct sts_mail_record *r = records; r != NULL; r = r->next)
		sts_spool_put_message(&sp->bytes, ++index, r);
	status = sts_spool_append(sp->file, &sp->bytes, true);
	tell_full(sp, status);
	if (status == STS_OK)
		sp->index = index;
	sts_spool_bytes_fini(&sp->bytes);
	return status == STS_OK;
}

/* Writes records to the file, then adds them to the sums. Holds the file's lock for both, so that its holders see them agree. */
static bool
write_and_count(struct sts_writer *w, struct sts_mail_record *records)
{
	struct sts_writer_spool *sp = w->spool;
	struct sts_mail_record *next;
	uint64_t index;
	bool written;

	pthread_mutex_lock(&sp->file_mutex);
	index = sp->index;
	written = !sp->off && write_records(sp, records);
	pthread_mutex_lock(&w->mutex);
	for (struct sts_mail_record *r = records; r != NULL; r = next) {
		next = r->next;
		r->entry.index = written ? ++index : 0;
		sts_writer_count_record_locked(w, r);
	}
	if (written)
		w->spooled = index;
	pthread_mutex_unlock(&w->mutex);
	pthread_mutex_unlock(&sp->file_mutex);
	return written;
}

static void
tell_done(struct sts_writer_spool *sp, uint64_t number, size_t kept, size_t missed)
{
	pthread_mutex_lock(&sp->mutex);
	sp->done = number;
	sp->slow = false;
	sp->kept += kept;
	sp->missed += missed;
	pthread_cond_broadcast(&sp->written);
	pthread_mutex_unlock(&sp->mutex);
}

static void *
thread_main(void *arg)
{
	struct sts_writer *w = arg;
	struct sts_mail_record *records;
	uint64_t number;
	size_t count;
	bool written;

	while ((records = wait_for_work(w->spool, &number)) != NULL) {
		count = drop_excess(w, records);
		written = write_and_count(w, records);
		tell_done(w->spool, number, written ? count : 0, written ? 0 : count);
		if (sts_writer_is_urgent(w))
			pthread_cond_signal(&w->wake);
	}
	return NULL;
}

/* ---- life ---- */

enum sts_status
sts_writer_spool_start(struct sts_writer *w)
{
	enum sts_status status;

	if (w->spool == NULL || w->spool->given_up)
		return STS_OK;
	status = sts_thread_start("sts-spool", thread_main, w, &w->spool->pthread);
	pthread_mutex_lock(&w->spool->mutex);
	w->spool->running = status == STS_OK;
	pthread_mutex_unlock(&w->spool->mutex);
	return status;
}

void
sts_writer_spool_end(struct sts_writer *w, int64_t timeout_ms)
{
	struct sts_writer_spool *sp = w->spool;

	if (sp == NULL || !sp->running)
		return;
	pthread_mutex_lock(&sp->mutex);
	sp->stopping = true;
	pthread_cond_signal(&sp->work);
	pthread_mutex_unlock(&sp->mutex);
	sp->stuck = !sts_thread_join(sp->pthread, timeout_ms + LAST_WRITE_MS);
	if (sp->stuck)
		sts_warn("spool_dir: the disk does not answer: continuing without the spool");
}

void
sts_writer_spool_state(struct sts_writer *w, struct sts_writer_state *out)
{
	struct sts_writer_spool *sp = w->spool;

	if (sp == NULL)
		return;
	pthread_mutex_lock(&sp->mutex);
	out->spool_messages = sp->kept;
	out->spool_late = sp->late;
	out->spool_missed = sp->missed;
	pthread_mutex_unlock(&sp->mutex);
	out->spool_bytes = (uint64_t)sts_spool_size(sp->file);
}

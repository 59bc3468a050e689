/* SPDX-License-Identifier: ISC */
/*
 * writer_private.h - the writer, as its files share it:
 *
 *   writer.c              start and end, the thread's loop, and the functions for the mail path
 *   writer_flush.c        what the thread does in a turn
 *   writer_spool.c        writes single messages to the spool (writer_spool.h)
 *   writer_spool_batch.c  writes batches and snapshots to the spool, and recovers its contents at the start
 *   heap_trim.c           when to give memory back (heap_trim.h)
 *   evidence_arena.c      memory of evidence that has to wait (evidence_arena.h)
 */
#ifndef STS_WRITER_WRITER_PRIVATE_H
#define STS_WRITER_WRITER_PRIVATE_H

#include <pthread.h>

#include "shared-cache/ledger/mail_record_queue.h"
#include "shared-cache/writer/evidence_arena.h"
#include "shared-cache/writer/writer.h"
#include "shared-cache/writer/heap_trim.h"

enum { SENDING_MAX = 200 };	/* entries passed to the store at a time */

/* How much of one kind of loss has been logged. */
struct sts_writer_loss {
	uint64_t told;
	int64_t next_ms;	/* no log line before this time */
};

struct sts_writer {
	/* constant */
	int64_t flush_interval_ms, heartbeat_interval_ms;
	int64_t started;
	size_t ring_cap;
	/* of the thread only */
	struct sts_store *store;
	const struct sts_counts_batch *batch;	/* frozen, or NULL */
	size_t applied_rows;			/* rows of batch that have been applied */
	struct sts_stream_entry sending[SENDING_MAX];
	size_t sending_count;
	size_t chunk_count;			/* the first of these belong together, and have been tried; 0: none have */
	void (*fill_heartbeat)(void *arg, struct sts_store_heartbeat *heartbeat);
	void *heartbeat_arg;
	int64_t heartbeat_at_ms;		/* when the next heartbeat is due */
	struct sts_heap_trim heap_trim;
	struct sts_mail_record_queue queue;			/* any thread */
	/* of the caller of start and stop */
	pthread_t pthread;

	struct sts_writer_spool *spool;		/* NULL: none; has its own locks */

	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t wake;
	struct sts_counts *counts;
	struct sts_stream_entry *ring;
	size_t ring_first, ring_count;
	struct sts_evidence_arena arena;	/* memory of the ring's later entries */
	uint64_t folded_before;		/* value when the last batch was written */
	int64_t turn_ms;		/* when the thread last did something */
	uint64_t spooled;		/* number of the last message in the sums that is also in the spool */
	int64_t stop_by_ms;
	uint64_t dropped_stream, batches, retried;
	uint64_t uncounted;		/* messages not counted, for lack of memory */
	struct sts_writer_loss uncounted_told, dropped_told, folded_told;
	bool healthy;			/* the last flush succeeded */
	bool store_up;
	bool flush_asked;
	bool heartbeat_asked;
	bool stopping;
	/* also of the caller of start and stop */
	bool running, ended;
};

/* ---- writer.c ---- */

/* Takes the oldest entry off the ring, which must not be empty. */
void sts_writer_pop_locked(struct sts_writer *w, struct sts_stream_entry *out);
/* Moves records from the queue to the sums and the ring. */
void sts_writer_sum_up_locked(struct sts_writer *w);
void sts_writer_sum_up(struct sts_writer *w);
/* Adds one record to the sums and the ring; takes it over. */
void sts_writer_count_record_locked(struct sts_writer *w, struct sts_mail_record *record);
/* False: there is no room; the entry is counted as dropped, and still the caller's. */
bool sts_writer_push_locked(struct sts_writer *w, const struct sts_stream_entry *entry);
/* Whether there is so much that the thread should not wait for the interval. */
bool sts_writer_is_urgent(struct sts_writer *w);

/* ---- writer_flush.c; called on the thread ---- */

/* Writes counters, then evidence. */
enum sts_status sts_writer_flush(struct sts_writer *w);
/* Sends a heartbeat if one is due. */
void sts_writer_send_heartbeat(struct sts_writer *w);
/* Notes that the thread is at work, for sts_writer_state. */
void sts_writer_note_turn(struct sts_writer *w);
/* now_ms: of the monotonic clock; INT64_MAX logs everything that has not been logged. */
void sts_writer_log_losses(struct sts_writer *w, int64_t now_ms);
/* Gives memory back to the system after an outage. */
void sts_writer_trim_heap(struct sts_writer *w);
/* To be called after the thread has ended. */
void sts_writer_log_unwritten(struct sts_writer *w);
void sts_writer_drop_sent(struct sts_writer *w, size_t count);
/* Whether the time limit of the end has passed. */
bool sts_writer_is_time_up(struct sts_writer *w);

#endif

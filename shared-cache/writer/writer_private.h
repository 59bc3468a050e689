/* SPDX-License-Identifier: ISC */
/*
 * writer_private.h - the writer as its files share it:
 *
 *   writer.c        its life, its thread, and what the mail path calls
 *   writer_flush.c  what the thread does in a turn
 *   writer_spool.c  messages on their way into the spool (writer_spool.h)
 *   writer_spool_batch.c  what else goes into the spool, and what comes out of it
 *   heap_trim.c     when memory is given back (heap_trim.h)
 *   evidence_arena.c  what evidence lies in that waits for long (evidence_arena.h)
 */
#ifndef STS_WRITER_WRITER_PRIVATE_H
#define STS_WRITER_WRITER_PRIVATE_H

#include <pthread.h>

#include "shared-cache/ledger/mail_record_queue.h"
#include "shared-cache/writer/evidence_arena.h"
#include "shared-cache/writer/writer.h"
#include "shared-cache/writer/heap_trim.h"

enum { SENDING_MAX = 200 };	/* entries handed to the store at a time */

/* What the log knows of one kind of loss. */
struct sts_writer_loss {
	uint64_t told;
	int64_t next_ms;	/* nothing more before this */
};

struct sts_writer {
	/* fixed */
	int64_t flush_interval_ms, heartbeat_interval_ms;
	int64_t started;
	size_t ring_cap;
	/* the thread's alone */
	struct sts_store *store;
	const struct sts_counts_batch *batch;	/* frozen, or NULL */
	size_t applied_rows;			/* of batch */
	struct sts_stream_entry sending[SENDING_MAX];
	size_t sending_count;
	size_t chunk_count;			/* of these, the first so many go together, and have been tried; 0: none have */
	void (*fill_heartbeat)(void *arg, struct sts_store_heartbeat *heartbeat);
	void *heartbeat_arg;
	int64_t heartbeat_at_ms;		/* when the next heartbeat is due */
	struct sts_heap_trim heap_trim;
	struct sts_mail_record_queue queue;			/* any thread's */
	/* the caller's of start and stop */
	pthread_t pthread;

	struct sts_writer_spool *spool;		/* NULL: there is none; has locks of its own */

	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t wake;
	struct sts_counts *counts;
	struct sts_stream_entry *ring;
	size_t ring_first, ring_count;
	struct sts_evidence_arena arena;	/* of the ring's later entries */
	uint64_t folded_before;		/* when a batch was last written */
	int64_t turn_ms;		/* when the thread last did something */
	uint64_t spooled;		/* number of the last message in the sums that is in the spool */
	int64_t stop_by_ms;
	uint64_t dropped_stream, batches, retried;
	uint64_t uncounted;		/* messages for which there was no memory */
	struct sts_writer_loss uncounted_told, dropped_told, folded_told;
	bool healthy;			/* the last flush went well */
	bool store_up;
	bool flush_asked;
	bool heartbeat_asked;
	bool stopping;
	/* the caller's of start and stop again */
	bool running, ended;
};

/* ---- writer.c ---- */

/* The oldest entry of the ring, which is not empty. */
void sts_writer_pop_locked(struct sts_writer *w, struct sts_stream_entry *out);
/* Records from the inbox into the sums and the ring. */
void sts_writer_sum_up_locked(struct sts_writer *w);
void sts_writer_sum_up(struct sts_writer *w);
/* One record into the sums and the ring; takes it over. */
void sts_writer_count_record_locked(struct sts_writer *w, struct sts_mail_record *record);
/* False: there is no room; it is counted as dropped, and is still the caller's. */
bool sts_writer_push_locked(struct sts_writer *w, const struct sts_stream_entry *entry);
/* Whether the thread should not wait for the interval. */
bool sts_writer_is_pressing(struct sts_writer *w);

/* ---- writer_flush.c; the thread's ---- */

/* Counters, then evidence. */
enum sts_status sts_writer_flush(struct sts_writer *w);
/* If one is due. */
void sts_writer_send_heartbeat(struct sts_writer *w);
/* For those who look whether it is at work. */
void sts_writer_note_turn(struct sts_writer *w);
/* now_ms: of the monotonic clock; INT64_MAX tells all that has not been told. */
void sts_writer_tell_losses(struct sts_writer *w, int64_t now_ms);
/* Gives memory back to the system when an outage is over. */
void sts_writer_trim_heap(struct sts_writer *w);
/* After the thread has ended. */
void sts_writer_tell_unwritten(struct sts_writer *w);
void sts_writer_drop_sent(struct sts_writer *w, size_t count);
/* Whether an end that was asked for is late. */
bool sts_writer_is_time_up(struct sts_writer *w);

#endif

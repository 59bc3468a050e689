/* SPDX-License-Identifier: ISC */
/*
 * writer_spool.h - the writer's side of the spool (spool.h), for writer*.c alone.
 *
 * A thread of its own writes messages to the file, all that wait with one write(2), and sums them up afterwards; so whatever is
 * in the sums is in the file, or is known not to be. Whoever brings a message waits until it is written, for a bounded time; if the
 * disk is slower than that, nobody waits until it has caught up. What the writer's own thread puts into the file
 * (batches, what is done) it puts there itself.
 * Locks: the file's, then the writer's; never the other way round. Nobody of the mail path takes the file's.
 */
#ifndef STS_WRITER_WRITER_SPOOL_H
#define STS_WRITER_WRITER_SPOOL_H

#include <pthread.h>
#include <stdatomic.h>

#include "shared-cache/spool/spool.h"
#include "shared-cache/writer/writer.h"

enum { SPOOL_QUEUE_MAX = 4096 };

struct sts_writer_spool {
	struct sts_spool *file;			/* guarded by file_mutex, but for its size */
	pthread_t pthread;
	int64_t wait_ms, limit;			/* fixed */
	atomic_bool stuck;			/* of the end */

	pthread_mutex_t mutex;			/* guards up to the next one */
	pthread_cond_t work, written;
	struct sts_mail_record *first, **end;	/* not written yet */
	size_t count;
	uint64_t given, done;			/* messages that came; that are written, or will not be */
	bool running, slow, stopping;
	uint64_t kept, late, missed;		/* messages that are in the file; that were not waited for; that are not in it */

	pthread_mutex_t file_mutex;		/* guards the rest */
	uint64_t index;				/* of the last message in the file */
	int64_t base_size;			/* of the file when it was last replaced */
	bool off;				/* nothing is in the file, nor goes into it */
	bool given_up;				/* nor ever will */
	bool full_told, off_told;
	struct sts_spool_bytes bytes;		/* for records; empty between uses */
	/* the writer's thread's */
	struct sts_spool_batch *old;		/* batches of earlier processes, to be sent first */
	struct sts_counts_batch old_batch;	/* the first of them, as the store wants it */
	struct sts_spool_mark mark;		/* of the batch that is being sent */
	struct sts_spool_mark chunk;		/* of the entries that are */
	bool has_chunk;
	struct sts_spool_bytes held;		/* records of what was held when it was frozen */
};

/* Takes the directory and puts what it holds into the writer, which has no thread yet. Logs why not. */
enum sts_status sts_writer_spool_open(struct sts_writer *w, const struct sts_writer_params *params);
enum sts_status sts_writer_spool_start(struct sts_writer *w);
/* What has come is written, or given up after timeout_ms; nothing more is taken. */
void sts_writer_spool_end(struct sts_writer *w, int64_t timeout_ms);
void sts_writer_spool_free(struct sts_writer *w);

/* Any thread: takes the record over, and waits for it to be written. False: it has not been taken. */
bool sts_writer_spool_take(struct sts_writer *w, struct sts_mail_record *record);
void sts_writer_spool_state(struct sts_writer *w, struct sts_writer_state *out);

/* ---- the writer's thread ---- */

/* A batch of an earlier process; NULL when there is none (any more). */
const struct sts_counts_batch *sts_writer_spool_old_batch(struct sts_writer *w);
/* Whether the batch that is being sent is one. */
bool sts_writer_spool_is_old(const struct sts_writer *w);
/* A batch has just been frozen, with the writer's lock held: notes what is in it. */
void sts_writer_spool_frozen_locked(struct sts_writer *w);
/* It goes into the file, before anything of it is sent. */
void sts_writer_spool_batch(struct sts_writer *w);
/* The batch being sent is in Redis. True: it was an earlier process's, and is forgotten. */
bool sts_writer_spool_batch_done(struct sts_writer *w);
/* count entries are sent next, under the number that the store says; then: they are in the stream, or will not be. */
void sts_writer_spool_chunk(struct sts_writer *w, size_t count);
void sts_writer_spool_chunk_done(struct sts_writer *w);
/* Makes the file small again where that is worth it, or takes it up again where it had to be given up; always: whatever it is worth. */
void sts_writer_spool_tidy(struct sts_writer *w, bool always);
/* Whether what is pending is there for the next process. */
bool sts_writer_spool_keeps(struct sts_writer *w);

#endif

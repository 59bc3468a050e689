/* SPDX-License-Identifier: ISC */
/*
 * writer_spool.h - the writer's side of the spool (spool.h), for writer*.c only.
 *
 * A thread of its own writes messages to the file, all that wait with one write(2), and adds them to the sums afterwards; so every
 * message in the sums is in the file, or is known not to be. The mail path waits until its message is written, for a bounded time; if
 * the disk is slower than that, nobody waits until it has caught up. Batches and what is done are written to the file by the writer's
 * own thread.
 * Lock order: the file's, then the writer's. The mail path never takes the file's.
 */
#ifndef STS_WRITER_WRITER_SPOOL_H
#define STS_WRITER_WRITER_SPOOL_H

#include <pthread.h>
#include <stdatomic.h>

#include "shared-cache/spool/spool.h"
#include "shared-cache/writer/writer.h"

enum { SPOOL_QUEUE_MAX = 4096 };

struct sts_writer_spool {
	struct sts_spool *file;			/* guarded by file_mutex, except for its size */
	pthread_t pthread;
	int64_t wait_ms, limit;			/* constant */
	atomic_bool stuck;			/* at the end, the thread hung */

	pthread_mutex_t mutex;			/* guards the fields up to file_mutex */
	pthread_cond_t work, written;
	struct sts_mail_record *first, **end;	/* not written yet */
	size_t count;
	uint64_t given, done;			/* numbers of messages: accepted; written or given up */
	bool running, slow, stopping;
	uint64_t kept, late, missed;		/* messages in the file; not waited for; not in the file */

	pthread_mutex_t file_mutex;		/* guards the rest */
	uint64_t index;				/* number of the last message in the file */
	int64_t base_size;			/* size when the file was last replaced */
	bool off;				/* the file is empty, and nothing is written to it */
	bool given_up;				/* and never will be again */
	bool full_told, off_told;
	struct sts_spool_bytes bytes;		/* for encoding; empty between uses */
	/* of the writer's thread */
	struct sts_spool_batch *old;		/* batches of earlier processes, to be sent first */
	struct sts_counts_batch old_batch;	/* the first of them, in the store's form */
	struct sts_spool_mark mark;		/* of the batch being sent */
	struct sts_spool_mark chunk;		/* of the entries being sent */
	bool has_chunk;
	struct sts_spool_bytes held;		/* encoded rows of the messages that were held when the batch was frozen */
};

/* Opens the directory, and puts its contents into the writer, whose thread has not started. Logs errors. */
enum sts_status sts_writer_spool_open(struct sts_writer *w, const struct sts_writer_params *params);
enum sts_status sts_writer_spool_start(struct sts_writer *w);
/* Writes what has been accepted, or gives up after timeout_ms; accepts nothing more. */
void sts_writer_spool_end(struct sts_writer *w, int64_t timeout_ms);
void sts_writer_spool_free(struct sts_writer *w);

/* Any thread: takes over the record, and waits until it is written. False: it is still the caller's. */
bool sts_writer_spool_take(struct sts_writer *w, struct sts_mail_record *record);
void sts_writer_spool_state(struct sts_writer *w, struct sts_writer_state *out);

/* ---- the writer's thread ---- */

/* The next batch of an earlier process; NULL when there is none (left). */
const struct sts_counts_batch *sts_writer_spool_old_batch(struct sts_writer *w);
/* Whether the batch being sent is one of those. */
bool sts_writer_spool_is_old(const struct sts_writer *w);
/* Called after a batch has been frozen, with the writer's lock held: notes what is in it. */
void sts_writer_spool_frozen_locked(struct sts_writer *w);
/* Writes the batch to the file; must come before anything of it is sent. */
void sts_writer_spool_batch(struct sts_writer *w);
/* The batch being sent is in Redis. True: it was an earlier process's, and is removed. */
bool sts_writer_spool_batch_done(struct sts_writer *w);
/* Before count entries are sent under the number that the store gives; and after: they are in the stream, or never will be. */
void sts_writer_spool_chunk(struct sts_writer *w, size_t count);
void sts_writer_spool_chunk_done(struct sts_writer *w);
/* Replaces the file by a small one if that is worthwhile, or resumes writing to it after a failure. always: even if not worthwhile. */
void sts_writer_spool_tidy(struct sts_writer *w, bool always);
/* Whether the file has what is pending, for the next process. */
bool sts_writer_spool_is_on(struct sts_writer *w);

#endif

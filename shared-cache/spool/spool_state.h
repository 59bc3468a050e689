/* SPDX-License-Identifier: ISC */
/*
 * spool_state.h - reads from a spool's file what is not in Redis yet.
 *
 *   file    = VERSION snapshot? change*
 *   snapshot= (BATCH ROW* COMPLETE)* BASE LOOSE* HELD* (CHUNK? ENTRY*)
 *   change  = MESSAGE | BATCH ROW* HELD* COMPLETE | DONE | CHUNK | CHUNK_DONE
 *
 * A message is pending until a batch with it is COMPLETE, a batch until it is DONE. A batch is sent only after its COMPLETE
 * is in the file: so whatever may be in Redis under a number keeps that number for ever. Damaged records are
 * skipped; messages before the damage that are in no batch after it are left out, because the lost record may have been the one
 * that says that they are in Redis. Nothing is ever counted twice.
 * Pure. One thread.
 */
#ifndef STS_SPOOL_SPOOL_STATE_H
#define STS_SPOOL_SPOOL_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/spool/spool_record.h"

/* A growing array of rows. Initialise to zero. Owns the rows' fields. */
struct sts_spool_rows {
	struct sts_counts_row *rows;
	size_t count, cap;
};

/* A batch of an earlier process, to be sent under its old number. */
struct sts_spool_batch {
	struct sts_spool_batch *next;
	struct sts_spool_mark mark;
	struct sts_spool_rows rows;
};
void sts_spool_batch_free(struct sts_spool_batch *batch);

struct sts_spool_state {
	uint64_t last_index;			/* of all messages ever seen in the file */
	struct sts_spool_batch *batches;	/* oldest first */
	struct sts_spool_rows loose;		/* in no batch; the held messages of strangers are among them, under `other' */
	struct sts_mail_record *messages;	/* in no batch; oldest first */
	struct sts_stream_entry *entries;	/* of messages that are in a batch; older than those of `messages' */
	size_t entry_count, entry_cap;
	bool has_chunk;				/* the entries in `chunk' were being sent */
	struct sts_spool_mark chunk;
	size_t message_count;
	size_t torn, damages;			/* bytes cut off at the end; number of unsound places */
	size_t left_out;			/* number of messages, see above */
};

/* STS_ENOMEM: *out is empty. An empty file is an empty state. */
enum sts_status sts_spool_state_read(const unsigned char *bytes, size_t len, struct sts_spool_state *out);
/* Frees all that the caller has not taken out. */
void sts_spool_state_fini(struct sts_spool_state *state);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * spool_state.h - what a spool's file says is not in Redis yet.
 *
 *   file    = VERSION snapshot? change*
 *   snapshot= (BATCH ROW* COMPLETE)* BASE LOOSE* HELD* (CHUNK? ENTRY*)
 *   change  = MESSAGE | BATCH ROW* HELD* COMPLETE | DONE | CHUNK | CHUNK_DONE
 *
 * A message is pending until a batch that has it is COMPLETE; a batch until it is DONE. A batch is sent only after its COMPLETE
 * is in the file, so that what may be in Redis under a number is known by that number for ever after. Damaged records are
 * skipped; messages that stand before a damage, and in no batch behind it, are left out: the lost record may have been the one
 * that says that they are in Redis. Nothing is ever counted twice.
 * Pure. One thread's.
 */
#ifndef STS_SPOOL_SPOOL_STATE_H
#define STS_SPOOL_SPOOL_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/spool/spool_record.h"

/* Rows that grow. Zeroed: empty. Owns the rows' fields. */
struct sts_spool_rows {
	struct sts_counts_row *rows;
	size_t count, cap;
};

/* A batch of an earlier process: to be sent under the same number. */
struct sts_spool_batch {
	struct sts_spool_batch *next;
	struct sts_spool_mark mark;
	struct sts_spool_rows rows;
};
void sts_spool_batch_free(struct sts_spool_batch *batch);

struct sts_spool_state {
	uint64_t last_index;			/* of all messages ever seen in it */
	struct sts_spool_batch *batches;	/* the oldest first */
	struct sts_spool_rows loose;		/* in no batch; `other' of strangers that were held among them */
	struct sts_mail_record *messages;	/* in no batch, the oldest first */
	struct sts_stream_entry *entries;	/* of messages that are in one; before those of `messages' */
	size_t entry_count, entry_cap;
	bool has_chunk;				/* these were being sent */
	struct sts_spool_mark chunk;
	size_t message_count;
	size_t torn, damages;			/* bytes cut off at the end; places where a record was not sound */
	size_t left_out;			/* messages, see above */
};

/* STS_ENOMEM: nothing is in *out. An empty file is an empty state. */
enum sts_status sts_spool_state_read(const unsigned char *bytes, size_t len, struct sts_spool_state *out);
/* Frees what has not been taken out. */
void sts_spool_state_fini(struct sts_spool_state *state);

#endif

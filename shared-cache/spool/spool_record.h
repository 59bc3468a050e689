/* SPDX-License-Identifier: ISC */
/*
 * spool_record.h - encodes and decodes the records of the spool's file.
 *
 * A record is a frame of 16 bytes and its data. The frame has length, kind, and the XXH3-64 of those and of the data. Numbers are
 * little-endian. A text is its length in two bytes, and its bytes. Somebody who can write to the file could as well write to Redis;
 * even so, reading any file is safe: it is bounded, and yields only what a writer could have written.
 * Pure. Any thread.
 */
#ifndef STS_SPOOL_SPOOL_RECORD_H
#define STS_SPOOL_SPOOL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/ledger/counts.h"
#include "shared-cache/ledger/mail_record.h"

enum { STS_SPOOL_FRAME = 16, STS_SPOOL_RECORD_MAX = 1024 * 1024, STS_SPOOL_ID_CAP = 33 };

enum sts_spool_kind {
	STS_SPOOL_VERSION = 'V',	/* the first record of a file */
	STS_SPOOL_MESSAGE = 'M',	/* one message: its counters and its evidence entry */
	STS_SPOOL_BATCH = 'B',		/* a batch follows... */
	STS_SPOOL_ROW = 'R',		/* ... a row of it... */
	STS_SPOOL_HELD = 'K',		/* ... the held messages of strangers, as rows... */
	STS_SPOOL_COMPLETE = 'C',	/* ... and it is complete, and may be sent */
	STS_SPOOL_DONE = 'D',		/* a batch is in Redis */
	STS_SPOOL_BASE = 'S',		/* messages up to a number are in the records before it, and in the loose and held rows after it */
	STS_SPOOL_LOOSE = 'L',		/* a row that is in no batch */
	STS_SPOOL_ENTRY = 'X',		/* the evidence entry of such a message */
	STS_SPOOL_CHUNK = 'T',		/* entries that are sent together, under one number */
	STS_SPOOL_CHUNK_DONE = 'U',	/* they are in the stream */
};

/* A growing buffer. Initialise to zero. failed: memory ran out for a part of it. */
struct sts_spool_bytes {
	unsigned char *data;
	size_t len, cap;
	bool failed;
};
void sts_spool_bytes_fini(struct sts_spool_bytes *bytes);

/* Identifies a batch or a chunk. */
struct sts_spool_mark {
	char incarnation[STS_SPOOL_ID_CAP];	/* 32 hex digits */
	uint64_t sequence;
	uint64_t first, last;	/* numbers of messages; of a batch: all up to `last' are in it or in an earlier one */
};

/* ---- writing: each appends one record ---- */

void sts_spool_put_version(struct sts_spool_bytes *out);
void sts_spool_put_message(struct sts_spool_bytes *out, uint64_t index, const struct sts_mail_record *record);
/* Leaves out fields with numbers of 0 or below. */
void sts_spool_put_row(struct sts_spool_bytes *out, enum sts_spool_kind kind, const struct sts_counts_row *row);
void sts_spool_put_entry(struct sts_spool_bytes *out, const struct sts_stream_entry *entry);
void sts_spool_put_mark(struct sts_spool_bytes *out, enum sts_spool_kind kind, const struct sts_spool_mark *mark);

/* Appends records that have been encoded elsewhere. */
void sts_spool_put_raw(struct sts_spool_bytes *out, const struct sts_spool_bytes *records);

/* ---- reading ---- */

struct sts_spool_frame {
	enum sts_spool_kind kind;
	const unsigned char *data;
	size_t len;
};
enum sts_spool_next { STS_SPOOL_FOUND, STS_SPOOL_END, STS_SPOOL_TORN, STS_SPOOL_DAMAGED };
/* Finds the record at *at, and moves *at past it. TORN: the last record is incomplete. DAMAGED: there is no valid record; *at is then
 * where the next one is, or the end. */
enum sts_spool_next sts_spool_next(const unsigned char *bytes, size_t len, size_t *at, struct sts_spool_frame *out);

bool sts_spool_is_version(const struct sts_spool_frame *frame);
/* False: not what a writer writes, or out of memory (*no_memory). The results are released with free(): the record; the fields
 * of a row, with their texts in the same block; the block of an entry. */
bool sts_spool_get_message(const struct sts_spool_frame *frame, bool *no_memory, struct sts_mail_record **out);
bool sts_spool_get_row(const struct sts_spool_frame *frame, bool *no_memory, struct sts_counts_row *out);
bool sts_spool_get_entry(const struct sts_spool_frame *frame, bool *no_memory, struct sts_stream_entry *out);
bool sts_spool_get_mark(const struct sts_spool_frame *frame, struct sts_spool_mark *out);
/* Decodes only the number of a message or an entry. */
bool sts_spool_get_index(const struct sts_spool_frame *frame, uint64_t *out);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * spool_record.h - the records of the spool's file, as bytes.
 *
 * A record is a frame of 16 bytes and what is in it: length, kind, and XXH3-64 of these and of what is in it. Numbers are
 * little-endian. A text is its length in two bytes and its bytes. Whoever can write to the file could as well write to Redis;
 * but whatever is in it, reading it is safe: bounded, and what comes out is what a writer could have put in.
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
	STS_SPOOL_MESSAGE = 'M',	/* one message: its counters, its entry */
	STS_SPOOL_BATCH = 'B',		/* what follows is a batch... */
	STS_SPOOL_ROW = 'R',		/* ... a row of it... */
	STS_SPOOL_HELD = 'K',		/* ... what is held of strangers' messages, as rows... */
	STS_SPOOL_COMPLETE = 'C',	/* ... and it is all there, and may be sent */
	STS_SPOOL_DONE = 'D',		/* a batch is in Redis */
	STS_SPOOL_BASE = 'S',		/* messages up to a number are in what stands before and in the loose and held rows that follow */
	STS_SPOOL_LOOSE = 'L',		/* a row that is in no batch */
	STS_SPOOL_ENTRY = 'X',		/* an entry of such a message */
	STS_SPOOL_CHUNK = 'T',		/* entries that are sent together, under a number */
	STS_SPOOL_CHUNK_DONE = 'U',	/* they are in the stream */
};

/* Bytes that grow. Zeroed: empty. failed: there was no memory for some of it. */
struct sts_spool_bytes {
	unsigned char *data;
	size_t len, cap;
	bool failed;
};
void sts_spool_bytes_fini(struct sts_spool_bytes *bytes);

/* Which batch, or chunk. */
struct sts_spool_mark {
	char incarnation[STS_SPOOL_ID_CAP];	/* 32 hex digits */
	uint64_t sequence;
	uint64_t first, last;	/* numbers of messages; a batch: all up to `last' are in it, or in one before */
};

/* ---- writing: each appends one record ---- */

void sts_spool_put_version(struct sts_spool_bytes *out);
void sts_spool_put_message(struct sts_spool_bytes *out, uint64_t index, const struct sts_mail_record *record);
/* Without the fields that are not above 0. */
void sts_spool_put_row(struct sts_spool_bytes *out, enum sts_spool_kind kind, const struct sts_counts_row *row);
void sts_spool_put_entry(struct sts_spool_bytes *out, const struct sts_stream_entry *entry);
void sts_spool_put_mark(struct sts_spool_bytes *out, enum sts_spool_kind kind, const struct sts_spool_mark *mark);

/* Records that were put together elsewhere. */
void sts_spool_put_raw(struct sts_spool_bytes *out, const struct sts_spool_bytes *records);

/* ---- reading ---- */

struct sts_spool_frame {
	enum sts_spool_kind kind;
	const unsigned char *data;
	size_t len;
};
enum sts_spool_next { STS_SPOOL_FOUND, STS_SPOOL_END, STS_SPOOL_TORN, STS_SPOOL_DAMAGED };
/* The record at *at, which is moved past it. TORN: the last record is not all there. DAMAGED: what is there is no record; *at is then
 * where the next one is, or the end. */
enum sts_spool_next sts_spool_next(const unsigned char *bytes, size_t len, size_t *at, struct sts_spool_frame *out);

bool sts_spool_is_version(const struct sts_spool_frame *frame);
/* False: nothing that a writer writes, or no memory (*no_memory). What is given out is freed with free(): the record; the fields
 * of a row, whose texts are in the same memory; the block of an entry. */
bool sts_spool_get_message(const struct sts_spool_frame *frame, bool *no_memory, struct sts_mail_record **out);
bool sts_spool_get_row(const struct sts_spool_frame *frame, bool *no_memory, struct sts_counts_row *out);
bool sts_spool_get_entry(const struct sts_spool_frame *frame, bool *no_memory, struct sts_stream_entry *out);
bool sts_spool_get_mark(const struct sts_spool_frame *frame, struct sts_spool_mark *out);
/* The number of a message or an entry, without the rest. */
bool sts_spool_get_index(const struct sts_spool_frame *frame, uint64_t *out);

#endif

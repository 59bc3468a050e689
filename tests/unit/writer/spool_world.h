/* SPDX-License-Identifier: ISC */
/*
 * spool_world.h - fixture: a writer with a spool, its messages, and its store, which is a stand-in in memory shared by a process and its
 * children. Like Redis, it applies a row or a chunk completely or not at all, whatever happens to the child, and never the same
 * number twice.
 *
 * One per process.
 */
#ifndef SPOOL_WORLD_H
#define SPOOL_WORLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/writer/writer_private.h"
#include "shared-cache/writer/writer_spool.h"

enum {
	NOON = 1754740800,
	MESSAGES = 100000,	/* largest number of a message */
	ROWS = 200000,
	CHUNKS = 20000,
	CHUNK = 200,
	DOMAINS = 5,
	FOREVER_MS = 600000,
	LENGTHY = 400,		/* extra bytes that an entry may have */
};

struct row {
	char incarnation[33], domain[24];
	uint64_t sequence;
	int64_t messages;
};
struct chunk {
	char incarnation[33];
	uint64_t sequence;
	size_t count;
	uint32_t numbers[CHUNK];
};

extern struct shared {
	atomic_uint given;			/* number of the last message */
	atomic_bool answered[MESSAGES + 1];	/* sts_writer_take has returned */
	atomic_uint calls, late;
	atomic_uint trouble;			/* one call in so many fails; 0: none, 1: all */
	atomic_bool cramped;			/* at times the disk is full; each message has a counter of its own */
	atomic_uint counted[MESSAGES + 1];	/* a lower bound: the process may end between a row and its numbers */
	/* Rows and chunks below these numbers are valid: setting a number completes a write. */
	atomic_size_t row_count, chunk_count;
	struct row rows[ROWS];
	struct chunk chunks[CHUNKS];
} *shared;

extern char directory[];	/* of the spool */
extern bool lengthy;		/* new records are long: more than a KiB each */

/* For cmocka. */
int world_begin(void **state);		/* a test */
int world_begin_group(void **state);
int world_end_group(void **state);

enum sts_status world_writer(struct sts_writer **out);
/* A record as the journal makes it, in one block. Every fourth message is a stranger's, of a domain that may never come again. */
struct sts_mail_record *world_record(unsigned number);
/* Takes the message to the writer, and notes that it was answered. */
void world_bring(struct sts_writer *w, unsigned number);
/* Writes all that is left, in a process that ends regularly. */
void world_finish(void);

/* Checks what the store has. */
void world_check_none_twice(void);
/* unanswered: how many messages without an answer may be there. */
void world_check_exact(unsigned unanswered);

#endif

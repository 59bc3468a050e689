/* SPDX-License-Identifier: ISC */
/*
 * spool_world.h - a writer with a spool, the messages that are brought to it, and its store: a stand-in in memory that a process and its
 * children share. Like Redis, it does a row or a chunk whole or not at all, whatever becomes of the child, and does none twice that comes
 * with the same number.
 *
 * One world a process.
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
	MESSAGES = 100000,	/* numbers that there are, at most */
	ROWS = 200000,
	CHUNKS = 20000,
	CHUNK = 200,
	DOMAINS = 5,
	FOREVER_MS = 600000,
	LENGTHY = 400,		/* bytes that an entry may have besides */
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
	atomic_uint given;			/* the number of the last message */
	atomic_bool answered[MESSAGES + 1];	/* sts_writer_take has returned */
	atomic_uint calls, late;
	atomic_uint trouble;			/* one call in so many fails; 0: none does, 1: all do */
	atomic_bool cramped;			/* the disk is full at times; each message has a counter of its own */
	atomic_uint counted[MESSAGES + 1];	/* at least what is in of these: the process may end between a row and its numbers */
	/* What is in is what is below these numbers: setting one is the whole of a write. */
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
/* A record as the journal makes it: in one piece. Every fourth message is a stranger's, of a domain that may never come again. */
struct sts_mail_record *world_record(unsigned number);
/* Brought, and answered. */
void world_bring(struct sts_writer *w, unsigned number);
/* All is written, by a process that comes to its end. */
void world_finish(void);

/* What is in. */
void world_check_none_twice(void);
/* unanswered: how many messages may be there that had no answer. */
void world_check_exact(unsigned unanswered);

#endif

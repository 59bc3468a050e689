/* SPDX-License-Identifier: ISC */
/*
 * writer_world.h - fixture: a writer without a spool, its messages, and its store: a stand-in that replaces store.c, and that the
 * test breaks. It keeps marks as Redis does, so that a batch may be repeated.
 *
 * One per process.
 */
#ifndef WRITER_WORLD_H
#define WRITER_WORLD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/log.h"
#include "shared-cache/writer/writer.h"

enum { NOON = 1754740800, DOMAINS = 500, WAIT_MS = 20000, LINES = 32 };

enum trouble {
	NONE,
	DOWN,		/* nothing is done */
	LOSSY,		/* every second call is executed, but its reply is lost */
	FOREIGN,	/* the stream's key is not ours */
};

/* What the store has received, and what was logged. */
extern struct fake {
	pthread_mutex_t mutex;
	enum trouble trouble;
	unsigned calls, tries_now;
	int64_t total;			/* messages of the rows without a domain */
	int64_t domains[DOMAINS];
	uint64_t marks[DOMAINS + 1];	/* the last sequence of each domain; then of the totals */
	char incarnation[33];
	size_t largest_slice;
	unsigned heartbeats;
	struct sts_store_heartbeat heartbeat;	/* the last */
	int64_t last_entry, entries;	/* of the stream: the values must come in order, each once */
	bool disorder;
	struct sts_writer *busy;	/* each entry that is written makes another one arrive here */
	char lines[LINES][256];
	size_t line_count;
} fake;

/* For cmocka: the store is empty and reachable, nothing has been logged. */
int setup(void **state);
/* For sts_log_open. */
void sink(enum sts_log_level level, const char *line);

void set_trouble(enum trouble trouble);
bool is_logged(const char *words);

struct sts_writer *new_writer(int64_t flush_ms, size_t max_stream);
/* Records a message to d<domain>.example, with an entry of evidence unless its number is 0. */
void record(struct sts_writer *w, unsigned domain, int64_t entry_number);
bool has_tried(struct sts_writer *w);		/* in vain */
/* Fails the test when it takes too long. */
void wait_for(bool (*is_so)(struct sts_writer *w), struct sts_writer *w);
/* Checks that all messages are counted once, in equal shares over so many domains. */
void check_sums(int64_t messages, unsigned domains);

#endif

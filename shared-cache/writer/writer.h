/* SPDX-License-Identifier: ISC */
/*
 * writer.h - the thread that writes counters and evidence to the store, in batches, in the background.
 *
 * The mail path calls sts_writer_take(), which queues a record and never waits for the store. While the store is unreachable,
 * counters accumulate in memory (counts.h bounds them); stream entries beyond the limit are dropped and counted.
 * With a spool, sts_writer_take() returns once the record is in a file as well, where the next process finds it. It waits for that for
 * a bounded time; after a timeout, nobody waits until the disk has caught up.
 */
#ifndef STS_WRITER_WRITER_H
#define STS_WRITER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/ledger/mail_record.h"
#include "shared-cache/store/store.h"

struct sts_writer;

struct sts_writer_params {
	struct sts_store_params store;	/* the writer opens its own handle */
	int64_t flush_interval_ms;
	int64_t heartbeat_interval_ms;	/* 0: no heartbeats */
	/* Fills in what the writer does not know; may be NULL. */
	void (*fill_heartbeat)(void *arg, struct sts_store_heartbeat *heartbeat);
	void *heartbeat_arg;
	const char *names;		/* sts_counts_trust_names; may be NULL */
	size_t names_size;
	size_t max_domains;		/* rows kept while the store is unreachable */
	size_t max_stream;		/* evidence entries kept */
	const char *spool_dir;		/* NULL or "": no spool; what has not been written is lost with the process */
	int64_t spool_max;		/* maximum size of its file, in bytes */
	int64_t spool_wait_ms;		/* how long sts_writer_take waits for a record to be in the file, at most */
};

/* Creates the writer, without its thread. Logs what is wrong with the spool. */
enum sts_status sts_writer_new(const struct sts_writer_params *params, struct sts_writer **out);
/* Starts the thread. */
enum sts_status sts_writer_start(struct sts_writer *writer);
/* Writes what there is now instead of at the next interval: the process may be about to end without notice. Does not block. Any thread. */
void sts_writer_flush_now(struct sts_writer *writer);
/* Sends a heartbeat now, after writing what there is. Does not block. Any thread. */
void sts_writer_heartbeat_now(struct sts_writer *writer);
/* Flushes for at most timeout_ms and ends the thread. Logs what could not be written. The writer stays for callers that still record;
 * their messages are not written any more. Call it once. */
void sts_writer_end(struct sts_writer *writer, int64_t timeout_ms);
/* The same, if it has not been done; then frees. Sets *writer to NULL. */
void sts_writer_stop(struct sts_writer **writer, int64_t timeout_ms);

/* Counts one message and its evidence, in the next turn of the thread, or here when too many records are queued. Takes over the
 * record. As a rule it takes no lock. Any thread. */
void sts_writer_take(struct sts_writer *writer, struct sts_mail_record *record);
/* The same at once, without allocating a record. Takes over the block of entry (which may be NULL) in any case. Any thread. */
void sts_writer_record(struct sts_writer *writer, const struct sts_counts_message *message, struct sts_stream_entry *entry);

/* Any thread. */
struct sts_writer_state {
	size_t pending_rows;
	size_t room;			/* number of domains that fit before others are folded */
	uint64_t pending_messages;
	uint64_t folded_messages;	/* messages folded, because there were too many domains */
	bool folding;			/* some were folded since the last batch was written */
	size_t held_strangers;		/* first messages of unknown domains, which are only in the totals so far */
	uint64_t dropped_stream;
	uint64_t uncounted;		/* messages not counted, for lack of memory */
	uint64_t batches, retried;
	bool store_up;			/* the store answered the last call */
	int64_t turn_ms;		/* when the thread last worked (sts_clock_mono_ms) */
	uint64_t spool_bytes;		/* size of its file */
	uint64_t spool_messages;	/* number written to it */
	uint64_t spool_late, spool_missed;	/* messages answered before they were in it; messages that never were in it */
};
void sts_writer_state(struct sts_writer *writer, struct sts_writer_state *out);

#endif

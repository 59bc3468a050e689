/* SPDX-License-Identifier: ISC */
/*
 * writer.h - the one thread that writes counters and evidence to the store, in batches, in the background.
 *
 * The mail path calls sts_writer_take(), which puts the record into a list and never waits for the store. Counters pile up in
 * memory while the store is away (counts.h bounds them); stream entries beyond the bound are dropped and counted.
 * With a spool, sts_writer_take() returns when the record is in a file, too, where the next process finds it; it waits for that for
 * a bounded time, and then for none until the disk has caught up.
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
	int64_t heartbeat_interval_ms;	/* between heartbeats; 0: none are given */
	void (*fill_heartbeat)(void *arg, struct sts_store_heartbeat *heartbeat);	/* fills in what the writer does not know; may be NULL */
	void *heartbeat_arg;
	const char *names;		/* sts_counts_trust_names; may be NULL */
	size_t names_size;
	size_t max_domains;		/* rows kept while the store is away */
	size_t max_stream;		/* evidence entries kept */
	const char *spool_dir;		/* NULL or "": none, what is not written is lost with the process */
	int64_t spool_max;		/* bytes of the file in it */
	int64_t spool_wait_ms;		/* the longest that sts_writer_take waits for a record to be in it */
};

/* Creates; no thread yet. Logs what is the matter with the spool. */
enum sts_status sts_writer_new(const struct sts_writer_params *params, struct sts_writer **out);
/* Starts the thread. */
enum sts_status sts_writer_start(struct sts_writer *writer);
/* Writes what there is now, without waiting for the interval: an end may be near that leaves no time. Does not block. Any thread. */
void sts_writer_flush_now(struct sts_writer *writer);
/* Gives a heartbeat now, after what there is to write. Does not block. Any thread. */
void sts_writer_heartbeat_now(struct sts_writer *writer);
/* Flushes for at most timeout_ms and ends the thread. Logs what could not be written. The writer stays for those who may still record;
 * that is not written any more. Once. */
void sts_writer_end(struct sts_writer *writer, int64_t timeout_ms);
/* The same, unless it has been done; then frees. Sets *writer to NULL. */
void sts_writer_stop(struct sts_writer **writer, int64_t timeout_ms);

/* Counts one message and offers its evidence, at the next turn of the thread, or of whoever finds too many waiting. Takes the
 * record over. Takes no lock, as a rule. Any thread. */
void sts_writer_take(struct sts_writer *writer, struct sts_mail_record *record);
/* The same at once, without memory for a record. Takes over the block of entry (may be NULL) whatever happens. Any thread. */
void sts_writer_record(struct sts_writer *writer, const struct sts_counts_message *message, struct sts_stream_entry *entry);

/* Any thread. */
struct sts_writer_state {
	size_t pending_rows;
	size_t room;			/* domains that may still come before others are folded */
	uint64_t pending_messages;
	uint64_t folded_messages;	/* there were too many domains */
	bool folding;			/* some of them since a batch was last written */
	size_t held_strangers;		/* first messages of unknown domains, in the totals alone so far */
	uint64_t dropped_stream;
	uint64_t uncounted;		/* messages for which there was no memory */
	uint64_t batches, retried;
	bool store_up;			/* the store answered when it was called last */
	int64_t turn_ms;		/* when the thread was last at work (sts_clock_mono_ms) */
	uint64_t spool_bytes;		/* size of its file */
	uint64_t spool_messages;	/* written to it */
	uint64_t spool_late, spool_missed;	/* messages answered before they were in it; that were never in it */
};
void sts_writer_state(struct sts_writer *writer, struct sts_writer_state *out);

#endif

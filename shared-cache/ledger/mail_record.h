/* SPDX-License-Identifier: ISC */
/*
 * mail_record.h - all that is put down of one message for the store, in one piece of memory: its counters, and its entry for the
 * evidence stream, if it has one.
 *
 * Whoever makes it gives it away to the writer. Both point into the same memory, which ends with one free().
 */
#ifndef STS_LEDGER_MAIL_RECORD_H
#define STS_LEDGER_MAIL_RECORD_H

#include "shared-cache/ledger/counts.h"

struct sts_mail_record {
	struct sts_mail_record *next;		/* the writer's */
	struct sts_counts_message message;
	struct sts_stream_entry entry;		/* of no fields: nothing goes to the stream. Its block is the record */
};

#endif

/* SPDX-License-Identifier: ISC */
/*
 * mail_record.h - all that the store gets about one message, in one block of memory: its counters, and its entry for the
 * evidence stream, if it has one.
 *
 * Its maker passes it to the writer, which owns it then. One free() releases it with all that it points to.
 */
#ifndef STS_LEDGER_MAIL_RECORD_H
#define STS_LEDGER_MAIL_RECORD_H

#include "shared-cache/ledger/counts.h"

struct sts_mail_record {
	struct sts_mail_record *next;		/* the writer's */
	struct sts_counts_message message;
	struct sts_stream_entry entry;		/* without fields: nothing goes to the stream. Its block is the record */
};

#endif

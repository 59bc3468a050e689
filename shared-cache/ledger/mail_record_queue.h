/* SPDX-License-Identifier: ISC */
/*
 * mail_record_queue.h - the queue of mail records from the mail path to the writer: any thread adds to it without a lock, one takes
 * all of it.
 */
#ifndef STS_LEDGER_MAIL_RECORD_QUEUE_H
#define STS_LEDGER_MAIL_RECORD_QUEUE_H

#include <stdatomic.h>
#include <stddef.h>

#include "shared-cache/ledger/mail_record.h"

/* Initialise to zero. */
struct sts_mail_record_queue {
	_Atomic(struct sts_mail_record *) newest;
	atomic_size_t count;		/* may lag behind a push in progress */
};

/* Takes over the record. Returns the number of records in the queue. Any thread. */
size_t sts_mail_record_queue_push(struct sts_mail_record_queue *queue, struct sts_mail_record *record);

/* Takes all records, oldest first, linked by `next`; NULL when there are none. */
struct sts_mail_record *sts_mail_record_queue_take_all(struct sts_mail_record_queue *queue);

#endif

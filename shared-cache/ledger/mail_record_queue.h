/* SPDX-License-Identifier: ISC */
/*
 * mail_record_queue.h - records on their way from the mail path to the writer: a list that any thread adds to without a lock, and one takes
 * whole.
 */
#ifndef STS_LEDGER_MAIL_RECORD_QUEUE_H
#define STS_LEDGER_MAIL_RECORD_QUEUE_H

#include <stdatomic.h>
#include <stddef.h>

#include "shared-cache/ledger/mail_record.h"

/* Zeroed: empty. */
struct sts_mail_record_queue {
	_Atomic(struct sts_mail_record *) newest;
	atomic_size_t count;		/* may be late by what is just being added */
};

/* Takes the record over. Returns how many there are now. Any thread. */
size_t sts_mail_record_queue_push(struct sts_mail_record_queue *queue, struct sts_mail_record *record);

/* All that is there, the oldest first, linked by `next`; NULL when there is nothing. */
struct sts_mail_record *sts_mail_record_queue_take_all(struct sts_mail_record_queue *queue);

#endif

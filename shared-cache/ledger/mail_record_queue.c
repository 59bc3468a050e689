/* SPDX-License-Identifier: ISC */
/* mail_record_queue.c - a Treiber stack. It is always taken as a whole; nothing ever pops one record, so there is no ABA problem. */
#include "config.h"

#include "shared-cache/ledger/mail_record_queue.h"

size_t
sts_mail_record_queue_push(struct sts_mail_record_queue *queue, struct sts_mail_record *record)
{
	record->next = atomic_load_explicit(&queue->newest, memory_order_relaxed);
	/* Release: the taker sees the record's contents. A failed exchange loads the current head into record->next. */
	while (!atomic_compare_exchange_weak_explicit(&queue->newest, &record->next, record, memory_order_release,
	    memory_order_relaxed))
		;
	return atomic_fetch_add_explicit(&queue->count, 1, memory_order_relaxed) + 1;
}

struct sts_mail_record *
sts_mail_record_queue_take_all(struct sts_mail_record_queue *queue)
{
	struct sts_mail_record *newest = atomic_exchange_explicit(&queue->newest, NULL, memory_order_acquire);
	struct sts_mail_record *oldest = NULL, *next;
	size_t count = 0;

	for (; newest != NULL; newest = next) {
		next = newest->next;
		newest->next = oldest;
		oldest = newest;
		count++;
	}
	atomic_fetch_sub_explicit(&queue->count, count, memory_order_relaxed);
	return oldest;
}

/* SPDX-License-Identifier: ISC */
/* test_mail_record_queue.c - no record is lost or duplicated, and those of a thread stay in order. */
#include "config.h"

#include "shared-cache/ledger/mail_record_queue.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { THREADS = 4, RECORDS = 5000 };

struct sender {
	struct sts_mail_record_queue *queue;
	pthread_t thread;
	int64_t number;
};

static struct sts_mail_record *
make(int64_t number)
{
	struct sts_mail_record *record = calloc(1, sizeof(*record));

	if (record == NULL)
		abort();
	record->message.now = number;
	return record;
}

static void
test_order(void **state)
{
	struct sts_mail_record_queue queue = { NULL, 0 };
	struct sts_mail_record *record, *next;
	int64_t want = 1;

	(void)state;
	assert_null(sts_mail_record_queue_take_all(&queue));
	for (int64_t i = 1; i <= 5; i++)
		assert_int_equal(sts_mail_record_queue_push(&queue, make(i)), i);
	for (record = sts_mail_record_queue_take_all(&queue); record != NULL; record = next) {
		next = record->next;
		assert_int_equal(record->message.now, want++);
		free(record);
	}
	assert_int_equal(want, 6);
	assert_null(sts_mail_record_queue_take_all(&queue));
	assert_int_equal(queue.count, 0);
}

static void *
send_all(void *arg)
{
	struct sender *sender = arg;

	for (int64_t i = 0; i < RECORDS; i++)
		sts_mail_record_queue_push(sender->queue, make(sender->number * RECORDS + i));
	return NULL;
}

static void
test_threads(void **state)
{
	struct sts_mail_record_queue queue = { NULL, 0 };
	struct sender senders[THREADS];
	int64_t next_of[THREADS] = { 0 };
	size_t left = (size_t)THREADS * RECORDS;
	struct sts_mail_record *record, *next;

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		senders[i] = (struct sender){ .queue = &queue, .number = i };
		assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
	}
	while (left > 0) {
		for (record = sts_mail_record_queue_take_all(&queue); record != NULL; record = next) {
			int64_t from = record->message.now / RECORDS;

			next = record->next;
			assert_int_equal(record->message.now % RECORDS, next_of[from]++);
			free(record);
			left--;
		}
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(senders[i].thread, NULL);
	assert_null(sts_mail_record_queue_take_all(&queue));
	assert_int_equal(queue.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_log_queue.c - order, bounds, closing; a thread that logs never waits for the writer. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "milter/log/log_queue.h"

enum { CAP = 4096, THREADS = 4, LINES = 5000 };

static bool
push(struct log_queue *queue, const char *text)
{
	const struct log_line line = { STS_LOG_WARN, 1700000000, text };

	return log_queue_push(queue, &line);
}

static void
test_order(void **state)
{
	struct log_queue *queue;
	struct log_line line;

	(void)state;
	assert_int_equal(log_queue_new(CAP, &queue), STS_OK);
	assert_true(push(queue, "first"));
	assert_true(push(queue, ""));
	assert_true(push(queue, "third"));
	assert_true(log_queue_take(queue));
	assert_true(push(queue, "later"));
	assert_true(log_queue_next(queue, &line));
	assert_string_equal(line.text, "first");
	assert_int_equal(line.level, STS_LOG_WARN);
	assert_int_equal(line.when, 1700000000);
	assert_true(log_queue_next(queue, &line));
	assert_string_equal(line.text, "");
	assert_true(log_queue_next(queue, &line));
	assert_string_equal(line.text, "third");
	assert_false(log_queue_next(queue, &line));
	assert_true(log_queue_take(queue));
	assert_true(log_queue_next(queue, &line));
	assert_string_equal(line.text, "later");
	log_queue_free(&queue);
}

/* Lines that are being written take no room from new ones. */
static void
test_bounds(void **state)
{
	struct log_queue *queue;
	struct log_line line;
	char text[1100];


	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(log_queue_new(CAP, &queue), STS_OK);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3; i++)
			assert_true(push(queue, text));
		assert_false(push(queue, text));
		assert_true(log_queue_take(queue));
	}
	while (log_queue_next(queue, &line))
		assert_string_equal(line.text, text);
	log_queue_free(&queue);
}

/* Queued lines come out, and no new ones are accepted. */
static void
test_close(void **state)
{
	struct log_queue *queue;
	struct log_line line;

	(void)state;
	assert_int_equal(log_queue_new(CAP, &queue), STS_OK);
	assert_true(push(queue, "in"));
	log_queue_close(queue);
	assert_false(push(queue, "out"));
	log_queue_gather(queue, 60000);
	assert_true(log_queue_take(queue));
	assert_true(log_queue_next(queue, &line));
	assert_string_equal(line.text, "in");
	assert_false(log_queue_take(queue));
	assert_false(log_queue_take(queue));
	log_queue_free(&queue);
}

struct crowd {
	struct log_queue *queue;
	pthread_t threads[THREADS];
	unsigned long taken, refused[THREADS];
	int next;
};

static void *
talker(void *arg)
{
	struct crowd *crowd = arg;
	int me = __atomic_fetch_add(&crowd->next, 1, __ATOMIC_SEQ_CST);

	for (int i = 0; i < LINES; i++)
		crowd->refused[me] += !push(crowd->queue, "a line of some length, as lines are");
	return NULL;
}

static void *
writer(void *arg)
{
	struct crowd *crowd = arg;
	struct log_line line;

	while (log_queue_take(crowd->queue)) {
		while (log_queue_next(crowd->queue, &line)) {
			assert_string_equal(line.text, "a line of some length, as lines are");
			crowd->taken++;
		}
		log_queue_gather(crowd->queue, 1);
	}
	return NULL;
}

/* Every line is either written or refused. */
static void
test_crowd(void **state)
{
	struct crowd crowd = { .next = 0 };
	unsigned long sum = 0;
	pthread_t taker;

	(void)state;
	assert_int_equal(log_queue_new(CAP, &crowd.queue), STS_OK);
	assert_int_equal(pthread_create(&taker, NULL, writer, &crowd), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&crowd.threads[i], NULL, talker, &crowd), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(crowd.threads[i], NULL);
	for (int i = 0; i < THREADS; i++)	/* in whatever order the threads ran: behind the last of them */
		sum += crowd.refused[i];
	log_queue_close(crowd.queue);
	pthread_join(taker, NULL);
	assert_int_equal(crowd.taken + sum, THREADS * LINES);
	log_queue_free(&crowd.queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

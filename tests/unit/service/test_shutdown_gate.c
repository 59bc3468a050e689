/* SPDX-License-Identifier: ISC */
/* test_shutdown_gate.c - threads inside delay the closing; those that come too late never return. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "milter/service/shutdown_gate.h"

enum { THREADS = 4, ROUNDS = 20000, LONG_MS = 60000 };

struct works {
	struct shutdown_gate gate;
	atomic_uint at_work;
	atomic_bool taken_apart;	/* nobody may be at work from then on */
	atomic_uint too_late;		/* how often somebody was */
	atomic_uint rounds;
};

static void *
worker(void *arg)
{
	struct works *w = arg;

	for (int i = 0; i < ROUNDS; i++) {
		shutdown_gate_enter(&w->gate);
		atomic_fetch_add(&w->at_work, 1);
		if (atomic_load(&w->taken_apart))
			atomic_fetch_add(&w->too_late, 1);
		atomic_fetch_add(&w->rounds, 1);
		atomic_fetch_sub(&w->at_work, 1);
		shutdown_gate_leave(&w->gate);
	}
	return NULL;
}

static void
test_closing(void **state)
{
	struct shutdown_gate gate = { 0 };

	(void)state;
	shutdown_gate_enter(&gate);
	shutdown_gate_enter(&gate);
	assert_false(shutdown_gate_close(&gate, 0));
	shutdown_gate_leave(&gate);
	assert_false(shutdown_gate_close(&gate, 0));
	shutdown_gate_leave(&gate);
	assert_true(shutdown_gate_close(&gate, 0));
}

/* Sending an answer delays only the wait for answers. */
static void
test_answering(void **state)
{
	struct shutdown_gate gate = { 0 };

	(void)state;
	shutdown_gate_enter(&gate);
	shutdown_gate_begin_answer(&gate);
	assert_false(shutdown_gate_wait_answers(&gate, 0));
	assert_true(shutdown_gate_close(&gate, 0));
	assert_false(shutdown_gate_wait_answers(&gate, 0));
	shutdown_gate_end_answer(&gate);
	assert_true(shutdown_gate_wait_answers(&gate, 0));
}

static void
test_nobody_inside_afterwards(void **state)
{
	static struct works w;		/* workers wait at its gate until the process ends */
	pthread_t thread;

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_create(&thread, NULL, worker, &w), 0);
		pthread_detach(thread);
	}
	while (atomic_load(&w.rounds) < THREADS)
		sched_yield();
	assert_true(shutdown_gate_close(&w.gate, LONG_MS));
	assert_int_equal(atomic_load(&w.at_work), 0);
	atomic_store(&w.taken_apart, true);
	assert_true(shutdown_gate_close(&w.gate, LONG_MS));
	assert_int_equal(atomic_load(&w.too_late), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closing),
		cmocka_unit_test(test_answering),
		cmocka_unit_test(test_nobody_inside_afterwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

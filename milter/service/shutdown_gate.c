/* SPDX-License-Identifier: ISC */
/* shutdown_gate.c - counts the threads inside. Cheap to pass; only the shutdown waits. */
#include "config.h"

#include "milter/service/shutdown_gate.h"

#include <time.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"

enum { POLL_MS = 5 };

/* Count first, then check: a thread that saw the gate open was seen by shutdown_gate_close. */
void
shutdown_gate_enter(struct shutdown_gate *gate)
{
	atomic_fetch_add(&gate->inside, 1);
	if (!atomic_load(&gate->closed))
		return;
	atomic_fetch_sub(&gate->inside, 1);
	for (;;)
		pause();
}

void
shutdown_gate_leave(struct shutdown_gate *gate)
{
	atomic_fetch_sub(&gate->inside, 1);
}

/* Counted there before it is no longer counted here, so that it is always counted. */
void
shutdown_gate_begin_answer(struct shutdown_gate *gate)
{
	atomic_fetch_add(&gate->answering, 1);
	atomic_fetch_sub(&gate->inside, 1);
}

void
shutdown_gate_end_answer(struct shutdown_gate *gate)
{
	atomic_fetch_sub(&gate->answering, 1);
}

static bool
wait_for_zero(atomic_uint *count, int64_t timeout_ms)
{
	const struct timespec pause_time = { .tv_nsec = POLL_MS * 1000000L };
	int64_t deadline = sts_clock_mono_ms() + timeout_ms;

	while (atomic_load(count) > 0) {
		if (sts_clock_mono_ms() >= deadline)
			return false;
		nanosleep(&pause_time, NULL);
	}
	return true;
}

bool
shutdown_gate_close(struct shutdown_gate *gate, int64_t timeout_ms)
{
	atomic_store(&gate->closed, true);
	return wait_for_zero(&gate->inside, timeout_ms);
}

bool
shutdown_gate_wait_answers(struct shutdown_gate *gate, int64_t timeout_ms)
{
	return wait_for_zero(&gate->answering, timeout_ms);
}

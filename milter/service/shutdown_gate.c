/* SPDX-License-Identifier: ISC */
/* shutdown_gate.c - a counter of who is inside. Cheap to pass; only the end of the process waits at it. */
#include "config.h"

#include "milter/service/shutdown_gate.h"

#include <time.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"

enum { LOOK_AGAIN_MS = 5 };

/* Counted first, then asked: whoever saw the gate open has been seen by shutdown_gate_close. */
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

bool
shutdown_gate_close(struct shutdown_gate *gate, int64_t timeout_ms)
{
	const struct timespec pause_time = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
	int64_t deadline = sts_clock_mono_ms() + timeout_ms;

	atomic_store(&gate->closed, true);
	while (atomic_load(&gate->inside) > 0) {
		if (sts_clock_mono_ms() >= deadline)
			return false;
		nanosleep(&pause_time, NULL);
	}
	return true;
}

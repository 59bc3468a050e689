/* SPDX-License-Identifier: ISC */
/*
 * shutdown_gate.h - lets callbacks use the parts of the service until these are taken apart.
 *
 * libmilter returns from its main loop while its workers may still be in a callback, and lets them begin others. A thread that
 * comes to a closed gate never returns: the process ends soon, and to the MTA the milter is gone.
 *
 * Sending an answer is counted separately. It may take as long as the MTA likes, and needs nothing that is taken apart.
 * Any thread; closing and waiting by one thread.
 */
#ifndef MILTER_SERVICE_SHUTDOWN_GATE_H
#define MILTER_SERVICE_SHUTDOWN_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Zeroed: open. */
struct shutdown_gate {
	atomic_uint inside, answering;
	atomic_bool closed;
};

void shutdown_gate_enter(struct shutdown_gate *gate);
void shutdown_gate_leave(struct shutdown_gate *gate);

/* Leaves; an answer is being sent until shutdown_gate_end_answer. */
void shutdown_gate_begin_answer(struct shutdown_gate *gate);
void shutdown_gate_end_answer(struct shutdown_gate *gate);

/* Closes the gate if it is open, and waits until no thread is inside. False: one still is, after timeout_ms. */
bool shutdown_gate_close(struct shutdown_gate *gate, int64_t timeout_ms);
/* Waits until all answers are sent. False: one is not, after timeout_ms. */
bool shutdown_gate_wait_answers(struct shutdown_gate *gate, int64_t timeout_ms);

#endif

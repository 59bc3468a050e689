/* SPDX-License-Identifier: ISC */
/*
 * shutdown_gate.h - lets callbacks use what the service is made of, until it is taken apart.
 *
 * libmilter returns from its main loop while its workers may still be inside of a callback, and lets them begin others. Who
 * comes to a closed gate does not come back: the process ends soon, and for the MTA the milter is gone.
 *
 * Giving an answer is apart from that. It may take as long as the MTA likes, and needs nothing that is taken apart.
 * Any thread; closing and waiting by one.
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

/* Leaves; there is an answer to give, from now until shutdown_gate_end_answer. */
void shutdown_gate_begin_answer(struct shutdown_gate *gate);
void shutdown_gate_end_answer(struct shutdown_gate *gate);

/* Closes, if it is not closed yet, and waits until nobody is inside: true, or false after timeout_ms. */
bool shutdown_gate_close(struct shutdown_gate *gate, int64_t timeout_ms);
/* Waits until every answer is given: true, or false after timeout_ms. */
bool shutdown_gate_wait_answers(struct shutdown_gate *gate, int64_t timeout_ms);

#endif

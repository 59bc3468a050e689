/* SPDX-License-Identifier: ISC */
/*
 * fail_nth.h - what the layer and its driver (torture.py) tell each other, in a file that both map into memory: it outlives a crash, and
 * the driver can begin and end the failing while the program runs.
 */
#ifndef TESTS_TORTURE_FAIL_NTH_H
#define TESTS_TORTURE_FAIL_NTH_H

#include <stdint.h>

/* What a call may fail at; a bit each in `classes'. */
enum fail_class {
	FAIL_MEMORY, FAIL_OPEN, FAIL_SOCKET, FAIL_CONNECT, FAIL_READ, FAIL_WRITE, FAIL_EPOLL, FAIL_THREAD,
	FAIL_CLASSES
};

enum { FAIL_TRACE = 8, FAIL_LEAKS = 128 };

/* All words have 64 bits, in this order. */
struct fail_control {
	/* the driver's */
	uint64_t at;		/* the first call that fails, counted from 1; 0: none */
	uint64_t length;	/* how many fail in a row */
	uint64_t classes;	/* bits: which calls count */
	uint64_t own;		/* 1: only calls that the program itself makes, 0: those of its libraries, too */
	/* the layer's */
	uint64_t seen;		/* calls of these classes; the driver may set it back to 0 */
	uint64_t counted[FAIL_CLASSES];	/* calls of each class, all told */
	uint64_t own_memory;	/* of those of FAIL_MEMORY, by the program itself */
	uint64_t failed;
	uint64_t class;		/* of the call that failed first */
	uint64_t trace[FAIL_TRACE];	/* where it came from: addresses in the program itself, the innermost first; 0: none */
	uint64_t ended;		/* 1: by exit or return, so that the following is complete */
	uint64_t leaked;	/* how many allocations of the program's own code were never freed */
	uint64_t leaks[FAIL_LEAKS];	/* where they were made, each place once; 0: no more */
};

#endif

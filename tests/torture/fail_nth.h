/* SPDX-License-Identifier: ISC */
/*
 * fail_nth.h - the interface of the layer and its driver (layer.py), a file that both map into memory: it survives a crash, and the
 * driver can start and stop the failures while the program runs.
 */
#ifndef TESTS_TORTURE_FAIL_NTH_H
#define TESTS_TORTURE_FAIL_NTH_H

#include <stdint.h>

/* The classes of calls; each is a bit in `classes'. */
enum fail_class {
	FAIL_MEMORY, FAIL_OPEN, FAIL_SOCKET, FAIL_CONNECT, FAIL_READ, FAIL_WRITE, FAIL_EPOLL, FAIL_THREAD,
	FAIL_CLASSES
};

enum { FAIL_TRACE = 8, FAIL_LEAKS = 128 };

/* 64-bit words, in this order. */
struct fail_control {
	/* written by the driver */
	uint64_t at;		/* the first call to fail, counted from 1; 0: none */
	uint64_t length;	/* how many calls fail in a row */
	uint64_t classes;	/* bits: the classes that count */
	uint64_t own;		/* 1: only the program's own calls; 0: those of its libraries, too */
	/* written by the layer */
	uint64_t seen;		/* calls in these classes; the driver may reset it to 0 */
	uint64_t counted[FAIL_CLASSES];	/* all calls in each class */
	uint64_t own_memory;	/* the program's own among those in FAIL_MEMORY */
	uint64_t failed;
	uint64_t class;		/* of the first call that failed */
	uint64_t trace[FAIL_TRACE];	/* its call stack: addresses in the program itself, innermost first; 0: none */
	uint64_t ended;		/* 1: ended by exit or return, so the following is complete */
	uint64_t leaked;	/* allocations by the program's own code that were never freed */
	uint64_t leaks[FAIL_LEAKS];	/* where they were made, each place once; 0: end of list */
};

#endif

/* SPDX-License-Identifier: ISC */
/*
 * memory_retry.h - retries calls of libmilter that failed for lack of memory. libmilter allocates for each change that it sends to
 * the MTA, and a forged field left in place by a momentary shortage would be believed by whoever reads the message next. Any
 * thread.
 */
#ifndef MILTER_SESSION_MEMORY_RETRY_H
#define MILTER_SESSION_MEMORY_RETRY_H

#include <stdbool.h>

enum { MEMORY_RETRIES = 100, MEMORY_RETRY_MS = 10 };

/* For one answer: all failing calls in it together wait at most MEMORY_RETRIES times. */
struct memory_retry {
	int waited;		/* how often it has waited; 0 at first */
};

/* After a failed call with this errno. True: memory was short, MEMORY_RETRY_MS have passed, and the call is worth another try. */
bool memory_retry_waited(struct memory_retry *retry, int error);

#endif

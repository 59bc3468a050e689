/* SPDX-License-Identifier: ISC */
/*
 * memory_retry.h - patience with a library that gets no memory. libmilter takes memory for each change that it tells the MTA; a forged field
 * that stays in place because of a shortage of a moment would be believed by whoever reads the message next. Any thread.
 */
#ifndef MILTER_SESSION_MEMORY_RETRY_H
#define MILTER_SESSION_MEMORY_RETRY_H

#include <stdbool.h>

enum { MEMORY_RETRIES = 100, MEMORY_RETRY_MS = 10 };

/* One per answer: however many calls fail in it, all of them together wait MEMORY_RETRIES times at most. */
struct memory_retry {
	int waited;		/* times; begins with 0 */
};

/* After a call that failed with this errno: true when it failed for want of memory and is worth another try; MEMORY_RETRY_MS have
 * passed then. */
bool memory_retry_waited(struct memory_retry *retry, int error);

#endif

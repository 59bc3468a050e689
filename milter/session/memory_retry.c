/* SPDX-License-Identifier: ISC */
/* memory_retry.c - see memory_retry.h. */
#include "config.h"

#include "milter/session/memory_retry.h"

#include <errno.h>
#include <time.h>

bool
memory_retry_waited(struct memory_retry *retry, int error)
{
	if (error != ENOMEM || retry->waited >= MEMORY_RETRIES)
		return false;
	retry->waited++;
	nanosleep(&(struct timespec){ .tv_nsec = MEMORY_RETRY_MS * 1000000L }, NULL);
	return true;
}

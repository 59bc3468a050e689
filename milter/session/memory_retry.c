/* SPDX-License-Identifier: ISC */
/* memory_retry.c - see memory_retry.h. */
#include "config.h"

#include "milter/session/memory_retry.h"

#include <errno.h>
#include <time.h>

bool
shortage_waited(struct shortage *shortage, int error)
{
	if (error != ENOMEM || shortage->waited >= SHORTAGE_WAITS)
		return false;
	shortage->waited++;
	nanosleep(&(struct timespec){ .tv_nsec = SHORTAGE_WAIT_MS * 1000000L }, NULL);
	return true;
}

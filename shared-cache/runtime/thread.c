/* SPDX-License-Identifier: ISC */
/* thread.c - pthread_create with the signals kept away. Knows nothing of what threads do. */
#include "config.h"

#include "shared-cache/runtime/thread.h"

#include <signal.h>
#include <stddef.h>

enum sts_status
sts_thread_start(const char *name, void *(*fn)(void *arg), void *arg, pthread_t *out)
{
	sigset_t all, before;
	int rc;

	/* Blocked before, so that the new thread never runs with them open. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(out, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return STS_ESYS;
	(void)pthread_setname_np(*out, name);
	return STS_OK;
}

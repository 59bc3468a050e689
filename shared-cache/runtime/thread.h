/* SPDX-License-Identifier: ISC */
/* thread.h - starts a thread of ours: named, and with every signal blocked, so that signals stay with those who wait
 * for them. Any thread. */
#ifndef STS_RUNTIME_THREAD_H
#define STS_RUNTIME_THREAD_H

#include <pthread.h>

#include "shared-cache/base/status.h"

/* name: at most 15 bytes. STS_ESYS when the system refuses. */
enum sts_status sts_thread_start(const char *name, void *(*fn)(void *arg), void *arg, pthread_t *out);

#endif

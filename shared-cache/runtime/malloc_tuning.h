/* SPDX-License-Identifier: ISC */
/*
 * malloc_tuning.h - makes malloc return freed memory to the system; by itself it returns little. glibc only; with another malloc
 * these functions do nothing.
 */
#ifndef STS_RUNTIME_MALLOC_TUNING_H
#define STS_RUNTIME_MALLOC_TUNING_H

/* Settings for a process with many short-lived threads. Call before any thread starts. */
void sts_malloc_tune(void);

/* Returns all unused pages to the system. Threads that allocate meanwhile may wait some milliseconds: not for the mail path. Any
 * thread. */
void sts_malloc_trim(void);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * malloc_tuning.h - what malloc keeps for itself: of memory that was freed, it gives little back to the system by itself. glibc's alone; with
 * another malloc these do nothing.
 */
#ifndef STS_RUNTIME_MALLOC_TUNING_H
#define STS_RUNTIME_MALLOC_TUNING_H

/* How a process with many short-lived threads wants it. Before there are threads. */
void sts_malloc_tune(void);

/* Gives back every page that nothing is on. Whoever wants memory meanwhile may wait for some milliseconds: not for the mail path.
 * Any thread. */
void sts_malloc_trim(void);

#endif

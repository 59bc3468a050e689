/* SPDX-License-Identifier: ISC */
/*
 * sandbox.h - a process gives up, for good, what it does not need to talk TLS over sockets that it is handed.
 *
 * What is left is in sandbox_seccomp.c: reading, writing and closing descriptors that are there, memory without new code, clocks. No
 * file can be opened, no socket made or connected, no program started, no process begun or touched.
 */
#ifndef STS_FETCHER_SANDBOX_H
#define STS_FETCHER_SANDBOX_H

#include <stdbool.h>

/* Closes all descriptors but 0 to 2 and keep; no dumps, no traces, ends with its parent's thread; signals that ask for an end are left
 * to the parent; limits on files, processes and memory (where the system lets us set any). */
void sts_sandbox_process(int keep);

/* The filter of system calls: what is not allowed fails with EPERM. False: this build or this kernel has none. */
bool sts_sandbox_syscalls(void);

#endif

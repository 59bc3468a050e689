/* SPDX-License-Identifier: ISC */
/*
 * sandbox.h - gives up, for good, every right that a process does not need to speak TLS over sockets it is handed.
 *
 * sandbox_seccomp.c lists what remains: reading, writing and closing existing descriptors, non-executable memory, clocks. No file
 * can be opened, no socket made or connected, no program started, no other process created or affected.
 */
#ifndef STS_FETCHER_SANDBOX_H
#define STS_FETCHER_SANDBOX_H

#include <stdbool.h>

/* Closes all descriptors but 0 to 2 and keep; no core dumps, no ptrace; the process dies with its parent's thread; termination
 * signals are left to the parent; limits on files, processes and memory (where the system allows setting them). */
void sts_sandbox_process(int keep);

/* The system call filter: everything not allowed fails with EPERM. False: this build or this kernel has none. */
bool sts_sandbox_syscalls(void);

#endif

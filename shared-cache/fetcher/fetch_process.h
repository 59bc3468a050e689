/* SPDX-License-Identifier: ISC */
/*
 * fetch_process.h - a child process with a socket to it: started, killed, reaped. Knows nothing of the messages.
 *
 * The program is opened once, so that an upgrade of the files on disk does not pair a running daemon with another version.
 * Belongs to one thread.
 */
#ifndef STS_FETCHER_FETCH_PROCESS_H
#define STS_FETCHER_FETCH_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct sts_fetch_process {
	int program;			/* O_PATH; -1: not open */
	pid_t pid;			/* 0: there is none, not even a zombie */
	int fd;				/* -1: none */
};

enum { STS_FETCH_DEATH_CAP = 64 };

/* Opens the program; starts nothing yet. 0, or an errno. */
int sts_fetch_process_open(struct sts_fetch_process *process, const char *program);
/* Kills and reaps the process, if there is one; waits for it. */
void sts_fetch_process_close(struct sts_fetch_process *process);

/* 0, or an errno. There must be no process. Any thread may do it: nothing is forked, so the child gets no copy of our memory. */
int sts_fetch_process_start(struct sts_fetch_process *process);
/* Closes the socket and kills the process, which must still be reaped. */
void sts_fetch_process_kill(struct sts_fetch_process *process);
/* True: the process has ended. death says how, "signal 9 (Killed)" or "status 1"; crashed: by its own fault. Does not wait. */
bool sts_fetch_process_reap(struct sts_fetch_process *process, char death[STS_FETCH_DEATH_CAP], bool *crashed);

#endif

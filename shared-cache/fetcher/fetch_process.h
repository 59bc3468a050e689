/* SPDX-License-Identifier: ISC */
/*
 * fetch_process.h - one child process with a socket to it: begun, ended, buried. Knows nothing of what is said.
 *
 * The program is opened once, so that an upgrade of the files on disk does not put another version beside a daemon that runs.
 * Belongs to one thread.
 */
#ifndef STS_FETCHER_FETCH_PROCESS_H
#define STS_FETCHER_FETCH_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct sts_fetch_process {
	int program;			/* O_PATH; -1: not open */
	pid_t pid;			/* 0: there is none, not even a dead one */
	int fd;				/* -1: there is none */
};

enum { STS_FETCH_DEATH_CAP = 64 };

/* 0, or an errno. Nothing is begun yet. */
int sts_fetch_process_open(struct sts_fetch_process *process, const char *program);
/* Ends and buries what there is; waits for it. */
void sts_fetch_process_close(struct sts_fetch_process *process);

/* 0, or an errno. There must be none. Any thread may do it: it forks no copy of this process. */
int sts_fetch_process_start(struct sts_fetch_process *process);
/* Hangs up, and kills it. It has to be buried still. */
void sts_fetch_process_kill(struct sts_fetch_process *process);
/* True: it is gone; death says how, "signal 9 (Killed)" or "status 1", and crashed whether by its own doing. Does not wait. */
bool sts_fetch_process_reap(struct sts_fetch_process *process, char death[STS_FETCH_DEATH_CAP], bool *crashed);

#endif

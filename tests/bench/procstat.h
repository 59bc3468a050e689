/* SPDX-License-Identifier: ISC */
/* procstat.h - what another process has used: processor time, memory, threads. Any thread. */
#ifndef PROCSTAT_H
#define PROCSTAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* User and system time of all threads the process has had, in nanoseconds. */
bool procstat_cpu(pid_t pid, int64_t *ns);

struct procstat {
	long peak_rss_kib;	/* VmHWM: since the process started */
	long rss_kib;
	long threads;
};
bool procstat_read(pid_t pid, struct procstat *out);

#endif

/* SPDX-License-Identifier: ISC */
/* process_stats.h - what the kernel tells about this process; 0 for what it does not tell. Any thread. */
#ifndef MILTER_MONITOR_PROCESS_STATS_H
#define MILTER_MONITOR_PROCESS_STATS_H

#include <stdint.h>

struct process_stats {
	uint64_t cpu_ms;	/* user and system, all threads */
	uint64_t rss_bytes;
	uint64_t threads;
	uint64_t open_files, max_files;
};

void process_stats_read(struct process_stats *out);

#endif

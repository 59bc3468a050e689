/* SPDX-License-Identifier: ISC */
/* process_stats.c - reads /proc/self and the resource limits. */
#include "config.h"

#include "milter/monitor/process_stats.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t
count_open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t count = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count - 1;	/* without the directory's own */
}

/* Reads lines such as "Name:\tNUMBER kB" from /proc/self/status. */
static void
read_status(struct process_stats *out)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			out->rss_bytes = strtoull(line + 6, NULL, 10) * 1024;
		else if (strncmp(line, "Threads:", 8) == 0)
			out->threads = strtoull(line + 8, NULL, 10);
	}
	fclose(file);
}

void
process_stats_read(struct process_stats *out)
{
	struct timespec cpu;
	struct rlimit limit;

	memset(out, 0, sizeof(*out));
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
		out->cpu_ms = (uint64_t)cpu.tv_sec * 1000 + (uint64_t)cpu.tv_nsec / 1000000;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		out->max_files = limit.rlim_cur;
	out->open_files = count_open_files();
	read_status(out);
}

/* SPDX-License-Identifier: ISC */
/* procstat.c - reads /proc/PID/status and the process' CPU clock: /proc/PID/stat counts in ticks of 10 ms, which is too coarse. */
#include "config.h"

#include "tests/bench/procstat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool
procstat_cpu(pid_t pid, int64_t *ns)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &ts) != 0)
		return false;
	*ns = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	return true;
}

static void
read_field(const char *line, const char *name, long *out)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) == 0)
		*out = strtol(line + len, NULL, 10);
}

bool
procstat_read(pid_t pid, struct procstat *out)
{
	char path[64], line[256];
	FILE *f;

	*out = (struct procstat){ 0 };
	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		read_field(line, "VmHWM:", &out->peak_rss_kib);
		read_field(line, "VmRSS:", &out->rss_kib);
		read_field(line, "Threads:", &out->threads);
	}
	fclose(f);
	return true;
}

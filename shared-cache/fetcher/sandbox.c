/* SPDX-License-Identifier: ISC */
/* sandbox.c - the part of the sandbox that needs no system call filter. */
#include "config.h"

#include "shared-cache/fetcher/sandbox.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILES_MAX = 4096 };

/* Enough for a thousand transfers of some 200 KiB each, libraries and certificates. */
#define ADDRESS_SPACE_MAX ((rlim_t)1 << 30)

static void
limit(__rlimit_resource_t resource, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(resource, &now) != 0)
		return;
	if (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)
		now.rlim_max = most;
	now.rlim_cur = now.rlim_max;
	(void)setrlimit(resource, &now);
}

static void
ignore_signals(void)
{
	static const int signals[] = { SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2 };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
}

void
sts_sandbox_process(int keep)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	ignore_signals();
	for (int fd = 3; fd < keep; fd++)
		close(fd);
	closefrom(keep + 1);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NICE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NOFILE, FILES_MAX);
#ifndef STS_SANITIZED
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	limit(RLIMIT_NPROC, 0);
	limit(RLIMIT_AS, ADDRESS_SPACE_MAX);
#endif
}

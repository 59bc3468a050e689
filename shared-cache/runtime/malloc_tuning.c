/* SPDX-License-Identifier: ISC */
/* malloc_tuning.c - mallopt and malloc_trim. doc/reliability.md has the figures. */
#include "config.h"

#include "shared-cache/runtime/malloc_tuning.h"

#include <sys/resource.h>

#if defined(HAVE_MALLOPT) || defined(HAVE_MALLOC_TRIM)
#include <malloc.h>
#endif

enum {
	ARENAS = 4,			/* bursts of mail start many threads, and each would like an arena of its own */
	PLENTY_MB = 1024,		/* of address space: each arena but the first reserves 64 MiB */
	MAPPED = 128 * 1024,		/* bytes; larger blocks are mapped individually, and unmapped when freed */
	TOP = 1024 * 1024,		/* bytes that may stay free at the top of an arena */
};

#ifdef HAVE_MALLOPT
/* Address space that arenas reserve is not available for threads' stacks: messages could then get no thread. */
static int
arenas(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < (rlim_t)PLENTY_MB << 20 ? 1 : ARENAS;
}
#endif

void
sts_malloc_tune(void)
{
#ifdef HAVE_MALLOPT
	mallopt(M_ARENA_MAX, arenas());
	/* MAPPED is malloc's initial value, set here so that it stays; TOP saves a system call for each burst. Left alone, both
	 * thresholds grow with the largest block ever freed, up to 32 and 64 MiB: after one outage of Redis, the tables of the
	 * next would be in the heap. */
	mallopt(M_MMAP_THRESHOLD, MAPPED);
	mallopt(M_TRIM_THRESHOLD, TOP);
#endif
}

void
sts_malloc_trim(void)
{
#ifdef HAVE_MALLOC_TRIM
	malloc_trim(0);
#endif
}

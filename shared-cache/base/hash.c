/* SPDX-License-Identifier: ISC */
/* hash.c - the process's random hash seed. */
#include "config.h"

#include "shared-cache/base/hash.h"

#include <pthread.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <xxhash.h>

static XXH64_hash_t seed; /* written once, under seed_once */
static pthread_once_t seed_once = PTHREAD_ONCE_INIT;

static void
draw_seed(void)
{
	struct timespec ts;

	if (getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
		return;
	/* Run even if the kernel has no entropy; a guessable seed is better than none. */
	clock_gettime(CLOCK_REALTIME, &ts);
	seed = (XXH64_hash_t)ts.tv_nsec * 2654435761u ^ (XXH64_hash_t)getpid() << 32;
}

uint64_t
sts_hash64(const void *key, size_t len)
{
	pthread_once(&seed_once, draw_seed);
	return XXH3_64bits_withSeed(key, len, seed);
}

unsigned
sts_hash_bytes(const void *key, size_t len)
{
	return (unsigned)sts_hash64(key, len);
}

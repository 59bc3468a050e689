/* SPDX-License-Identifier: ISC */
/* zipf.c - a table of cumulative weights, searched with a pseudo-random number derived from the message's number. */
#include "config.h"

#include "tests/bench/zipf.h"

#include <stdlib.h>

bool
zipf_init(struct zipf *z, unsigned count)
{
	double sum = 0;

	z->count = count;
	z->cumulated = calloc(count, sizeof(*z->cumulated));
	if (z->cumulated == NULL)
		return false;
	for (unsigned k = 0; k < count; k++)
		z->cumulated[k] = sum += 1.0 / (k + 1.0);
	return true;
}

void
zipf_fini(struct zipf *z)
{
	free(z->cumulated);
	z->cumulated = NULL;
}

/* The finalizer of SplitMix64: consecutive numbers come out as if random. */
static double
uniform(uint64_t n)
{
	n += UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
	n ^= n >> 31;
	return (double)(n >> 11) * 0x1p-53;
}

unsigned
zipf_pick(const struct zipf *z, uint64_t number)
{
	double point = uniform(number * UINT64_C(0x9e3779b97f4a7c15)) * z->cumulated[z->count - 1];
	unsigned low = 0, high = z->count - 1;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (z->cumulated[middle] < point)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

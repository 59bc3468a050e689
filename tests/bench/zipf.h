/* SPDX-License-Identifier: ISC */
/*
 * zipf.h - sender domains as in real mail: the k-th most frequent of n occurs in proportion to 1/k.
 * The choice depends on the message's number alone, so that two runs see the same mail. Immutable once made; any thread.
 */
#ifndef ZIPF_H
#define ZIPF_H

#include <stdbool.h>
#include <stdint.h>

struct zipf {
	unsigned count;
	double *cumulated;
};

bool zipf_init(struct zipf *z, unsigned count);
void zipf_fini(struct zipf *z);
/* 0 .. count-1 */
unsigned zipf_pick(const struct zipf *z, uint64_t number);

#endif

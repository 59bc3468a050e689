/* SPDX-License-Identifier: ISC */
/* commandline/suggest.h - "did you mean": the known word that is nearest to one that is not known. Pure. Any thread. */
#ifndef STSCTL_COMMANDLINE_SUGGEST_H
#define STSCTL_COMMANDLINE_SUGGEST_H

#include <stddef.h>

struct suggestion {
	const char *word;	/* what was written */
	const char *best;	/* the nearest so far; NULL: none is near enough */
	size_t distance;	/* of best */
};
/* word outlives the suggestion. */
void suggest_init(struct suggestion *s, const char *word);
/* Another known word; the first of several that are as near stays. */
void suggest_consider(struct suggestion *s, const char *known);

/* How many letters must be changed, added, left out or swapped with their neighbour; words beyond 32 bytes are far from all. */
size_t suggest_distance(const char *a, const char *b);

#endif

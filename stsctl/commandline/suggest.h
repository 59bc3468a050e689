/* SPDX-License-Identifier: ISC */
/* commandline/suggest.h - "did you mean": finds the known word nearest to an unknown one. Pure. Any thread. */
#ifndef STSCTL_COMMANDLINE_SUGGEST_H
#define STSCTL_COMMANDLINE_SUGGEST_H

#include <stddef.h>

struct suggestion {
	const char *word;	/* as the user wrote it */
	const char *best;	/* the nearest so far; NULL: none is near enough */
	size_t distance;	/* of best */
};
/* word outlives the suggestion. */
void suggest_init(struct suggestion *s, const char *word);
/* Considers another known word. Of several at the same distance, the first is kept. */
void suggest_consider(struct suggestion *s, const char *known);

/* How many letters must be changed, added, removed or swapped with their neighbour. Words beyond 32 bytes are far from every other. */
size_t suggest_distance(const char *a, const char *b);

#endif

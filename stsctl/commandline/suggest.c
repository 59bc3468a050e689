/* SPDX-License-Identifier: ISC */
/* commandline/suggest.c - the Damerau-Levenshtein distance (optimal string alignment). */
#include "config.h"

#include "stsctl/commandline/suggest.h"

#include <string.h>

enum { WORD_MAX = 32 };

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
suggest_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1];	/* of the distance table: the one before the last, the last, the current */
	size_t *before = rows[0], *last = rows[1], *now = rows[2], *spare;
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t k = 0; k <= b_len; k++)
		last[k] = before[k] = k;
	for (size_t i = 1; i <= a_len; i++) {
		now[0] = i;
		for (size_t k = 1; k <= b_len; k++) {
			now[k] = least(least(now[k - 1], last[k]) + 1, last[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				now[k] = least(now[k], before[k - 2] + 1);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

void
suggest_init(struct suggestion *s, const char *word)
{
	*s = (struct suggestion){ .word = word };
}

/* Near enough: a third of the letters differ, or one word begins with the whole other. */
void
suggest_consider(struct suggestion *s, const char *known)
{
	size_t distance = suggest_distance(s->word, known), len = strlen(s->word);

	if (len >= 3 && strncmp(s->word, known, least(len, strlen(known))) == 0)
		distance = least(distance, 1);
	if (len > 1 && distance <= (len + 2) / 3 && (s->best == NULL || distance < s->distance)) {
		s->best = known;
		s->distance = distance;
	}
}

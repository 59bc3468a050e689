/* SPDX-License-Identifier: ISC */
/* commandline/verbs.h - the words that some commands take first: `cache list', `cache show'. Pure. */
#ifndef STSCTL_COMMANDLINE_VERBS_H
#define STSCTL_COMMANDLINE_VERBS_H

#include <stdbool.h>
#include <stddef.h>

/* A word of command.verbs. */
struct verb_word {
	const char *name;		/* not ended by NUL */
	size_t len;
	const char *operand;		/* what its operands are; NULL: anything else, or none */
	size_t operand_len;
};

/* The next one of *list, which moves behind it. False: there is none left. */
bool verb_next(const char **list, struct verb_word *out);
bool verb_find(const char *list, const char *name, struct verb_word *out);

/* "wants list, show or purge, not lsit (did you mean list?)"; word NULL: none was given. */
void verb_blame(const char *list, const char *word, char *out, size_t cap);

#endif

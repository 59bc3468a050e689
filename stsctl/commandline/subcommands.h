/* SPDX-License-Identifier: ISC */
/* commandline/subcommands.h - the words that some commands take first: `cache list', `cache show'. Pure. */
#ifndef STSCTL_COMMANDLINE_SUBCOMMANDS_H
#define STSCTL_COMMANDLINE_SUBCOMMANDS_H

#include <stdbool.h>
#include <stddef.h>

/* A word of command.subcommands. */
struct subcommand {
	const char *name;		/* not ended by NUL */
	size_t len;
	const char *operand;		/* what its operands are; NULL: anything else, or none */
	size_t operand_len;
};

/* The next one of *list, which moves behind it. False: there is none left. */
bool subcommand_next(const char **list, struct subcommand *out);
bool subcommand_find(const char *list, const char *name, struct subcommand *out);

/* "wants list, show or purge, not lsit (did you mean list?)"; word NULL: none was given. */
void subcommand_error(const char *list, const char *word, char *out, size_t cap);

#endif

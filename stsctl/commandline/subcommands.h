/* SPDX-License-Identifier: ISC */
/* commandline/subcommands.h - the subcommands that some commands require: `cache list', `cache show'. Pure. Any thread. */
#ifndef STSCTL_COMMANDLINE_SUBCOMMANDS_H
#define STSCTL_COMMANDLINE_SUBCOMMANDS_H

#include <stdbool.h>
#include <stddef.h>

/* An item of command.subcommands, into which it points. */
struct subcommand {
	const char *name;		/* not ended by NUL */
	size_t len;
	const char *operand;		/* the kind of its operands; NULL: any other, or none */
	size_t operand_len;
};

/* Takes the next item off *list. False: there is none left. */
bool subcommand_next(const char **list, struct subcommand *out);
bool subcommand_find(const char *list, const char *name, struct subcommand *out);

/* Writes "wants list, show or purge, not lsit (did you mean list?)". word NULL: none was given. */
void subcommand_error(const char *list, const char *word, char *out, size_t cap);

#endif

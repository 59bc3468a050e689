/* SPDX-License-Identifier: ISC */
/*
 * commandline/commands.h - the one table of subcommands: the help, the completion and main.c are made of it. Immutable.
 */
#ifndef STSCTL_COMMANDLINE_COMMANDS_H
#define STSCTL_COMMANDLINE_COMMANDS_H

#include <stddef.h>

#include "stsctl/terminal/command.h"

struct command {
	const char *name;
	cmd_fn *run;
	const char *help;		/* one line */
	const char *usage;		/* its forms, each on a line that begins with two blanks and ends with a newline */
	const char *subcommands;		/* what its first operand is one of, each with what the others are then: "list show:DOMAIN"; NULL:
					 * there are no such words */
	const char *operand;		/* without subcommands: what its operands are: DOMAIN, FILE, DIR; NULL: anything else, or none */
	const struct cmd_option *options;	/* of its own; the list may be empty */
};
/* In the order of the help. */
extern const struct command commands[];
extern const size_t command_count;
/* NULL: there is none of this name. */
const struct command *command_find(const char *name);

/* The options that every command takes, the short ones by their letter; ends as a command's list does. */
extern const struct cmd_option common_options[];

#endif

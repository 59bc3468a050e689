/* SPDX-License-Identifier: ISC */
/* commandline/commands.h - the table of commands, from which main.c, the help and the completion work. Immutable. */
#ifndef STSCTL_COMMANDLINE_COMMANDS_H
#define STSCTL_COMMANDLINE_COMMANDS_H

#include <stddef.h>

#include "stsctl/terminal/command.h"

struct command {
	const char *name;
	cmd_fn *run;
	const char *help;		/* one line */
	const char *usage;		/* its synopses, each on a line that begins with two blanks and ends with a newline */
	const char *subcommands;		/* the words that its first operand must be one of, each with the kind of operand that
						 * follows: "list show:DOMAIN"; NULL: none */
	const char *operand;		/* without subcommands, the kind of its operands: DOMAIN, FILE, DIR; NULL: any other, or none */
	const struct cmd_option *options;	/* its own; the list may be empty */
};
/* In the order of the help, which is that of the table. */
extern const struct command commands[];
extern const size_t command_count;
/* NULL: no such command. */
const struct command *command_find(const char *name);

/* The options that every command takes, short ones by their letter; ends with CMD_OPTIONS_END. */
extern const struct cmd_option common_options[];

#endif

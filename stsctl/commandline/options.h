/* SPDX-License-Identifier: ISC */
/* commandline/options.h - parses the options of a command line. One thread (getopt_long). */
#ifndef STSCTL_COMMANDLINE_OPTIONS_H
#define STSCTL_COMMANDLINE_OPTIONS_H

#include <stdbool.h>

#include "stsctl/commandline/commands.h"

struct options {
	struct cmd_context context;
	bool help;
	char bad[256];		/* what is wrong with the first invalid option; "": nothing */
};

/* Reads all options, even after a mistake: a --json behind it decides how the mistake is printed. argv[0] is the command; overrides
 * has room for argc entries. Sets optind to the first operand. */
void options_read(int argc, char **argv, const struct command *command, const char **overrides, struct options *out);

/* Writes what is wrong with word, which stands before the command and is not an option of every command. */
void options_leading_error(const char *word, char *out, size_t cap);

/* How many arguments from argv[1] on are options of every command, with their values: those that may stand before the command. */
int options_leading(int argc, char **argv);

#endif

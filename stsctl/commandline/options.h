/* SPDX-License-Identifier: ISC */
/* commandline/options.h - argv -> the context that a subcommand gets. One thread (getopt_long). */
#ifndef STSCTL_COMMANDLINE_OPTIONS_H
#define STSCTL_COMMANDLINE_OPTIONS_H

#include <stdbool.h>

#include "stsctl/commandline/commands.h"

struct options {
	struct cmd_context context;
	bool help;
	char bad[256];		/* what is wrong with the first option that cannot be understood, "" when nothing is */
};

/* Reads them all, even after a mistake, because a --json behind it says how the mistake is to be reported. argv[0] is the
 * subcommand; overrides has room for argc. Afterwards optind is the first operand. */
void options_read(int argc, char **argv, const struct command *command, const char **overrides, struct options *out);

/* What is wrong with an option before the subcommand that is none of every command's. */
void options_leading_error(const char *word, char *out, size_t cap);

/* How many of argv[1] and the following are options of every command, with their values: what stands before the subcommand. */
int options_leading(int argc, char **argv);

#endif

/* SPDX-License-Identifier: ISC */
/* commandline/help.h - the help, within 80 columns. */
#ifndef STSCTL_COMMANDLINE_HELP_H
#define STSCTL_COMMANDLINE_HELP_H

#include <stdio.h>

#include "stsctl/commandline/commands.h"

/* All commands, a line each. */
void help_print(FILE *to);
/* One command, with each of its options. */
void help_print_command(const struct command *command, FILE *to);

#endif

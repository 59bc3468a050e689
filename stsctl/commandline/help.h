/* SPDX-License-Identifier: ISC */
/* commandline/help.h - prints the help, within 80 columns. */
#ifndef STSCTL_COMMANDLINE_HELP_H
#define STSCTL_COMMANDLINE_HELP_H

#include <stdio.h>

#include "stsctl/commandline/commands.h"

/* Lists all commands, one a line. */
void help_print(FILE *to);
/* Prints one command's synopses and options. */
void help_print_command(const struct command *command, FILE *to);

#endif

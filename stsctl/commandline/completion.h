/* SPDX-License-Identifier: ISC */
/* commandline/completion.h - completes a command line for the shells. The scripts in contrib/completion know no commands and no
 * options: they run `stsctl complete WORD...'. */
#ifndef STSCTL_COMMANDLINE_COMPLETION_H
#define STSCTL_COMMANDLINE_COMPLETION_H

#include <stdio.h>

/* words: those behind "stsctl"; the last is the word to complete, or "". Prints a line for each word that may stand there, followed by
 * a tab and its meaning if it has one. "@FILE", "@DIR" and "@DOMAIN" stand for what the shell itself completes: files, directories,
 * domains known to Redis. */
void completion_print(int count, char **words, FILE *to);

#endif

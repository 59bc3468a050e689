/* SPDX-License-Identifier: ISC */
/*
 * commandline/completion.h - what may come next on a command line, for the shells' completion (contrib/completion): the scripts there know
 * nothing of commands and options, they ask `stsctl complete WORD...'.
 */
#ifndef STSCTL_COMMANDLINE_COMPLETION_H
#define STSCTL_COMMANDLINE_COMPLETION_H

#include <stdio.h>

/* words: those behind "stsctl", the last one begun, or "". Prints a line for each word that may stand there, with a tab and its meaning
 * where there is one; "@FILE", "@DIR" and "@DOMAIN" for what the shell itself finds: files, directories, domains that Redis holds. */
void completion_print(int count, char **words, FILE *to);

#endif

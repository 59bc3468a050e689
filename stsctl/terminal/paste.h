/* SPDX-License-Identifier: ISC */
/*
 * paste.h - command lines that the reader may paste: words in quotes where a shell needs them, and stsctl with what this run of it was
 * given, or it would speak of other settings. Pure.
 */
#ifndef STSCTL_TERMINAL_PASTE_H
#define STSCTL_TERMINAL_PASTE_H

#include "shared-cache/base/text.h"
#include "stsctl/terminal/command.h"

/* One word: as it is, or in single quotes. */
void paste_word(struct sts_text *to, const char *word);
/* In single quotes in any case. */
void paste_quoted(struct sts_text *to, const char *word);

/* "stsctl", and -c and -o as they were given. */
void paste_stsctl(struct sts_text *to, const struct cmd_context *context);
/* " --postfix /etc/postfix-in ...": the options of the command's list that were given, but for those whose bit, by their place in the
 * list, is in without. */
void paste_options(struct sts_text *to, const struct cmd_context *context, const struct cmd_option *options, unsigned without);

/* A text in which each "stsctl COMMAND" that begins it, a line, or what comes behind a colon or a semicolon, has become what paste_stsctl
 * writes. Returns out, or text itself when there is nothing to be added, or no room in out. */
const char *paste_as_called(const struct cmd_context *context, const char *text, char *out, size_t cap);

#endif

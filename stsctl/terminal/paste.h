/* SPDX-License-Identifier: ISC */
/* paste.h - writes command lines that can be pasted into a shell: words quoted where needed, and stsctl with the -c and -o of this
 * run, so that it reads the same settings. Pure. */
#ifndef STSCTL_TERMINAL_PASTE_H
#define STSCTL_TERMINAL_PASTE_H

#include "shared-cache/base/text.h"
#include "stsctl/terminal/command.h"

/* Appends a word, in single quotes if a shell needs them. */
void paste_word(struct sts_text *to, const char *word);
/* Appends a word in single quotes, always. */
void paste_quoted(struct sts_text *to, const char *word);

/* Appends "stsctl" with the -c and -o of this run. */
void paste_stsctl(struct sts_text *to, const struct cmd_context *context);
/* Appends the command's options that were given: " --postfix /etc/postfix-in ...". without: a bit for each option to leave out, by its
 * index in options. */
void paste_options(struct sts_text *to, const struct cmd_context *context, const struct cmd_option *options, unsigned without);

/* Replaces each "stsctl" that begins a command line in text (at its start, at the start of a line, or behind a colon or a semicolon)
 * by what paste_stsctl writes. Returns out, or text itself when there is nothing to add, or no room in out. */
const char *paste_as_called(const struct cmd_context *context, const char *text, char *out, size_t cap);

#endif

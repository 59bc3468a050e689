/* SPDX-License-Identifier: ISC */
/* lint.h - what the subcommands of `stsctl lint` share: reading the input. One thread. */
#ifndef STSCTL_LINT_LINT_H
#define STSCTL_LINT_LINT_H

#include <stddef.h>

#include "stsctl/terminal/command.h"

struct lint_input {
	const char *name;	/* for messages */
	char *data;		/* the caller frees it, even after a failure; may be NULL */
	size_t len;
};

/* Reads at most max + 1 bytes, so that the caller can see that there are more than max. "-" is standard input. Returns CMD_FINE, or the
 * code of an error that it has reported. */
enum cmd_exit lint_read(const struct cmd_context *context, const char *path, size_t max, struct lint_input *input);

/* `stsctl lint rules`; operands: the file. */
enum cmd_exit lint_rules(const struct cmd_context *context, char **operands);

#endif

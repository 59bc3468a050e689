/* SPDX-License-Identifier: ISC */
/* lint.h - what the kinds of `stsctl lint` share: how they get at what they look at. */
#ifndef STSCTL_LINT_LINT_H
#define STSCTL_LINT_LINT_H

#include <stddef.h>

#include "stsctl/terminal/command.h"

struct lint_input {
	const char *name;	/* for messages */
	char *data;		/* the caller frees, also after a failure; NULL when there is none */
	size_t len;
};

/* Reads at most max + 1 bytes, so that the caller sees when there are more than max. "-" is standard input. CMD_FINE, or the
 * code of what has been said already. */
enum cmd_exit lint_read(const struct cmd_context *context, const char *path, size_t max, struct lint_input *input);

/* `stsctl lint rules`; operands is the file. */
enum cmd_exit lint_rules(const struct cmd_context *context, char **operands);

#endif

/* SPDX-License-Identifier: ISC */
/* check/check_output.h - what was found of one domain, printed: all of it, or what has changed. */
#ifndef STSCTL_CHECK_CHECK_OUTPUT_H
#define STSCTL_CHECK_CHECK_OUTPUT_H

#include <stdbool.h>

#include "stsctl/check/state.h"
#include "stsctl/findings/findings.h"
#include "stsctl/terminal/command.h"

/* Return the exit code that the findings ask for, or CMD_UNKNOWN when memory ran out. */
enum cmd_exit check_print(const struct cmd_context *context, const char *domain, const struct findings *found, bool quiet);
/* Prints nothing when nothing has changed since state was written. */
enum cmd_exit check_print_changes(const struct cmd_context *context, const char *domain, const struct findings *found,
    const struct check_state *state);

#endif

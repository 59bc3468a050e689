/* SPDX-License-Identifier: ISC */
/* check_output.h - prints the findings of one domain: all of them, or the changes. */
#ifndef STSCTL_CHECK_CHECK_OUTPUT_H
#define STSCTL_CHECK_CHECK_OUTPUT_H

#include <stdbool.h>

#include "stsctl/check/state.h"
#include "stsctl/findings/findings.h"
#include "stsctl/terminal/command.h"

/* Both return the exit code of the findings, or CMD_UNKNOWN when memory ran out. */
enum cmd_exit check_print(const struct cmd_context *context, const char *domain, const struct findings *found, bool quiet);
/* Prints nothing when nothing has changed since state was written. */
enum cmd_exit check_print_changes(const struct cmd_context *context, const char *domain, const struct findings *found,
    const struct check_state *state);

#endif

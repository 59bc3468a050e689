/* SPDX-License-Identifier: ISC */
/* say.h - the draft, and what was undone, for people and as JSON. Prints to standard output. One thread. */
#ifndef STSCTL_SETUP_SAY_H
#define STSCTL_SETUP_SAY_H

#include "stsctl/setup/setup.h"
#include "stsctl/setup/write.h"

/* written: whether it has been. record: where it can be undone from. Returns code, or CMD_UNKNOWN when memory ran out. */
enum cmd_exit say_draft(const struct cmd_context *context, enum cmd_exit code, const struct draft *draft, bool written,
    const char *record);
enum cmd_exit say_undone(const struct cmd_context *context, enum cmd_exit code, const struct undoing *undoing,
    const json_t *afterwards);

#endif

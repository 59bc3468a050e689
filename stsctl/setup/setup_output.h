/* SPDX-License-Identifier: ISC */
/* setup_output.h - the draft, and what was undone, for people and as JSON. Prints to standard output. One thread. */
#ifndef STSCTL_SETUP_SETUP_OUTPUT_H
#define STSCTL_SETUP_SETUP_OUTPUT_H

#include "stsctl/setup/apply.h"
#include "stsctl/setup/setup.h"

/* written: whether it has been. record: where it can be undone from. Returns code, or CMD_UNKNOWN when memory ran out. */
enum cmd_exit say_draft(const struct cmd_context *context, enum cmd_exit code, const struct draft *draft, bool written,
    const char *record);
enum cmd_exit say_undone(const struct cmd_context *context, enum cmd_exit code, const struct undoing *undoing,
    const json_t *afterwards);

/* Lines to paste: setup once more, or doctor, with the options that this run was given. Each writes to out and returns it. password: of
 * --redis-password; NULL: the one that was given, if one was. */
enum { SAY_AGAIN_CAP = 4096 };
const char *say_again_apply(const struct cmd_context *context, const char *password, char out[SAY_AGAIN_CAP]);
const char *say_again_undo(const struct cmd_context *context, char out[SAY_AGAIN_CAP]);
const char *say_again_doctor(const struct cmd_context *context, char out[SAY_AGAIN_CAP]);

#endif

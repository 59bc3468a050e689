/* SPDX-License-Identifier: ISC */
/* setup_output.h - the draft, and what was undone, for people and as JSON. Prints to standard output. One thread. */
#ifndef STSCTL_SETUP_SETUP_OUTPUT_H
#define STSCTL_SETUP_SETUP_OUTPUT_H

#include "stsctl/setup/apply.h"
#include "stsctl/setup/setup.h"

/* written: whether it has been. record: where it can be undone from. Returns code, or CMD_UNKNOWN when memory ran out. */
enum cmd_exit setup_print_changes(const struct cmd_context *context, enum cmd_exit code, const struct change_set *changes, bool written,
    const char *record);
enum cmd_exit setup_print_undone(const struct cmd_context *context, enum cmd_exit code, const struct undo_result *result,
    const json_t *afterwards);

/* Lines to paste: setup once more, or doctor, with the options that this run was given. Each writes to out and returns it. password: of
 * --redis-password; NULL: the one that was given, if one was. */
enum { SETUP_PASTE_CAP = 4096 };
const char *setup_paste_apply(const struct cmd_context *context, const char *password, char out[SETUP_PASTE_CAP]);
const char *setup_paste_undo(const struct cmd_context *context, char out[SETUP_PASTE_CAP]);
const char *setup_paste_doctor(const struct cmd_context *context, char out[SETUP_PASTE_CAP]);

#endif

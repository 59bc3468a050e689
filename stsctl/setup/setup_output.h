/* SPDX-License-Identifier: ISC */
/* setup_output.h - prints the changes, and what was undone, for people and as JSON, on standard output. One thread. */
#ifndef STSCTL_SETUP_SETUP_OUTPUT_H
#define STSCTL_SETUP_SETUP_OUTPUT_H

#include "stsctl/setup/apply.h"
#include "stsctl/setup/setup.h"

/* written: whether the changes have been written. record: the directory of the undo record. Both return code, or CMD_UNKNOWN when memory
 * ran out. */
enum cmd_exit setup_print_changes(const struct cmd_context *context, enum cmd_exit code, const struct change_set *changes, bool written,
    const char *record);
enum cmd_exit setup_print_undone(const struct cmd_context *context, enum cmd_exit code, const struct undo_result *result,
    const json_t *afterwards);

/* Command lines to paste: setup again, or doctor, with the options of this run. Each writes to out and returns it. password: for
 * --redis-password; NULL: that of this run, if any. */
enum { SETUP_PASTE_CAP = 4096 };
const char *setup_paste_apply(const struct cmd_context *context, const char *password, char out[SETUP_PASTE_CAP]);
const char *setup_paste_undo(const struct cmd_context *context, char out[SETUP_PASTE_CAP]);
const char *setup_paste_doctor(const struct cmd_context *context, char out[SETUP_PASTE_CAP]);

#endif

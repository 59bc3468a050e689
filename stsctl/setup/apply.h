/* SPDX-License-Identifier: ISC */
/* apply.h - writes a change set, and undoes what was written. One thread. */
#ifndef STSCTL_SETUP_APPLY_H
#define STSCTL_SETUP_APPLY_H

#include "stsctl/setup/undo_record.h"

/* Writes the changes in order. Stops at a file that is no longer as it was when the change set was made; why names it. */
enum sts_status apply_changes(const struct change_set *changes, char why[FILES_WHY_CAP]);

/* Undoes what was written. The caller owns the three arrays of paths. Files that somebody has edited since are listed in edited, and then
 * nothing at all is undone. Directories that are not empty are listed in left, and stay in the record. */
struct undo_result {
	json_t *undone, *edited, *left;
};
enum sts_status apply_undo(struct undo_record *record, struct undo_result *out, char why[FILES_WHY_CAP]);

#endif

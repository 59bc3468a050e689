/* SPDX-License-Identifier: ISC */
/* apply.h - the draft written, and undone. One thread. */
#ifndef STSCTL_SETUP_APPLY_H
#define STSCTL_SETUP_APPLY_H

#include "stsctl/setup/undo_record.h"

/* Writes each change, in order. A file that is no longer what the draft was made of is left alone, and so is all that comes
 * after: why names it. */
enum sts_status apply_changes(const struct change_set *changes, char why[FILES_WHY_CAP]);

/* Takes back what was written. edited, left and undone are arrays of paths, the caller's.
 * Files that were changed since are named in edited, and then nothing at all is undone. A directory that holds something is
 * named in left, and stays in the record. */
struct undo_result {
	json_t *undone, *edited, *left;
};
enum sts_status apply_undo(struct undo_record *record, struct undo_result *out, char why[FILES_WHY_CAP]);

#endif

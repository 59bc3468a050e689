/* SPDX-License-Identifier: ISC */
/*
 * undo_record.h - remembers what setup has written, so that it can be undone exactly: for each file a copy of the old text, and the
 * SHA-256 of the old and the new one.
 *
 * The record is a directory, mode 0700, that belongs to the user who ran setup. Another user's, or one that others may enter, is
 * refused, because undoing writes what is in there. A lock keeps two runs apart. One thread.
 */
#ifndef STSCTL_SETUP_UNDO_RECORD_H
#define STSCTL_SETUP_UNDO_RECORD_H

#include <stdbool.h>

#include <jansson.h>

#include "stsctl/setup/change_set.h"

enum { UNDO_RECORD_SHA_CAP = 65 };

struct undo_record {
	const char *directory;
	int lock;
	json_t *entries;		/* an array, the oldest first */
	json_t *afterwards;		/* the commands that were to be run, one per line */
};

/* Opens and locks the record. If there is none, creates it (make), or returns STS_ENOTFOUND. STS_EUNAVAILABLE: another run has it. Other
 * failures: why has the reason. The caller calls undo_record_close in any case. directory is borrowed. */
enum sts_status undo_record_open(const char *directory, bool make, struct undo_record *out, char why[FILES_WHY_CAP]);
void undo_record_close(struct undo_record *record);

/* Adds a change set, with copies of its files, and saves the record. Call it before anything is written. */
enum sts_status undo_record_add(struct undo_record *record, const struct change_set *changes, char why[FILES_WHY_CAP]);
/* Writes the manifest with the entries that are left, or removes it when there are none. */
enum sts_status undo_record_save(struct undo_record *record, char why[FILES_WHY_CAP]);

/* The old text of a file, from its copy, which the caller frees. NULL, with the reason in why, when it is missing or has been altered. */
char *undo_record_copy(const struct undo_record *record, const json_t *entry, char why[FILES_WHY_CAP]);
/* The SHA-256 of a text, in hexadecimal; "-" for NULL, which means no file. */
const char *undo_record_sha(const char *text, char out[UNDO_RECORD_SHA_CAP]);
/* The same for a directory: its mode, owner and group. */
const char *undo_record_owner(const struct directory_owner *owner, char out[UNDO_RECORD_SHA_CAP]);

#endif

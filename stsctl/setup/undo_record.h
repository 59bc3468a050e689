/* SPDX-License-Identifier: ISC */
/*
 * undo_record.h - what setup has written, kept so that it can be undone exactly: of each file a copy of what it was, and the SHA-256
 * of what it was and of what it became.
 *
 * It is a directory, mode 0700, that belongs to whoever ran setup; another's, or one that others may enter, is refused, since
 * undoing writes what is in there. Two runs at a time exclude each other. One thread.
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
	json_t *afterwards;		/* lines that were to be run */
};

/* Opens it, and keeps others out; makes it when make, else STS_ENOTFOUND when there is none. Other failures: why says so.
 * undo_record_close in any case. */
enum sts_status undo_record_open(const char *directory, bool make, struct undo_record *out, char why[FILES_WHY_CAP]);
void undo_record_close(struct undo_record *record);

/* Remembers all of the draft, and keeps the copies: before anything of it is written. */
enum sts_status undo_record_add(struct undo_record *record, const struct change_set *changes, char why[FILES_WHY_CAP]);
/* Writes the entries that are left down, or removes it all when there are none. */
enum sts_status undo_record_save(struct undo_record *record, char why[FILES_WHY_CAP]);

/* The text that a file was before; NULL and why when it cannot be had, or is not what it was. */
char *undo_record_copy(const struct undo_record *record, const json_t *entry, char why[FILES_WHY_CAP]);
/* The SHA-256 of a text, as hex digits; "-" of NULL, which stands for no file. */
const char *undo_record_sha(const char *text, char out[UNDO_RECORD_SHA_CAP]);
/* The same for a directory: its mode, owner and group. */
const char *undo_record_owner(const struct directory_owner *owner, char out[UNDO_RECORD_SHA_CAP]);

#endif

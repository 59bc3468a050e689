/* SPDX-License-Identifier: ISC */
/*
 * change_set.h - the changes that setup proposes: files before and after, directories, and what remains for a person to do.
 *
 * Making a change set writes nothing. Paths are absolute; a file goes by its real path, not by a symbolic link to it. Files are
 * text: one with a NUL, or longer than CHANGE_SET_FILE_MAX, is refused, and so is a dangling link. One thread.
 */
#ifndef STSCTL_SETUP_CHANGE_SET_H
#define STSCTL_SETUP_CHANGE_SET_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "shared-cache/base/status.h"
#include "stsctl/context/files.h"

enum { CHANGE_SET_FILE_MAX = 1 << 20 };

/* The owner, group and mode of a directory. */
struct directory_owner {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

struct change_set_entry {
	char *path;
	bool exists;
	bool directory;
	char *before, *after;		/* the texts of a file; before is NULL when there is none yet */
	struct directory_owner was, wanted;	/* of a directory */
};

struct change_set {
	struct change_set_entry *list;
	size_t count, cap;
	char *commands, *afterwards, *notes;	/* the lines below as texts, once change_set_end has been called */
	size_t lens[3];
	FILE *command_lines;		/* postconf commands that are equivalent to the changes of Postfix's files */
	FILE *afterwards_lines;		/* commands to run once everything is written */
	FILE *note_lines;		/* what else to know or to do */
};

/* False: out of memory. Call change_set_fini in either case. */
bool change_set_begin(struct change_set *changes);
void change_set_end(struct change_set *changes);
void change_set_fini(struct change_set *changes);

/* The text of a file, as changed so far; the caller frees *text. STS_ENOTFOUND: there is no such file. Other failures: why has the
 * reason. */
enum sts_status change_set_read(const struct change_set *changes, const char *path, char **text, char why[FILES_WHY_CAP]);
/* Changes the text of a file, or creates it, with its missing directories. Adds nothing if the file has this text already. */
enum sts_status change_set_add_file(struct change_set *changes, const char *path, const char *text, char why[FILES_WHY_CAP]);
/* Makes a directory, or changes its owner and mode. Adds nothing if it is so already. */
enum sts_status change_set_add_directory(struct change_set *changes, const char *path, const struct directory_owner *wanted,
    char why[FILES_WHY_CAP]);

#endif

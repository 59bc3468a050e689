/* SPDX-License-Identifier: ISC */
/*
 * change_set.h - what is to be done: files as they are and as they should be, directories, and what a person has to do besides.
 *
 * Making one writes nothing. Paths are absolute; a file is named by where it really is, not by a symbolic link to it. A file is
 * text: one with a NUL, or longer than CHANGE_SET_FILE_MAX, is refused, and so is a link to nothing. One thread.
 */
#ifndef STSCTL_SETUP_CHANGE_SET_H
#define STSCTL_SETUP_CHANGE_SET_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "shared-cache/base/status.h"
#include "stsctl/context/files.h"

enum { CHANGE_SET_FILE_MAX = 1 << 20 };

/* Who owns a directory, and who may use it. */
struct directory_owner {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

struct change_set_entry {
	char *path;
	bool exists;
	bool directory;
	char *before, *after;		/* of a file; before is NULL when there is none */
	struct directory_owner was, shall;	/* of a directory */
};

struct change_set {
	struct change_set_entry *list;
	size_t count, cap;
	char *commands, *afterwards, *notes;	/* lines, once change_set_end has been called */
	size_t lens[3];
	FILE *command_lines;		/* of postconf, that come to the same as the changes of Postfix's files */
	FILE *afterwards_lines;		/* what is to be run once all is written */
	FILE *note_lines;		/* what else there is to know or to do */
};

/* False: no memory. change_set_fini is called in either case. */
bool change_set_begin(struct change_set *changes);
void change_set_end(struct change_set *changes);
void change_set_fini(struct change_set *changes);

/* The text that a file has, or that it is to have if it is in the draft already; *text is the caller's. STS_ENOTFOUND: there is
 * none. Other failures: why says so. */
enum sts_status change_set_read(const struct change_set *changes, const char *path, char **text, char why[FILES_WHY_CAP]);
/* Lets the file have this text, and its directories, which may be missing, be there. Nothing is added when it has it. */
enum sts_status change_set_add_file(struct change_set *changes, const char *path, const char *text, char why[FILES_WHY_CAP]);
/* Lets the directory be there, and be so. */
enum sts_status change_set_add_directory(struct change_set *changes, const char *path, const struct directory_owner *shall,
    char why[FILES_WHY_CAP]);

#endif

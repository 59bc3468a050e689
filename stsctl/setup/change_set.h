/* SPDX-License-Identifier: ISC */
/*
 * change_set.h - what is to be done: files as they are and as they should be, directories, and what a person has to do besides.
 *
 * Making one writes nothing. Paths are absolute; a file is named by where it really is, not by a symbolic link to it. A file is
 * text: one with a NUL, or longer than DRAFT_FILE_MAX, is refused, and so is a link to nothing. One thread.
 */
#ifndef STSCTL_SETUP_CHANGE_SET_H
#define STSCTL_SETUP_CHANGE_SET_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "shared-cache/base/status.h"
#include "stsctl/context/files.h"

enum { DRAFT_FILE_MAX = 1 << 20 };

/* Who owns a directory, and who may use it. */
struct draft_owner {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

struct draft_change {
	char *path;
	bool exists;
	bool directory;
	char *before, *after;		/* of a file; before is NULL when there is none */
	struct draft_owner was, shall;	/* of a directory */
};

struct draft {
	struct draft_change *list;
	size_t count, cap;
	char *commands, *afterwards, *notes;	/* lines, once draft_end has been called */
	size_t lens[3];
	FILE *command_lines;		/* of postconf, that come to the same as the changes of Postfix' files */
	FILE *afterwards_lines;		/* what is to be run once all is written */
	FILE *note_lines;		/* what else there is to know or to do */
};

/* False: no memory. draft_fini is called in either case. */
bool draft_begin(struct draft *draft);
void draft_end(struct draft *draft);
void draft_fini(struct draft *draft);

/* The text that a file has, or that it is to have if it is in the draft already; *text is the caller's. STS_ENOTFOUND: there is
 * none. Other failures: why says so. */
enum sts_status draft_read(const struct draft *draft, const char *path, char **text, char why[FILES_WHY_CAP]);
/* Lets the file have this text, and its directories, which may be missing, be there. Nothing is added when it has it. */
enum sts_status draft_file(struct draft *draft, const char *path, const char *text, char why[FILES_WHY_CAP]);
/* Lets the directory be there, and be so. */
enum sts_status draft_directory(struct draft *draft, const char *path, const struct draft_owner *shall, char why[FILES_WHY_CAP]);

#endif

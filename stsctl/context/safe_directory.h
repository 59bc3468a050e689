/* SPDX-License-Identifier: ISC */
/*
 * safe_directory.h - the directory that a file is to be written in, held open: whoever may write one of the directories above cannot lead
 * the writer (root, mostly) elsewhere meanwhile.
 *
 * The path is walked one directory at a time, each opened in the one before. A symbolic link is followed where only root or this
 * user can have made it, that is, in a directory that is theirs and writable by nobody else, as are those above it (or sticky, as
 * /tmp); behind such a link, and below a directory that somebody else may write (a web root that belongs to www-data), it is refused. One thread: the umask is changed
 * for moments.
 */
#ifndef STSCTL_CONTEXT_SAFE_DIRECTORY_H
#define STSCTL_CONTEXT_SAFE_DIRECTORY_H

#include <limits.h>

#include "shared-cache/base/status.h"
#include "stsctl/context/files.h"

/* Opens the directory of path, and makes those that are missing, mode 0755 whatever the umask. *fd is the caller's to close; *name:
 * what path has behind its last slash. STS_ESYS: why says so, *fd is -1. */
enum sts_status safe_directory_open(const char *path, int *fd, const char **name, char why[FILES_WHY_CAP]);

/* Where the file of path really is, without a link anywhere: each link on the way there, and of the file itself, must stand
 * where only root or this user can have made it. What is missing need not be there, and is not made: what comes behind it is as
 * path says.
 * STS_ESYS: why says so. */
enum sts_status safe_directory_resolve(const char *path, char real[PATH_MAX], char why[FILES_WHY_CAP]);

#endif

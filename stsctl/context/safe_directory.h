/* SPDX-License-Identifier: ISC */
/*
 * safe_directory.h - opens the directory that a file is to be written in, so that nobody who can write a directory above can redirect the
 * writer (often root) elsewhere.
 *
 * The path is walked one directory at a time, each opened in the one before. A symbolic link is followed only where root or this user
 * must have made it: in a directory that belongs to either and that nobody else can write, below directories of the same kind or sticky
 * ones, as /tmp. Behind such a link, and below a directory that somebody else can write (a web root that belongs to www-data), links are
 * refused. One thread: the umask is changed for a moment.
 */
#ifndef STSCTL_CONTEXT_SAFE_DIRECTORY_H
#define STSCTL_CONTEXT_SAFE_DIRECTORY_H

#include <limits.h>

#include "shared-cache/base/status.h"
#include "stsctl/context/files.h"

/* Opens the directory of path, and makes missing ones with mode 0755 whatever the umask. The caller closes *fd; *name is the part of
 * path behind its last slash. STS_ESYS: why says more, *fd is -1. */
enum sts_status safe_directory_open(const char *path, int *fd, const char **name, char why[FILES_WHY_CAP]);

/* Resolves path to a path without symbolic links. Each link, on the way and the file itself, must stand where only root or this user
 * can have made it. Missing parts are allowed and not made: what follows them is copied from path. STS_ESYS: why says more. */
enum sts_status safe_directory_resolve(const char *path, char real[PATH_MAX], char why[FILES_WHY_CAP]);

#endif

/* SPDX-License-Identifier: ISC */
/* staging_directory.h - a temporary directory with copies of files, on which postconf(1) can try its changes. One thread. */
#ifndef STSCTL_SETUP_STAGING_DIRECTORY_H
#define STSCTL_SETUP_STAGING_DIRECTORY_H

#include <stdbool.h>

#include "shared-cache/base/status.h"
#include "stsctl/context/files.h"

struct staging_directory {
	char directory[64];	/* "": there is none */
};

/* Creates the directory, which only this user may enter. STS_ESYS: why has the reason. */
enum sts_status staging_begin(struct staging_directory *staging, char why[FILES_WHY_CAP]);
/* The path of a file in it. */
const char *staging_path(const struct staging_directory *staging, const char *name, char out[128]);
enum sts_status staging_put(const struct staging_directory *staging, const char *name, const char *text, char why[FILES_WHY_CAP]);
/* Reads a file; the caller frees *text. */
enum sts_status staging_take(const struct staging_directory *staging, const char *name, char **text, char why[FILES_WHY_CAP]);
/* Removes the files of these names (the list ends with NULL) and the directory. */
void staging_end(struct staging_directory *staging, const char *const *names);

#endif

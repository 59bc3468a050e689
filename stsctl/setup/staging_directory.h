/* SPDX-License-Identifier: ISC */
/* staging_directory.h - a directory for copies of files, on which programs that change files can be tried. One thread. */
#ifndef STSCTL_SETUP_STAGING_DIRECTORY_H
#define STSCTL_SETUP_STAGING_DIRECTORY_H

#include <stdbool.h>

#include "shared-cache/base/status.h"
#include "stsctl/context/files.h"

struct stage {
	char directory[64];	/* "": there is none */
};

/* Only this user may look inside. STS_ESYS: why says so. */
enum sts_status stage_begin(struct stage *stage, char why[FILES_WHY_CAP]);
/* The path of a file in it. */
const char *stage_path(const struct stage *stage, const char *name, char out[128]);
enum sts_status stage_put(const struct stage *stage, const char *name, const char *text, char why[FILES_WHY_CAP]);
/* The text is the caller's. */
enum sts_status stage_take(const struct stage *stage, const char *name, char **text, char why[FILES_WHY_CAP]);
/* Removes the files of these names (the list ends with NULL) and the directory. */
void stage_end(struct stage *stage, const char *const *names);

#endif

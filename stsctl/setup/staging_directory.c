/* SPDX-License-Identifier: ISC */
/* staging_directory.c - a temporary directory for copies of files. */
#include "config.h"

#include "stsctl/setup/staging_directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stsctl/setup/change_set.h"

enum sts_status
staging_begin(struct staging_directory *staging, char why[FILES_WHY_CAP])
{
	snprintf(staging->directory, sizeof(staging->directory), "/tmp/stsctl-setup.XXXXXX");
	if (mkdtemp(staging->directory) != NULL)
		return STS_OK;
	snprintf(why, FILES_WHY_CAP, "/tmp: cannot create a directory: %s", strerror(errno));
	staging->directory[0] = '\0';
	return STS_ESYS;
}

const char *
staging_path(const struct staging_directory *staging, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", staging->directory, name);
	return out;
}

enum sts_status
staging_put(const struct staging_directory *staging, const char *name, const char *text, char why[FILES_WHY_CAP])
{
	char path[128];

	return files_write(staging_path(staging, name, path), text, strlen(text), why);
}

enum sts_status
staging_take(const struct staging_directory *staging, const char *name, char **text, char why[FILES_WHY_CAP])
{
	const struct change_set nothing = { .count = 0 };
	char path[128];

	return change_set_read(&nothing, staging_path(staging, name, path), text, why);
}

void
staging_end(struct staging_directory *staging, const char *const *names)
{
	char path[128];

	if (staging->directory[0] == '\0')
		return;
	for (; *names != NULL; names++)
		(void)unlink(staging_path(staging, *names, path));
	(void)rmdir(staging->directory);
	staging->directory[0] = '\0';
}

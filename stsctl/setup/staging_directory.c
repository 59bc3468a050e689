/* SPDX-License-Identifier: ISC */
/* setup/staging_directory.c - a temporary directory. Knows nothing of what is put there. */
#include "config.h"

#include "stsctl/setup/staging_directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stsctl/setup/change_set.h"

enum sts_status
stage_begin(struct stage *stage, char why[FILES_WHY_CAP])
{
	snprintf(stage->directory, sizeof(stage->directory), "/tmp/stsctl-setup.XXXXXX");
	if (mkdtemp(stage->directory) != NULL)
		return STS_OK;
	snprintf(why, FILES_WHY_CAP, "/tmp: no directory can be made: %s", strerror(errno));
	stage->directory[0] = '\0';
	return STS_ESYS;
}

const char *
stage_path(const struct stage *stage, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", stage->directory, name);
	return out;
}

enum sts_status
stage_put(const struct stage *stage, const char *name, const char *text, char why[FILES_WHY_CAP])
{
	char path[128];

	return files_write(stage_path(stage, name, path), text, strlen(text), why);
}

enum sts_status
stage_take(const struct stage *stage, const char *name, char **text, char why[FILES_WHY_CAP])
{
	const struct draft nothing = { .count = 0 };
	char path[128];

	return draft_read(&nothing, stage_path(stage, name, path), text, why);
}

void
stage_end(struct stage *stage, const char *const *names)
{
	char path[128];

	if (stage->directory[0] == '\0')
		return;
	for (; *names != NULL; names++)
		(void)unlink(stage_path(stage, *names, path));
	(void)rmdir(stage->directory);
	stage->directory[0] = '\0';
}

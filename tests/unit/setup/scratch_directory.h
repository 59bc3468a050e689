/* SPDX-License-Identifier: ISC */
/* scratch_directory.h - a temporary directory for each test of setup, with paths for a record and a file, and a change set. */
#ifndef STS_TEST_SETUP_SCRATCH_DIRECTORY_H
#define STS_TEST_SETUP_SCRATCH_DIRECTORY_H

#include <stddef.h>

#include "stsctl/setup/change_set.h"

struct scratch {
	char dir[64];
	char record[96];	/* DIR/record; does not exist yet */
	char file[96];		/* DIR/main.cf; does not exist yet */
	char why[FILES_WHY_CAP];
	struct change_set changes;	/* empty */
};

/* Set-up and tear-down for cmocka; *state is a struct scratch. */
int scratch_make(void **state);
int scratch_remove(void **state);

/* DIR/NAME; valid for some further calls. */
const char *scratch_path(const struct scratch *p, const char *name);
void scratch_write(const char *path, const char *bytes, size_t len);

#endif

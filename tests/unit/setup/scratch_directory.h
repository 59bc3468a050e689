/* SPDX-License-Identifier: ISC */
/* scratch_directory.h - a directory of a test's own, with a record's place and a draft: for the tests of setup. */
#ifndef STS_TEST_SETUP_SCRATCH_DIRECTORY_H
#define STS_TEST_SETUP_SCRATCH_DIRECTORY_H

#include <stddef.h>

#include "stsctl/setup/change_set.h"

struct place {
	char dir[64];
	char record[96];	/* DIR/record; not made yet */
	char file[96];		/* DIR/main.cf; neither */
	char why[FILES_WHY_CAP];
	struct change_set changes;	/* of nothing */
};

/* For cmocka; *state is a struct place. */
int place_make(void **state);
int place_remove(void **state);

/* DIR/NAME; good for some calls more. */
const char *place_in(const struct place *p, const char *name);
void place_write(const char *path, const char *bytes, size_t len);

#endif

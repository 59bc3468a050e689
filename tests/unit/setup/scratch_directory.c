/* SPDX-License-Identifier: ISC */
/* scratch_directory.c - see scratch_directory.h. */
#include "config.h"

#include "tests/unit/setup/scratch_directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

const char *
scratch_path(const struct scratch *p, const char *name)
{
	static char paths[4][128];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", p->dir, name);
	return path;
}

int
scratch_make(void **state)
{
	struct scratch *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "/tmp/test_setup.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->record, sizeof(p->record), "%s/record", p->dir);
	snprintf(p->file, sizeof(p->file), "%s/main.cf", p->dir);
	assert_true(change_set_begin(&p->changes));
	change_set_end(&p->changes);
	*state = p;
	return 0;
}

int
scratch_remove(void **state)
{
	struct scratch *p = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", p->dir);
	assert_int_equal(system(command), 0);
	change_set_fini(&p->changes);
	free(p);
	return 0;
}

void
scratch_write(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "stsctl/context/files.h"

struct place {
	char dir[64], path[160];
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "/tmp/test_files.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/www/a b/.well-known/mta-sts.txt", p->dir);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	char name[160];

	unlink(p->path);
	for (const char *below = "/www/a b/.well-known\0/www/a b\0/www\0\0"; below[0] != '\0'; below += strlen(below) + 1) {
		snprintf(name, sizeof(name), "%s%s", p->dir, below);
		rmdir(name);
	}
	assert_int_equal(rmdir(p->dir), 0);	/* nothing is left behind, no temporary file either */
	free(p);
	return 0;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
test_write(void **state)
{
	const struct place *p = *state;
	char why[FILES_WHY_CAP] = "", *text, name[160];
	size_t len;
	struct stat before, after;
	mode_t mask = umask(077);

	assert_int_equal(files_compare(p->path, "one", 3), FILES_MISSING);
	assert_int_equal(files_write(p->path, "one", 3, why), STS_OK);
	umask(mask);
	assert_int_equal(mode_of(p->path), 0644);
	snprintf(name, sizeof(name), "%s/www", p->dir);
	assert_int_equal(mode_of(name), 0755);
	assert_int_equal(files_compare(p->path, "one", 3), FILES_SAME);
	assert_int_equal(files_compare(p->path, "on", 2), FILES_CHANGED);
	assert_int_equal(files_compare(p->path, "one\n", 4), FILES_CHANGED);
	assert_int_equal(stat(p->path, &before), 0);
	assert_int_equal(files_write(p->path, "one", 3, why), STS_OK);
	assert_int_equal(stat(p->path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);	/* untouched */
	assert_int_equal(files_write(p->path, "three", 5, why), STS_OK);
	assert_int_equal(stat(p->path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);	/* replaced, not written into */
	assert_int_equal(files_read(p->path, 5, &text, &len, why), STS_OK);
	assert_int_equal(len, 5);
	assert_memory_equal(text, "three", 5);
	free(text);
	assert_int_equal(files_read(p->path, 4, &text, &len, why), STS_EFULL);
	assert_null(text);
}

/* A link in the web root is replaced; where it points to is left alone. */
static void
test_link(void **state)
{
	const struct place *p = *state;
	char why[FILES_WHY_CAP] = "", victim[160], *text;
	struct stat st;
	size_t len;

	snprintf(victim, sizeof(victim), "%s/victim", p->dir);
	assert_int_equal(files_write(victim, "mine", 4, why), STS_OK);
	assert_int_equal(files_write(p->path, "x", 1, why), STS_OK);
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(symlink(victim, p->path), 0);
	assert_int_equal(files_write(p->path, "policy", 6, why), STS_OK);
	assert_int_equal(lstat(p->path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(files_read(victim, 10, &text, &len, why), STS_OK);
	assert_int_equal(len, 4);
	free(text);
	unlink(victim);
}

static void
test_lock(void **state)
{
	const struct place *p = *state;
	char why[FILES_WHY_CAP] = "";
	int first, second;

	assert_int_equal(files_lock(p->path, &first, why), STS_OK);
	assert_int_equal(files_lock(p->path, &second, why), STS_EFULL);
	assert_int_equal(second, -1);
	close(first);
	assert_int_equal(files_lock(p->path, &second, why), STS_OK);
	close(second);
	assert_int_equal(files_lock(p->dir, &first, why), STS_ESYS);
	assert_non_null(strstr(why, "cannot be locked"));
}

static void
test_failures(void **state)
{
	const struct place *p = *state;
	char why[FILES_WHY_CAP], path[5000];

	why[0] = '\0';
	assert_int_equal(files_write("/dev/null/x/y", "z", 1, why), STS_ESYS);
	assert_non_null(strstr(why, "/dev/null/x/y: its directory cannot be made"));
	assert_int_equal(files_write(p->dir, "z", 1, why), STS_ESYS);	/* a directory is there */
	assert_non_null(strstr(why, "cannot be written"));
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(files_write(path, "z", 1, why), STS_ESYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

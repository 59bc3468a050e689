/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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

/* A link in the web root is replaced; its target is left alone. */
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

/* A mode that was tightened stays; one that is too wide does not. */
static void
test_modes(void **state)
{
	static const struct { mode_t before, after; } rows[] = {
		{ 0600, 0600 }, { 0640, 0640 }, { 0644, 0644 }, { 0666, 0644 }, { 0755, 0644 }, { 04644, 0644 },
	};
	const struct place *p = *state;
	char why[FILES_WHY_CAP] = "", text[2] = "a";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(files_write(p->path, text, 1, why), STS_OK);
		assert_int_equal(chmod(p->path, rows[i].before), 0);
		text[0]++;
		assert_int_equal(files_write(p->path, text, 1, why), STS_OK);
		if (mode_of(p->path) != rows[i].after)
			fail_msg("%o becomes %o", rows[i].before, mode_of(p->path));
		assert_int_equal(chmod(p->path, rows[i].before), 0);
		text[0]++;
		assert_int_equal(files_rewrite(p->path, text, 1, why), STS_OK);
		assert_int_equal(mode_of(p->path), rows[i].before);
	}
}

/* The group of a tightened file can still read it. */
static void
test_owner(void **state)
{
	const struct place *p = *state;
	char why[FILES_WHY_CAP] = "";
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_int_equal(files_write(p->path, "a", 1, why), STS_OK);
	assert_int_equal(chown(p->path, 1, 2), 0);
	assert_int_equal(chmod(p->path, 0640), 0);
	assert_int_equal(files_write(p->path, "b", 1, why), STS_OK);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_uid, 1);
	assert_int_equal(st.st_gid, 2);
	assert_int_equal(st.st_mode & 07777, 0640);
}

/* A link on the way is followed where nobody else can have made it, and refused where others can write. */
static void
test_links_on_the_way(void **state)
{
	static const struct { const char *name; mode_t mode; bool followed; } rows[] = {
		{ "nobody else's", 0755, true },
		{ "everybody's", 0777, false },
		{ "everybody's, sticky", 01777, false },
	};
	const struct place *p = *state;
	char why[FILES_WHY_CAP], www[160], real[160], path[200], *text;
	size_t len;

	snprintf(www, sizeof(www), "%s/www", p->dir);
	snprintf(real, sizeof(real), "%s/real", p->dir);
	snprintf(path, sizeof(path), "%s/www/link/sub/file", p->dir);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char link[180], made[180];

		snprintf(link, sizeof(link), "%s/link", www);
		snprintf(made, sizeof(made), "%s/sub/file", real);
		assert_int_equal(mkdir(www, 0755), 0);
		assert_int_equal(mkdir(real, 0755), 0);
		assert_int_equal(symlink("../real", link), 0);
		assert_int_equal(chmod(www, rows[i].mode), 0);
		why[0] = '\0';
		if (files_write(path, "x", 1, why) != (rows[i].followed ? STS_OK : STS_ESYS))
			fail_msg("%s: %s", rows[i].name, why);
		if (!rows[i].followed)
			assert_non_null(strstr(why, "link is a symbolic link, and others may write there"));
		assert_int_equal(files_read(made, 5, &text, &len, why), rows[i].followed ? STS_OK : STS_ENOTFOUND);
		free(text);
		unlink(made);
		snprintf(made, sizeof(made), "%s/sub", real);
		rmdir(made);
		unlink(link);
		assert_int_equal(rmdir(real), 0);
		assert_int_equal(rmdir(www), 0);
	}
}

/* An existing directory keeps its mode. */
static void
test_directories_that_are_there(void **state)
{
	const struct place *p = *state;
	char why[FILES_WHY_CAP] = "", www[160];

	snprintf(www, sizeof(www), "%s/www", p->dir);
	assert_int_equal(mkdir(www, 0700), 0);
	assert_int_equal(files_write(p->path, "x", 1, why), STS_OK);
	assert_int_equal(mode_of(www), 0700);
}

static void
test_lock(void **state)
{
	const struct place *p = *state;
	char why[FILES_WHY_CAP] = "";
	int first, second;

	assert_int_equal(files_lock(p->path, 0, &first, why), STS_OK);
	assert_int_equal(files_lock(p->path, 0, &second, why), STS_EFULL);
	assert_int_equal(second, -1);
	assert_int_equal(mode_of(p->path), 0600);
	close(first);
	assert_int_equal(files_lock(p->path, 0, &second, why), STS_OK);
	close(second);
	assert_int_equal(files_lock(p->path, 0, &first, why), STS_OK);
	assert_int_equal(files_lock(p->path, 20, &second, why), STS_EFULL);
	files_unlock(p->path, &first);
	assert_int_equal(first, -1);
	assert_int_equal(access(p->path, F_OK), -1);
	files_unlock(p->path, &first);
	assert_int_equal(files_lock(p->path, 0, &first, why), STS_OK);
	close(first);
	assert_int_equal(files_lock(p->dir, 0, &first, why), STS_ESYS);
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
		cmocka_unit_test_setup_teardown(test_modes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_owner, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_links_on_the_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_directories_that_are_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

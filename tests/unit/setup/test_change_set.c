/* SPDX-License-Identifier: ISC */
/* test_change_set.c - what a change set accepts, and what it refuses; it writes nothing. */
#include "config.h"

#include "stsctl/setup/change_set.h"

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

#include "tests/unit/setup/scratch_directory.h"

static void
check_refused(struct scratch *p, const char *path, const char *words)
{
	p->why[0] = '\0';
	assert_int_not_equal(change_set_add_file(&p->changes, path, "new\n", p->why), STS_OK);
	if (strstr(p->why, words) == NULL)
		fail_msg("%s", p->why);
	assert_int_equal(p->changes.count, 0);
}

static void
test_changes(void **state)
{
	struct scratch *p = *state;
	char *text;

	scratch_write(scratch_path(p, "old"), "old\n", 4);
	assert_int_equal(change_set_add_file(&p->changes, scratch_path(p, "old"), "old\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 0);
	assert_int_equal(change_set_add_file(&p->changes, scratch_path(p, "old"), "new\n", p->why), STS_OK);
	assert_int_equal(change_set_add_file(&p->changes, scratch_path(p, "a/b/new"), "new\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 4);
	assert_string_equal(p->changes.list[0].before, "old\n");
	assert_true(p->changes.list[1].directory && p->changes.list[2].directory);
	assert_string_equal(p->changes.list[1].path, scratch_path(p, "a"));
	assert_string_equal(p->changes.list[2].path, scratch_path(p, "a/b"));
	assert_null(p->changes.list[3].before);
	/* later changes see the earlier ones */
	assert_int_equal(change_set_add_file(&p->changes, scratch_path(p, "old"), "newer\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 4);
	assert_int_equal(change_set_read(&p->changes, scratch_path(p, "old"), &text, p->why), STS_OK);
	assert_string_equal(text, "newer\n");
	free(text);
	assert_int_equal(change_set_read(&p->changes, scratch_path(p, "nowhere"), &text, p->why), STS_ENOTFOUND);
	assert_int_equal(access(scratch_path(p, "a"), F_OK), -1);
}

/* The file that the link points to changes. */
static void
test_link_is_followed(void **state)
{
	struct scratch *p = *state;

	scratch_write(scratch_path(p, "real"), "old\n", 4);
	assert_int_equal(symlink("real", scratch_path(p, "link")), 0);
	assert_int_equal(change_set_add_file(&p->changes, scratch_path(p, "link"), "new\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 1);
	assert_string_equal(p->changes.list[0].path, scratch_path(p, "real"));
}

/* A dangling link is refused: neither it nor its target becomes a file. */
static void
test_link_to_nothing(void **state)
{
	struct scratch *p = *state;

	assert_int_equal(symlink("not-mounted/real", scratch_path(p, "link")), 0);
	check_refused(p, scratch_path(p, "link"), "is a dangling symbolic link");
}

/* A link in a directory where others may write could lead to files that are not theirs, so it is not followed, even for reading. */
static void
test_link_of_somebody(void **state)
{
	static const char refusal[] = "is a symbolic link, and others may write there";
	struct scratch *p = *state;
	char *text;

	scratch_write(scratch_path(p, "secret"), "secret\n", 7);
	assert_int_equal(mkdir(scratch_path(p, "open"), 0700), 0);
	assert_int_equal(symlink("../secret", scratch_path(p, "open/link")), 0);
	assert_int_equal(symlink("open/link", scratch_path(p, "chain")), 0);
	assert_int_equal(symlink("..", scratch_path(p, "open/up")), 0);
	assert_int_equal(change_set_read(&p->changes, scratch_path(p, "chain"), &text, p->why), STS_OK);
	free(text);
	assert_int_equal(chmod(scratch_path(p, "open"), 0777), 0);
	check_refused(p, scratch_path(p, "open/link"), refusal);
	check_refused(p, scratch_path(p, "chain"), refusal);
	check_refused(p, scratch_path(p, "open/up/secret"), refusal);
	check_refused(p, scratch_path(p, "open/up/new"), refusal);
	p->why[0] = '\0';
	assert_int_equal(change_set_read(&p->changes, scratch_path(p, "chain"), &text, p->why), STS_ESYS);
	assert_non_null(strstr(p->why, refusal));
	assert_null(text);
}

/* Each link of a chain counts; a loop is refused. */
static void
test_links_to_links(void **state)
{
	struct scratch *p = *state;

	assert_int_equal(mkdir(scratch_path(p, "a"), 0755), 0);
	scratch_write(scratch_path(p, "a/real"), "old\n", 4);
	assert_int_equal(symlink("a", scratch_path(p, "b")), 0);
	assert_int_equal(symlink(scratch_path(p, "b/real"), scratch_path(p, "c")), 0);
	assert_int_equal(symlink("../c", scratch_path(p, "a/d")), 0);
	assert_int_equal(change_set_add_file(&p->changes, scratch_path(p, "b/d"), "new\n", p->why), STS_OK);
	assert_int_equal(change_set_add_file(&p->changes, scratch_path(p, "b/new"), "new\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 2);
	assert_string_equal(p->changes.list[0].path, scratch_path(p, "a/real"));
	assert_string_equal(p->changes.list[1].path, scratch_path(p, "a/new"));
	assert_int_equal(symlink("round", scratch_path(p, "round")), 0);
	assert_int_not_equal(change_set_add_file(&p->changes, scratch_path(p, "round"), "new\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 2);
}

static void
test_refused(void **state)
{
	struct scratch *p = *state;
	char *large = malloc(CHANGE_SET_FILE_MAX + 1);

	assert_non_null(large);
	memset(large, 'x', CHANGE_SET_FILE_MAX + 1);
	scratch_write(scratch_path(p, "binary"), "a\0b\n", 4);
	scratch_write(scratch_path(p, "large"), large, CHANGE_SET_FILE_MAX + 1);
	check_refused(p, scratch_path(p, "binary"), "contains a NUL");
	check_refused(p, scratch_path(p, "large"), "longer than");
	check_refused(p, "relative", "needs an absolute path");
	check_refused(p, "relative/below", "needs an absolute path");
	check_refused(p, scratch_path(p, "binary/below"), "cannot be read");
	free(large);
}

static void
test_directories(void **state)
{
	const struct directory_owner owner = { 0750, geteuid(), getegid() };
	struct scratch *p = *state;

	assert_int_equal(mkdir(scratch_path(p, "right"), 0700), 0);
	assert_int_equal(chmod(scratch_path(p, "right"), 0750), 0);
	assert_int_equal(change_set_add_directory(&p->changes, scratch_path(p, "right"), &owner, p->why), STS_OK);
	assert_int_equal(p->changes.count, 0);
	assert_int_equal(symlink("right", scratch_path(p, "link")), 0);
	assert_int_equal(change_set_add_directory(&p->changes, scratch_path(p, "link"), &owner, p->why), STS_EINVAL);
	assert_int_equal(p->changes.count, 0);
	assert_int_equal(chmod(scratch_path(p, "right"), 0700), 0);
	assert_int_equal(change_set_add_directory(&p->changes, scratch_path(p, "right"), &owner, p->why), STS_OK);
	assert_int_equal(p->changes.count, 1);
	assert_int_equal(p->changes.list[0].was.mode, 0700);
	assert_true(p->changes.list[0].exists);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changes, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_link_is_followed, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_link_to_nothing, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_link_of_somebody, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_links_to_links, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_refused, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_directories, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

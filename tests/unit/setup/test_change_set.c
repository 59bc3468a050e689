/* SPDX-License-Identifier: ISC */
/* test_change_set.c - what a draft takes, and what it refuses; it writes nothing. */
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
check_refused(struct place *p, const char *path, const char *words)
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
	struct place *p = *state;
	char *text;

	place_write(place_in(p, "old"), "old\n", 4);
	assert_int_equal(change_set_add_file(&p->changes, place_in(p, "old"), "old\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 0);
	assert_int_equal(change_set_add_file(&p->changes, place_in(p, "old"), "new\n", p->why), STS_OK);
	assert_int_equal(change_set_add_file(&p->changes, place_in(p, "a/b/new"), "new\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 4);
	assert_string_equal(p->changes.list[0].before, "old\n");
	assert_true(p->changes.list[1].directory && p->changes.list[2].directory);
	assert_string_equal(p->changes.list[1].path, place_in(p, "a"));
	assert_string_equal(p->changes.list[2].path, place_in(p, "a/b"));
	assert_null(p->changes.list[3].before);
	/* what comes later goes by what is drafted */
	assert_int_equal(change_set_add_file(&p->changes, place_in(p, "old"), "newer\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 4);
	assert_int_equal(change_set_read(&p->changes, place_in(p, "old"), &text, p->why), STS_OK);
	assert_string_equal(text, "newer\n");
	free(text);
	assert_int_equal(change_set_read(&p->changes, place_in(p, "nowhere"), &text, p->why), STS_ENOTFOUND);
	assert_int_equal(access(place_in(p, "a"), F_OK), -1);
}

/* The file changes where it is. */
static void
test_link_is_followed(void **state)
{
	struct place *p = *state;

	place_write(place_in(p, "real"), "old\n", 4);
	assert_int_equal(symlink("real", place_in(p, "link")), 0);
	assert_int_equal(change_set_add_file(&p->changes, place_in(p, "link"), "new\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 1);
	assert_string_equal(p->changes.list[0].path, place_in(p, "real"));
}

/* Neither the link nor the place that it points to is ours to make a file of. */
static void
test_link_to_nothing(void **state)
{
	struct place *p = *state;

	assert_int_equal(symlink("not-mounted/real", place_in(p, "link")), 0);
	check_refused(p, place_in(p, "link"), "is a symbolic link to what is not there");
}

/* Where others may write, a link may lead to what is not theirs: neither the file nor what it holds is for them. */
static void
test_link_of_somebody(void **state)
{
	static const char refusal[] = "is a symbolic link, and others may write there";
	struct place *p = *state;
	char *text;

	place_write(place_in(p, "secret"), "secret\n", 7);
	assert_int_equal(mkdir(place_in(p, "open"), 0700), 0);
	assert_int_equal(symlink("../secret", place_in(p, "open/link")), 0);
	assert_int_equal(symlink("open/link", place_in(p, "chain")), 0);
	assert_int_equal(symlink("..", place_in(p, "open/up")), 0);
	assert_int_equal(change_set_read(&p->changes, place_in(p, "chain"), &text, p->why), STS_OK);
	free(text);
	assert_int_equal(chmod(place_in(p, "open"), 0777), 0);
	check_refused(p, place_in(p, "open/link"), refusal);
	check_refused(p, place_in(p, "chain"), refusal);
	check_refused(p, place_in(p, "open/up/secret"), refusal);
	check_refused(p, place_in(p, "open/up/new"), refusal);
	p->why[0] = '\0';
	assert_int_equal(change_set_read(&p->changes, place_in(p, "chain"), &text, p->why), STS_ESYS);
	assert_non_null(strstr(p->why, refusal));
	assert_null(text);
}

/* Each link of a chain, and a round of them. */
static void
test_links_to_links(void **state)
{
	struct place *p = *state;

	assert_int_equal(mkdir(place_in(p, "a"), 0755), 0);
	place_write(place_in(p, "a/real"), "old\n", 4);
	assert_int_equal(symlink("a", place_in(p, "b")), 0);
	assert_int_equal(symlink(place_in(p, "b/real"), place_in(p, "c")), 0);
	assert_int_equal(symlink("../c", place_in(p, "a/d")), 0);
	assert_int_equal(change_set_add_file(&p->changes, place_in(p, "b/d"), "new\n", p->why), STS_OK);
	assert_int_equal(change_set_add_file(&p->changes, place_in(p, "b/new"), "new\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 2);
	assert_string_equal(p->changes.list[0].path, place_in(p, "a/real"));
	assert_string_equal(p->changes.list[1].path, place_in(p, "a/new"));
	assert_int_equal(symlink("round", place_in(p, "round")), 0);
	assert_int_not_equal(change_set_add_file(&p->changes, place_in(p, "round"), "new\n", p->why), STS_OK);
	assert_int_equal(p->changes.count, 2);
}

static void
test_refused(void **state)
{
	struct place *p = *state;
	char *large = malloc(CHANGE_SET_FILE_MAX + 1);

	assert_non_null(large);
	memset(large, 'x', CHANGE_SET_FILE_MAX + 1);
	place_write(place_in(p, "binary"), "a\0b\n", 4);
	place_write(place_in(p, "large"), large, CHANGE_SET_FILE_MAX + 1);
	check_refused(p, place_in(p, "binary"), "holds a NUL");
	check_refused(p, place_in(p, "large"), "longer than");
	check_refused(p, "relative", "name it by its whole path");
	check_refused(p, "relative/below", "name it by its whole path");
	check_refused(p, place_in(p, "binary/below"), "cannot be read");
	free(large);
}

static void
test_directories(void **state)
{
	const struct directory_owner owner = { 0750, geteuid(), getegid() };
	struct place *p = *state;

	assert_int_equal(mkdir(place_in(p, "right"), 0700), 0);
	assert_int_equal(chmod(place_in(p, "right"), 0750), 0);
	assert_int_equal(change_set_add_directory(&p->changes, place_in(p, "right"), &owner, p->why), STS_OK);
	assert_int_equal(p->changes.count, 0);
	assert_int_equal(symlink("right", place_in(p, "link")), 0);
	assert_int_equal(change_set_add_directory(&p->changes, place_in(p, "link"), &owner, p->why), STS_EINVAL);
	assert_int_equal(p->changes.count, 0);
	assert_int_equal(chmod(place_in(p, "right"), 0700), 0);
	assert_int_equal(change_set_add_directory(&p->changes, place_in(p, "right"), &owner, p->why), STS_OK);
	assert_int_equal(p->changes.count, 1);
	assert_int_equal(p->changes.list[0].was.mode, 0700);
	assert_true(p->changes.list[0].exists);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changes, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_link_is_followed, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_link_to_nothing, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_link_of_somebody, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_links_to_links, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_refused, place_make, place_remove),
		cmocka_unit_test_setup_teardown(test_directories, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

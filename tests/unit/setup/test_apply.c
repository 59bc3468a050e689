/* SPDX-License-Identifier: ISC */
/* test_apply.c - a draft written and undone: whatever came in between, nobody's words are lost, and what was there before is there
 * again. What comes in between: an end in the middle, an editor, a link, a directory that refuses. */
#include "config.h"

#include "stsctl/setup/apply.h"

#include <limits.h>
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
write_text(const struct scratch *p, const char *name, const char *text)
{
	scratch_write(scratch_path(p, name), text, strlen(text));
}

/* text: NULL: there is no such file. */
static void
check_text(const struct scratch *p, const char *name, const char *text)
{
	char have[64] = "";
	FILE *file = fopen(scratch_path(p, name), "r");

	if (text == NULL) {
		assert_null(file);
		return;
	}
	assert_non_null(file);
	have[fread(have, 1, sizeof(have) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(have, text);
}

static mode_t
mode_of(const struct scratch *p, const char *name)
{
	struct stat st;

	assert_int_equal(lstat(scratch_path(p, name), &st), 0);
	return st.st_mode;
}

/* ---- setup, in steps ---- */

/* names and texts in turn, up to NULL. */
static void
make_draft(struct scratch *p, struct change_set *changes, const char *const *files)
{
	assert_true(change_set_begin(changes));
	change_set_end(changes);
	for (; *files != NULL; files += 2)
		if (change_set_add_file(changes, scratch_path(p, files[0]), files[1], p->why) != STS_OK)
			fail_msg("%s", p->why);
}

enum end { IN_ORDER, AFTER_THE_RECORD };

static enum sts_status
apply(struct scratch *p, const char *const *files, enum end end)
{
	struct change_set changes;
	struct undo_record record;
	enum sts_status status;

	make_draft(p, &changes, files);
	assert_int_equal(undo_record_open(p->record, true, &record, p->why), STS_OK);
	status = undo_record_add(&record, &changes, p->why);
	if (status == STS_OK && end == IN_ORDER)
		status = apply_changes(&changes, p->why);
	undo_record_close(&record);
	change_set_fini(&changes);
	return status;
}

struct numbers {
	size_t undone, edited, left;
};

static enum sts_status
undo(struct scratch *p, struct numbers *out)
{
	struct undo_result result = { json_array(), json_array(), json_array() };
	struct undo_record record;
	enum sts_status status = undo_record_open(p->record, false, &record, p->why);

	assert_int_equal(status, STS_OK);
	status = apply_undo(&record, &result, p->why);
	assert_int_equal(undo_record_save(&record, p->why), STS_OK);
	undo_record_close(&record);
	*out = (struct numbers){ json_array_size(result.undone), json_array_size(result.edited), json_array_size(result.left) };
	json_decref(result.undone);
	json_decref(result.edited);
	json_decref(result.left);
	return status;
}

static void
check_undone(struct scratch *p)
{
	struct numbers n;

	if (undo(p, &n) != STS_OK)
		fail_msg("%s", p->why);
	assert_int_equal(n.edited, 0);
	assert_int_equal(n.left, 0);
	assert_int_equal(access(p->record, F_OK), -1);
}

static void
check_edited(struct scratch *p)
{
	struct numbers n;

	assert_int_equal(undo(p, &n), STS_OK);
	assert_int_equal(n.edited, 1);
	assert_int_equal(n.undone, 0);
}

/* ---- tests ---- */

static const char *const first[] = { "main.cf", "one\n", "new.d/rule.conf", "rule\n", NULL };
static const char *const second[] = { "main.cf", "two\n", NULL };

static void
test_there_and_back(void **state)
{
	struct scratch *p = *state;

	write_text(p, "main.cf", "zero\n");
	assert_int_equal(apply(p, first, IN_ORDER), STS_OK);
	check_text(p, "main.cf", "one\n");
	assert_int_equal(apply(p, second, IN_ORDER), STS_OK);
	check_text(p, "main.cf", "two\n");
	check_undone(p);
	check_text(p, "main.cf", "zero\n");
	assert_int_equal(access(scratch_path(p, "new.d"), F_OK), -1);
}

/* The record is saved before anything is written. */
static void
test_ends_before_anything_is_written(void **state)
{
	struct scratch *p = *state;

	write_text(p, "main.cf", "zero\n");
	assert_int_equal(apply(p, first, AFTER_THE_RECORD), STS_OK);
	check_text(p, "main.cf", "zero\n");
	assert_int_equal(apply(p, second, IN_ORDER), STS_OK);
	check_undone(p);
	check_text(p, "main.cf", "zero\n");
}

/* The file is as the first run left it: nobody has changed it since. */
static void
test_second_run_ends_before_anything_is_written(void **state)
{
	struct scratch *p = *state;

	write_text(p, "main.cf", "zero\n");
	assert_int_equal(apply(p, first, IN_ORDER), STS_OK);
	assert_int_equal(apply(p, second, AFTER_THE_RECORD), STS_OK);
	check_text(p, "main.cf", "one\n");
	check_undone(p);
	check_text(p, "main.cf", "zero\n");
	check_text(p, "new.d/rule.conf", NULL);
}

static void
test_edited_in_between(void **state)
{
	static const char *const third[] = { "main.cf", "edited\n# three\n", NULL };
	struct scratch *p = *state;

	write_text(p, "main.cf", "zero\n");
	assert_int_equal(apply(p, first, IN_ORDER), STS_OK);
	write_text(p, "main.cf", "edited\n");
	check_edited(p);
	check_text(p, "main.cf", "edited\n");
	assert_int_equal(apply(p, third, IN_ORDER), STS_OK);
	check_edited(p);
	check_text(p, "main.cf", "edited\n# three\n");
}

/* Setup does not change the mode of files, so undoing keeps a mode that somebody has set since. */
static void
test_mode_changed_since(void **state)
{
	struct scratch *p = *state;

	write_text(p, "main.cf", "zero\n");
	assert_int_equal(chmod(scratch_path(p, "main.cf"), 0664), 0);
	assert_int_equal(apply(p, first, IN_ORDER), STS_OK);
	assert_int_equal(mode_of(p, "main.cf") & 07777, 0664);
	assert_int_equal(chmod(scratch_path(p, "main.cf"), 0600), 0);
	check_undone(p);
	check_text(p, "main.cf", "zero\n");
	assert_int_equal(mode_of(p, "main.cf") & 07777, 0600);
}

/* Somebody has moved the file, and put a link in its place: that is an edit, even if the text is the same. */
static void
test_link_put_there_since(void **state)
{
	struct scratch *p = *state;

	write_text(p, "main.cf", "zero\n");
	assert_int_equal(apply(p, first, IN_ORDER), STS_OK);
	assert_int_equal(rename(scratch_path(p, "main.cf"), scratch_path(p, "elsewhere.cf")), 0);
	assert_int_equal(symlink("elsewhere.cf", scratch_path(p, "main.cf")), 0);
	check_edited(p);
	assert_true(S_ISLNK(mode_of(p, "main.cf")));
	check_text(p, "main.cf", "one\n");
}

/* A link comes to stand on the way, where others may write. What is not written for that need not be taken back, and does not
 * keep the rest from it. */
static void
test_undone_after_a_refusal(void **state)
{
	static const char *const files[] = { "main.cf", "one\n", "open/sub/rule.conf", "rule\n", NULL };
	struct scratch *p = *state;
	struct change_set changes;
	struct undo_record record;

	write_text(p, "main.cf", "zero\n");
	assert_int_equal(mkdir(scratch_path(p, "open"), 0700), 0);
	assert_int_equal(chmod(scratch_path(p, "open"), 0777), 0);
	assert_int_equal(mkdir(scratch_path(p, "open/sub"), 0700), 0);
	make_draft(p, &changes, files);
	assert_int_equal(undo_record_open(p->record, true, &record, p->why), STS_OK);
	assert_int_equal(undo_record_add(&record, &changes, p->why), STS_OK);
	assert_int_equal(rename(scratch_path(p, "open/sub"), scratch_path(p, "beyond")), 0);
	assert_int_equal(symlink("../beyond", scratch_path(p, "open/sub")), 0);
	assert_int_equal(apply_changes(&changes, p->why), STS_ESYS);
	assert_non_null(strstr(p->why, "is a symbolic link, and others may write there"));
	undo_record_close(&record);
	change_set_fini(&changes);
	check_text(p, "main.cf", "one\n");
	check_text(p, "beyond/rule.conf", NULL);
	assert_int_equal(unlink(scratch_path(p, "open/sub")), 0);
	check_undone(p);
	check_text(p, "main.cf", "zero\n");
	assert_int_equal(access(scratch_path(p, "open/sub"), F_OK), -1);
}

static void
apply_directory(struct scratch *p, mode_t mode)
{
	const struct directory_owner owner = { mode, geteuid(), getegid() };
	struct change_set changes;
	struct undo_record record;

	assert_true(change_set_begin(&changes));
	change_set_end(&changes);
	assert_int_equal(change_set_add_directory(&changes, scratch_path(p, "socket"), &owner, p->why), STS_OK);
	assert_int_equal(undo_record_open(p->record, true, &record, p->why), STS_OK);
	assert_int_equal(undo_record_add(&record, &changes, p->why), STS_OK);
	assert_int_equal(apply_changes(&changes, p->why), STS_OK);
	undo_record_close(&record);
	change_set_fini(&changes);
	assert_int_equal(mode_of(p, "socket") & 07777, mode);
}

/* A directory that setup made has been replaced with a file. */
static void
test_directory_replaced_since(void **state)
{
	struct scratch *p = *state;

	write_text(p, "main.cf", "zero\n");
	assert_int_equal(apply(p, second, IN_ORDER), STS_OK);
	apply_directory(p, 0750);
	assert_int_equal(rmdir(scratch_path(p, "socket")), 0);
	write_text(p, "socket", "mine\n");
	check_undone(p);
	check_text(p, "main.cf", "zero\n");
	check_text(p, "socket", "mine\n");
}

/* A directory gets its old owner and mode back, unless somebody has changed them since. */
static void
test_mode_of_a_directory(void **state)
{
	struct scratch *p = *state;

	assert_int_equal(mkdir(scratch_path(p, "socket"), 0700), 0);
	apply_directory(p, 0750);
	apply_directory(p, 0711);
	check_undone(p);
	assert_int_equal(mode_of(p, "socket") & 07777, 0700);
	apply_directory(p, 0750);
	assert_int_equal(chmod(scratch_path(p, "socket"), 0500), 0);
	check_undone(p);
	assert_int_equal(mode_of(p, "socket") & 07777, 0500);
}

/* Somebody changed the file after the change set was made. */
static void
test_changed_meanwhile(void **state)
{
	struct scratch *p = *state;
	struct change_set changes;

	write_text(p, "main.cf", "zero\n");
	make_draft(p, &changes, first);
	write_text(p, "main.cf", "edited\n");
	assert_int_equal(apply_changes(&changes, p->why), STS_ESYS);
	assert_non_null(strstr(p->why, "has just been changed by somebody else"));
	change_set_fini(&changes);
	check_text(p, "main.cf", "edited\n");
	check_text(p, "new.d/rule.conf", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_there_and_back, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_ends_before_anything_is_written, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_second_run_ends_before_anything_is_written, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_edited_in_between, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_mode_changed_since, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_link_put_there_since, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_undone_after_a_refusal, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_directory_replaced_since, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_mode_of_a_directory, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_changed_meanwhile, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

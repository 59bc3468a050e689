/* SPDX-License-Identifier: ISC */
/* test_undo_record.c - which directories are accepted as a record, and which contents. */
#include "config.h"

#include "stsctl/setup/undo_record.h"

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
write_text(const char *path, const char *text)
{
	scratch_write(path, text, strlen(text));
}

static void
check_refused(struct scratch *p, const char *directory, const char *words)
{
	struct undo_record record;

	p->why[0] = '\0';
	assert_int_not_equal(undo_record_open(directory, true, &record, p->why), STS_OK);
	undo_record_close(&record);
	if (strstr(p->why, words) == NULL)
		fail_msg("%s", p->why);
}

static void
test_directory(void **state)
{
	static const char not_alone[] = "is not a directory that only this user may enter";
	struct scratch *p = *state;
	char below[128];
	struct undo_record record;

	assert_int_equal(undo_record_open(p->record, false, &record, p->why), STS_ENOTFOUND);
	undo_record_close(&record);
	check_refused(p, "relative", "needs an absolute path");
	write_text(p->file, "");
	check_refused(p, p->file, not_alone);
	snprintf(below, sizeof(below), "%s/record", p->file);
	check_refused(p, below, "Not a directory");
	assert_int_equal(mkdir(p->record, 0755), 0);
	assert_int_equal(chmod(p->record, 0750), 0);
	check_refused(p, p->record, not_alone);
	assert_int_equal(access(p->record, F_OK), 0);
	assert_int_equal(rmdir(p->record), 0);
	assert_int_equal(symlink(p->dir, p->record), 0);
	check_refused(p, p->record, not_alone);
}

/* A new record that stays empty is removed. */
static void
test_empty(void **state)
{
	struct scratch *p = *state;
	struct undo_record record;
	struct stat st;

	assert_int_equal(undo_record_open(p->record, true, &record, p->why), STS_OK);
	assert_int_equal(stat(p->record, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(json_array_size(record.entries), 0);
	assert_int_equal(undo_record_save(&record, p->why), STS_OK);
	undo_record_close(&record);
	assert_int_equal(access(p->record, F_OK), -1);
}

static void
test_manifest(void **state)
{
	static const char *const texts[] = { "", "[]", "{}", "{\"format\": 1}", "{\"format\": 2, \"entries\": [], \"afterwards\": []}",
		"{\"format\": 1, \"entries\": {}, \"afterwards\": []}", "{\"format\": 1, \"entries\": [], \"afterwards\": 1}",
		"{\"format\": 1, \"format\": 1, \"entries\": [], \"afterwards\": []}", "{\"format\": 1, \"entries\": [" };
	struct scratch *p = *state;
	char manifest[128];

	assert_int_equal(mkdir(p->record, 0700), 0);
	snprintf(manifest, sizeof(manifest), "%s/manifest.json", p->record);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_text(manifest, texts[i]);
		check_refused(p, p->record, "was not written by stsctl setup");
	}
}

/* The copy is written before the manifest, only this user may read it, and an altered copy is refused. */
static void
test_copy(void **state)
{
	struct scratch *p = *state;
	struct change_set changes;
	struct undo_record record;
	struct stat st;
	char copy[128], *text;
	const json_t *entry;

	write_text(p->file, "zero\n");
	assert_true(change_set_begin(&changes));
	change_set_end(&changes);
	assert_int_equal(change_set_add_file(&changes, p->file, "one\n", p->why), STS_OK);
	assert_int_equal(undo_record_open(p->record, true, &record, p->why), STS_OK);
	assert_int_equal(undo_record_add(&record, &changes, p->why), STS_OK);
	change_set_fini(&changes);
	undo_record_close(&record);
	assert_int_equal(undo_record_open(p->record, false, &record, p->why), STS_OK);
	entry = json_array_get(record.entries, 0);
	text = undo_record_copy(&record, entry, p->why);
	assert_string_equal(text, "zero\n");
	free(text);
	snprintf(copy, sizeof(copy), "%s/%s", p->record, json_string_value(json_object_get(entry, "copy")));
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	write_text(copy, "evil\n");
	assert_null(undo_record_copy(&record, entry, p->why));
	assert_non_null(strstr(p->why, "the copy is not what was copied"));
	assert_int_equal(unlink(copy), 0);
	assert_null(undo_record_copy(&record, entry, p->why));
	assert_non_null(strstr(p->why, "the copy is gone"));
	undo_record_close(&record);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_directory, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_empty, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_manifest, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_copy, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

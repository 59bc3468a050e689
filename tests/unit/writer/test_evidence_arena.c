/* SPDX-License-Identifier: ISC */
/* test_evidence_arena.c - entries in slabs look unchanged to their readers, whatever the order in which they are freed. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/writer/evidence_arena.h"

enum { ENTRIES = 4000, VALUE = 200 };	/* more than fit into one slab */

static struct sts_stream_entry
make_entry(unsigned number)
{
	char *block = malloc(2 * VALUE);
	struct sts_stream_entry entry = { .block = block, .field_count = 2 };

	assert_non_null(block);
	snprintf(block, VALUE, "%u", number);
	memset(block + VALUE, 'x', VALUE - 1);
	block[2 * VALUE - 1] = '\0';
	entry.fields[0].name = "number";
	entry.fields[0].value = block;
	entry.fields[1].name = "text";
	entry.fields[1].value = block + VALUE;
	return entry;
}

static void
check_entry(const struct sts_stream_entry *entry, unsigned number)
{
	char want[16];

	snprintf(want, sizeof(want), "%u", number);
	assert_int_equal(entry->field_count, 2);
	assert_null(entry->block);
	assert_string_equal(entry->fields[0].name, "number");
	assert_string_equal(entry->fields[0].value, want);
	assert_int_equal(strlen(entry->fields[1].value), VALUE - 1);
}

/* Frees entries with odd numbers first, then the arena, then the rest: what is still read is still there (ASan checks it, too). */
static void
test_entries(void **state)
{
	static struct sts_stream_entry entries[ENTRIES];
	struct sts_evidence_arena arena = { NULL };

	(void)state;
	for (unsigned i = 0; i < ENTRIES; i++) {
		entries[i] = make_entry(i);
		sts_evidence_arena_move(&arena, &entries[i]);
	}
	for (unsigned i = 1; i < ENTRIES; i += 2) {
		check_entry(&entries[i], i);
		sts_evidence_free(&entries[i]);
		assert_int_equal(entries[i].field_count, 0);
	}
	sts_evidence_arena_fini(&arena);
	assert_null(arena.top);
	for (unsigned i = 0; i < ENTRIES; i += 2) {
		check_entry(&entries[i], i);
		sts_evidence_free(&entries[i]);
	}
}

/* An entry that was not moved still has its own memory. */
static void
test_not_taken(void **state)
{
	struct sts_stream_entry entry = make_entry(7);

	(void)state;
	sts_evidence_free(&entry);
	assert_null(entry.block);
	sts_evidence_free(&entry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

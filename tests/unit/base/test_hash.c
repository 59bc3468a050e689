/* SPDX-License-Identifier: ISC */
/* test_hash.c - a large table: its memory, and that every key is found. */
#include "config.h"

#include "shared-cache/base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

enum { KEYS = 200000 };

struct item {
	uint32_t key;
	UT_hash_handle hh;
};

/* If the longest chain is bounded too strictly, the number of buckets grows faster than that of keys: gigabytes for a million. */
static void
test_buckets_grow_as_the_keys_do(void **state)
{
	struct item *items = calloc(KEYS, sizeof(*items)), *table = NULL, *found;

	(void)state;
	assert_non_null(items);
	for (uint32_t i = 0; i < KEYS; i++) {
		items[i].key = i;
		HASH_ADD(hh, table, key, sizeof(items[i].key), &items[i]);
		assert_non_null(items[i].hh.tbl);
	}
	assert_true(table->hh.tbl->num_buckets <= 4 * KEYS);
	for (uint32_t i = 0; i < KEYS; i++) {
		HASH_FIND(hh, table, &i, sizeof(i), found);
		assert_ptr_equal(found, &items[i]);
	}
	HASH_CLEAR(hh, table);
	free(items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets_grow_as_the_keys_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

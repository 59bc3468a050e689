/* SPDX-License-Identifier: ISC */
/* test_row_pool.c - blocks of any size do not overlap; freed ones are used again. */
#include "config.h"

#include "shared-cache/ledger/row_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCKS = 3000, SIZE_MAX_TRIED = 1500 };

static size_t
size_of(size_t number)
{
	return 1 + number * 7 % SIZE_MAX_TRIED;
}

static void
test_each_is_on_its_own(void **state)
{
	static unsigned char *taken[BLOCKS];
	struct sts_row_pool pool = { .slabs = NULL };

	(void)state;
	for (size_t i = 0; i < BLOCKS; i++) {
		assert_non_null(taken[i] = sts_row_pool_alloc(&pool, size_of(i)));
		assert_int_equal((uintptr_t)taken[i] % alignof(max_align_t), 0);
		memset(taken[i], (int)(i % 251), size_of(i));
	}
	for (size_t i = 0; i < BLOCKS; i++)
		for (size_t at = 0; at < size_of(i); at++)
			if (taken[i][at] != i % 251)
				fail_msg("block %zu, byte %zu", i, at);
	for (size_t i = 0; i < BLOCKS; i++)
		sts_row_pool_free(&pool, taken[i], size_of(i));
	sts_row_pool_free(&pool, NULL, 0);
	sts_row_pool_fini(&pool);
	assert_null(pool.slabs);
}

#ifndef __SANITIZE_ADDRESS__
/* A table that folds throughout an outage does not grow. */
static void
test_used_again(void **state)
{
	struct sts_row_pool pool = { .slabs = NULL };
	void *first = sts_row_pool_alloc(&pool, 200), *second = sts_row_pool_alloc(&pool, 400);
	const struct sts_row_pool_slab *slab = pool.slabs;

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		sts_row_pool_free(&pool, first, 200 - i % 8);
		sts_row_pool_free(&pool, second, 400);
		first = sts_row_pool_alloc(&pool, 200 - (i + 1) % 8);
		second = sts_row_pool_alloc(&pool, 400);
	}
	assert_ptr_equal(pool.slabs, slab);
	sts_row_pool_free(&pool, first, 200);
	sts_row_pool_free(&pool, second, 400);
	sts_row_pool_fini(&pool);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_on_its_own),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(test_used_again),
#endif
	};

	return cmocka_run_group_tests_name("row_pool", tests, NULL, NULL);
}

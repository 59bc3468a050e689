/* SPDX-License-Identifier: ISC */
/* test_row_pool.c - cells of any size, each on its own; those that were given back are used again. */
#include "config.h"

#include "shared-cache/ledger/row_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { CELLS = 3000, SIZE_MAX_TRIED = 1500 };

static size_t
size_of(size_t number)
{
	return 1 + number * 7 % SIZE_MAX_TRIED;
}

static void
test_each_is_on_its_own(void **state)
{
	static unsigned char *taken[CELLS];
	struct sts_cells cells = { .pieces = NULL };

	(void)state;
	for (size_t i = 0; i < CELLS; i++) {
		assert_non_null(taken[i] = sts_cells_take(&cells, size_of(i)));
		assert_int_equal((uintptr_t)taken[i] % alignof(max_align_t), 0);
		memset(taken[i], (int)(i % 251), size_of(i));
	}
	for (size_t i = 0; i < CELLS; i++)
		for (size_t at = 0; at < size_of(i); at++)
			if (taken[i][at] != i % 251)
				fail_msg("cell %zu, byte %zu", i, at);
	for (size_t i = 0; i < CELLS; i++)
		sts_cells_give(&cells, taken[i], size_of(i));
	sts_cells_give(&cells, NULL, 0);
	sts_cells_fini(&cells);
	assert_null(cells.pieces);
}

#ifndef __SANITIZE_ADDRESS__
/* A table that folds for as long as an outage lasts does not grow. */
static void
test_used_again(void **state)
{
	struct sts_cells cells = { .pieces = NULL };
	void *first = sts_cells_take(&cells, 200), *second = sts_cells_take(&cells, 400);
	const struct sts_cell_piece *piece = cells.pieces;

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		sts_cells_give(&cells, first, 200 - i % 8);
		sts_cells_give(&cells, second, 400);
		first = sts_cells_take(&cells, 200 - (i + 1) % 8);
		second = sts_cells_take(&cells, 400);
	}
	assert_ptr_equal(cells.pieces, piece);
	sts_cells_give(&cells, first, 200);
	sts_cells_give(&cells, second, 400);
	sts_cells_fini(&cells);
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

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_counter_names.c - the same text has the same name, however it is built. */
#include "config.h"

#include "milter/record/counter_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char result[] = "result:", again[] = "result:", pass[] = "pass", odd[] = "a b\n";

static void
test_names(void **state)
{
	struct counter_names *names;
	const char *first, *begin;
	size_t size;

	(void)state;
	assert_int_equal(counter_names_new(&names), STS_OK);
	first = counter_name(names, result, pass);
	assert_string_equal(first, "result:pass");
	assert_ptr_equal(counter_name(names, result, pass), first);
	assert_ptr_equal(counter_name(names, again, pass), first);
	assert_string_equal(counter_name_aligned(names, first), "aligned:result:pass");
	assert_string_equal(counter_name(names, result, odd), "result:a_b_");
	assert_null(counter_name_aligned(names, pass));
	begin = counter_names_memory(names, &size);
	assert_true(first >= begin && first < begin + size);
	counter_names_free(&names);
	assert_null(names);
}

/* A full table says so, and what is there stays. */
static void
test_full(void **state)
{
	static char values[400][8];
	struct counter_names *names;
	size_t made = 0;

	(void)state;
	assert_int_equal(counter_names_new(&names), STS_OK);
	for (size_t i = 0; i < 400; i++) {
		snprintf(values[i], sizeof(values[i]), "v%zu", i);
		made += counter_name(names, result, values[i]) != NULL;
	}
	assert_in_range(made, 100, 399);
	assert_string_equal(counter_name(names, result, values[0]), "result:v0");
	assert_null(counter_name(names, result, values[399]));
	counter_names_free(&names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

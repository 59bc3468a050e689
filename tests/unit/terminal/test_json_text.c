/* SPDX-License-Identifier: ISC */
/* test_json_text.c - with each allocation failing in turn, the JSON is complete or NULL. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/terminal/json_text.h"

static size_t left, live;	/* allocations until one fails; pieces of memory that are held */

static void *
take(size_t size)
{
	void *memory = left == 0 ? NULL : malloc(size);

	left -= left > 0;
	live += memory != NULL;
	return memory;
}

static void
give(void *memory)
{
	live -= memory != NULL;
	free(memory);
}

static json_t *
make(void)
{
	json_t *list = json_array(), *object = json_object();

	for (int i = 0; i < 20; i++)
		json_add(&list, json_integer(i));
	json_put(&object, "list", list);
	json_put(&object, "text", json_text("caf\xe9"));
	return object;
}

static void
test_all_or_nothing(void **state)
{
	static const char want[] = "{\"list\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19],\"text\":\"caf?\"}";
	bool whole = false;

	(void)state;
	json_set_alloc_funcs(take, give);
	for (size_t n = 0; !whole; n++) {
		json_t *made;
		char *text;

		left = n;
		made = make();
		whole = left > 0;
		left = SIZE_MAX;
		if (made != NULL) {
			text = json_dumps(made, JSON_COMPACT);
			assert_string_equal(text, want);
			give(text);
		} else
			assert_false(whole);
		json_decref(made);
		assert_int_equal(live, 0);
	}
}

static void
test_stays_nothing(void **state)
{
	json_t *list = NULL, *object = NULL;

	(void)state;
	left = SIZE_MAX;
	json_add(&list, json_integer(1));
	json_put(&object, "name", json_integer(1));
	assert_null(list);
	assert_null(object);
	list = json_array();
	json_add(&list, NULL);
	assert_null(list);
	object = json_object();
	json_put(&object, "name", NULL);
	assert_null(object);
	assert_int_equal(live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_or_nothing),
		cmocka_unit_test(test_stays_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

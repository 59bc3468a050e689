/* SPDX-License-Identifier: ISC */
/* test_memory_retry.c - retries only when memory was short, and never for ever. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "milter/session/memory_retry.h"

static void
test_other_errors(void **state)
{
	static const int errors[] = { 0, EPIPE, ETIMEDOUT, EBADF };
	struct memory_retry retry = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		assert_false(memory_retry_waited(&retry, errors[i]));
	assert_int_equal(retry.waited, 0);
}

/* All calls of one answer share the retries. */
static void
test_it_ends(void **state)
{
	struct memory_retry retry = { .waited = MEMORY_RETRIES - 2 };

	(void)state;
	assert_true(memory_retry_waited(&retry, ENOMEM));
	assert_true(memory_retry_waited(&retry, ENOMEM));
	assert_false(memory_retry_waited(&retry, ENOMEM));
	assert_false(memory_retry_waited(&retry, ENOMEM));
	assert_int_equal(retry.waited, MEMORY_RETRIES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_errors),
		cmocka_unit_test(test_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

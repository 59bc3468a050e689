/* SPDX-License-Identifier: ISC */
/* test_heap_trim.c - when the heap is trimmed after an outage. */
#include "config.h"

#include "shared-cache/writer/heap_trim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Turns of the writer: their results, and whether the heap is trimmed. */
static void
test_when(void **state)
{
	enum { FEW = STS_HEAP_TRIM_BACKLOG - 1, MANY = STS_HEAP_TRIM_BACKLOG, MINUTE = STS_HEAP_TRIM_PAUSE_MS };
	static const struct {
		const char *what;
		bool written;
		size_t waiting;
		int64_t now_ms;
		bool due;
	} turns[] = {
		{ "nothing has happened", true, 0, 1000, false },
		{ "much waits, but goes", true, MANY, 2000, false },
		{ "a small outage", false, FEW, 3000, false },
		{ "is over", true, 0, 4000, false },
		{ "a large one", false, MANY, 5000, false },
		{ "of which a part was written", false, FEW, 6000, false },
		{ "is over", true, 10, 7000, true },
		{ "once is enough", true, 10, 8000, false },
		{ "another one", false, MANY, 9000, false },
		{ "is over soon after", true, 0, 7000 + MINUTE - 1, false },
		{ "and is not forgotten", true, 0, 7000 + MINUTE, true },
		{ "once is enough", true, 0, 7000 + 3 * MINUTE, false },
	};
	struct sts_heap_trim trim = { .backlog = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++)
		if (sts_heap_trim_is_due(&trim, turns[i].written, turns[i].waiting, turns[i].now_ms) != turns[i].due)
			fail_msg("turn %zu: %s", i, turns[i].what);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when),
	};

	return cmocka_run_group_tests_name("heap_trim", tests, NULL, NULL);
}

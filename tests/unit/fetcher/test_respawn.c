/* SPDX-License-Identifier: ISC */
/* When a process that has died is restarted. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared-cache/fetcher/respawn.h"

static void
test_delays(void **state)
{
	static const int64_t delays[] = { 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000 };
	static const uint32_t chances[] = { 0, 1, 49, 12345678, UINT32_MAX };

	(void)state;
	for (size_t c = 0; c < sizeof(chances) / sizeof(chances[0]); c++) {
		struct sts_respawn r = { 0 };

		for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
			sts_respawn_died(&r, 5000, 59999, chances[c]);
			assert_in_range(r.next_ms - 5000, delays[i] * 3 / 4, delays[i] * 5 / 4);
		}
		for (size_t i = 0; i < 100; i++)
			sts_respawn_died(&r, 5000, 0, chances[c]);
		assert_in_range(r.next_ms - 5000, 22500, 37500);
		sts_respawn_died(&r, 5000, STS_RESPAWN_GOOD_MS, chances[c]);
		assert_in_range(r.next_ms - 5000, 75, 125);
		sts_respawn_died(&r, 5000, 0, chances[c]);
		assert_in_range(r.next_ms - 5000, 150, 250);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_delays) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

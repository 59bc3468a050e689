/* SPDX-License-Identifier: ISC */
/* test_state.c - the default paths of check's state file. tests/validator/test_memory.py tests its contents. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/check/state.h"

#define ROOTS "/var/lib/mta-sts-milter/check.json"	/* after whatever prefix configure was given */

static void
test_places(void **state)
{
	static const struct { bool root; const char *xdg, *home, *want; } rows[] = {
		{ true, NULL, "/root", ROOTS },
		{ true, "/home/a/.state", "/home/a", ROOTS },
		{ true, NULL, NULL, ROOTS },
		{ false, "/s", "/home/a", "/s/mta-sts-milter/check.json" },
		{ false, NULL, "/home/a", "/home/a/.local/state/mta-sts-milter/check.json" },
		{ false, "relative", "/home/a", "/home/a/.local/state/mta-sts-milter/check.json" },
		{ false, "", NULL, NULL },
		{ false, NULL, "relative", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *place = check_state_path(rows[i].root, rows[i].xdg, rows[i].home);

		size_t len = place != NULL ? strlen(place) : 0, want_len = rows[i].want != NULL ? strlen(rows[i].want) : 0;

		if ((place != NULL) != (rows[i].want != NULL) || len < want_len ||
		    (place != NULL && strcmp(place + (rows[i].root ? len - want_len : 0), rows[i].want) != 0))
			fail_msg("row %zu: %s", i, place != NULL ? place : "nowhere");
		free(place);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

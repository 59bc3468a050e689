/* SPDX-License-Identifier: ISC */
/* test_health.c - which facts meet which conditions, and what is reported. */
#include "config.h"

#include "milter/record/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1000000 };

static const struct row {
	const char *name;
	struct health_facts facts;
	const char *names;	/* of the conditions that are met */
} rows[] = {
	/* stopping, folding, now, resolver, writer, open files, allowed, tripped */
	{ "all is well", { false, false, NOW, NOW, NOW, 30, 1024, false }, "" },
	{ "stopping", { true, false, NOW, NOW, NOW, 30, 1024, false }, "stopping " },
	{ "resolver late, not silent", { false, false, NOW, NOW - 180000, NOW, 30, 1024, false }, "" },
	{ "resolver silent", { false, false, NOW, NOW - 180001, NOW, 30, 1024, false }, "resolver " },
	{ "writer silent", { false, false, NOW, NOW, NOW - 180001, 30, 1024, false }, "writer " },
	{ "a thread ahead of time", { false, false, NOW, NOW, NOW + 5, 30, 1024, false }, "" },
	{ "detail is lost", { false, true, NOW, NOW, NOW, 30, 1024, false }, "counters " },
	{ "files left", { false, false, NOW, NOW, NOW, 992, 1024, false }, "" },
	{ "files run out", { false, false, NOW, NOW, NOW, 993, 1024, false }, "files " },
	{ "files unknown", { false, false, NOW, NOW, NOW, 0, 0, false }, "" },
	{ "tripped", { false, false, NOW, NOW, NOW, 10, 1024, true }, "trip-wire " },
	{ "everything", { true, true, NOW, 0, 0, 1024, 1024, true },
	    "stopping resolver writer counters files trip-wire " },
};

static void
test_conditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char storage[128], report[1024];
		struct sts_text names, text;
		size_t lines = 0;
		bool well;

		sts_text_init(&names, storage, sizeof(storage));
		sts_text_init(&text, report, sizeof(report));
		for (unsigned c = 0; c <= HEALTH_CONDITIONS; c++) {
			if (health_is_bad(&rows[i].facts, c))
				sts_text_addf(&names, "%s ", health_name(c));
		}
		if (strcmp(storage, rows[i].names) != 0)
			fail_msg("%s: got \"%s\"", rows[i].name, storage);
		well = health_report(&rows[i].facts, &text);
		assert_int_equal(well, rows[i].names[0] == '\0');
		assert_int_equal(well, strcmp(report, "ok\n") == 0);
		for (const char *p = report; *p != '\0'; p++)
			lines += *p == '\n';
		if (!well && strstr(report, storage[0] != '\0' ? strtok(storage, " ") : "") != report)
			fail_msg("%s: said \"%s\"", rows[i].name, report);
		assert_true(lines >= 1);
	}
	assert_string_equal(health_name(HEALTH_CONDITIONS), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_conditions) };

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}

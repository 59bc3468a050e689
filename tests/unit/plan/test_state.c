/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/plan/state.h"

#define TEXT "version: STSv1\\r\\nmode: none\\r\\nmax_age: 1\\r\\n"
#define ENTRY(text, id, written, released, longest) \
    "{\"format\": 1, \"domains\": {\"a.example\": {\"policy\": \"" text "\", \"id\": \"" id "\", " \
    "\"written\": " written ", \"released\": " released ", \"retired\": 0, \"longest_max_age\": " longest "}}}"
#define RETIRED(retired) \
    "{\"format\": 1, \"domains\": {\"a.example\": {\"policy\": \"" TEXT "\", \"id\": \"x\", " \
    "\"written\": 1, \"released\": 0, \"retired\": " retired ", \"longest_max_age\": 0}}}"

static void
test_there_and_back(void **state)
{
	struct publish_history history = { .text = "version: STSv1\r\nmode: testing\r\nmx: *.a.example\r\nmax_age: 86400\r\n",
	    .id = "x1",
		.written = 1, .released = 2, .retired = 3, .longest_max_age_s = 31557600 };
	struct publish_history found;
	struct publish_state s;
	char *text;

	(void)state;
	assert_int_equal(publish_state_read("", 0, &s, NULL), STS_OK);
	assert_int_equal(publish_state_get(&s, "a.example", &found), STS_OK);
	assert_int_equal(found.written, 0);
	assert_string_equal(found.text, "");
	assert_int_equal(publish_state_set(&s, "a.example", &history), STS_OK);
	assert_int_equal(publish_state_set(&s, "b.example", &history), STS_OK);
	text = publish_state_text(&s);
	publish_state_fini(&s);
	assert_non_null(text);
	assert_int_equal(publish_state_read(text, strlen(text), &s, NULL), STS_OK);
	free(text);
	assert_int_equal(publish_state_get(&s, "a.example", &found), STS_OK);
	assert_memory_equal(&found, &history, sizeof(history));
	publish_state_fini(&s);
}

static void
test_what_makes_no_sense(void **state)
{
	static const struct {
		const char *text;
		enum sts_status read, get;
	} rows[] = {
		{ ENTRY(TEXT, "x", "1", "0", "0"), STS_OK, STS_OK },
		{ "{", STS_EINVAL, STS_OK },
		{ "[]", STS_EINVAL, STS_OK },
		{ "{\"format\": 2, \"domains\": {}}", STS_EINVAL, STS_OK },
		{ "{\"format\": 1, \"domains\": []}", STS_EINVAL, STS_OK },
		{ "{\"format\": 1, \"domains\": {\"a.example\": 1}}", STS_OK, STS_EINVAL },
		{ "{\"format\": 1, \"domains\": {\"a.example\": {}}}", STS_OK, STS_EINVAL },
		{ ENTRY("no policy", "x", "1", "0", "0"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "with-dash", "1", "0", "0"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "", "1", "0", "0"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "x", "0", "0", "0"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "x", "1", "-1", "0"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "x", "1", "9223372036854775807", "0"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "x", "253402300799", "253402300799", "0"), STS_OK, STS_OK },
		{ ENTRY(TEXT, "x", "253402300800", "0", "0"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "x", "9223372036854775807", "0", "0"), STS_OK, STS_EINVAL },
		{ RETIRED("253402300799"), STS_OK, STS_OK },
		{ RETIRED("253402300800"), STS_OK, STS_EINVAL },
		{ RETIRED("9223372036854775807"), STS_OK, STS_EINVAL },
		{ RETIRED("-1"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "x", "1", "0", "31557601"), STS_OK, STS_EINVAL },
		{ ENTRY(TEXT, "x", "\"1\"", "0", "0"), STS_OK, STS_EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct publish_history found;
		struct publish_state s;
		struct sts_diag diag;
		enum sts_status status;

		sts_diag_init(&diag);
		status = publish_state_read(rows[i].text, strlen(rows[i].text), &s, &diag);
		if (status != rows[i].read || (status != STS_OK && diag.error.text[0] == '\0'))
			fail_msg("%s: read: %d", rows[i].text, (int)status);
		if (status == STS_OK && publish_state_get(&s, "a.example", &found) != rows[i].get)
			fail_msg("%s: get", rows[i].text);
		publish_state_fini(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_what_makes_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

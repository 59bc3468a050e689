/* SPDX-License-Identifier: ISC */
/* test_log.c - levels, the last guard against control bytes, the rate limit. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/log.h"

static struct {
	int count;
	enum sts_log_level level;
	char line[4096];
} seen;

static void
keep(enum sts_log_level level, const char *line)
{
	seen.count++;
	seen.level = level;
	snprintf(seen.line, sizeof(seen.line), "%s", line);
}

static int
reset(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	sts_log_open(keep, STS_LOG_DEBUG);
	return 0;
}

static void
test_levels(void **state)
{
	(void)state;
	sts_debug("d %d", 1);
	assert_int_equal(seen.level, STS_LOG_DEBUG);
	assert_string_equal(seen.line, "d 1");
	sts_info("i");
	assert_int_equal(seen.level, STS_LOG_INFO);
	sts_warn("w");
	assert_int_equal(seen.level, STS_LOG_WARN);
	sts_fatal("f");
	assert_int_equal(seen.level, STS_LOG_FATAL);
	assert_int_equal(seen.count, 4);
}

static void
test_threshold_and_silence(void **state)
{
	(void)state;
	sts_log_open(keep, STS_LOG_WARN);
	sts_debug("d");
	sts_info("i");
	assert_int_equal(seen.count, 0);
	sts_warn("w");
	assert_int_equal(seen.count, 1);
	sts_log_open(NULL, STS_LOG_DEBUG);
	sts_fatal("f");
	assert_int_equal(seen.count, 1);
}

/* A log line is one line, whatever its contents. */
static void
test_control_bytes(void **state)
{
	(void)state;
	sts_info("a%cb%cc%cd%ce", '\n', '\r', 0x1b, 0x7f);
	assert_string_equal(seen.line, "a?b?c?d?e");
	sts_info("%s", "\xc3\xa9");
	assert_string_equal(seen.line, "\xc3\xa9");
}

static void
test_long_line_is_cut(void **state)
{
	char longer[4000];

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	sts_info("%s", longer);
	assert_int_equal(strlen(seen.line), 2047);
}

static void
test_limiter(void **state)
{
	struct sts_log_limit limit = { 0 };
	unsigned long held = 99;

	(void)state;
	assert_true(sts_log_allowed(&limit, 1000, 500, &held));
	assert_int_equal(held, 0);
	assert_false(sts_log_allowed(&limit, 1000, 500, &held));
	assert_false(sts_log_allowed(&limit, 1499, 500, &held));
	assert_true(sts_log_allowed(&limit, 1500, 500, &held));
	assert_int_equal(held, 2);
	assert_true(sts_log_allowed(&limit, 9000, 500, &held));
	assert_int_equal(held, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_levels, reset),
		cmocka_unit_test_setup(test_threshold_and_silence, reset),
		cmocka_unit_test_setup(test_control_bytes, reset),
		cmocka_unit_test_setup(test_long_line_is_cut, reset),
		cmocka_unit_test_setup(test_limiter, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

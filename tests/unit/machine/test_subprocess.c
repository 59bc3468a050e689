/* SPDX-License-Identifier: ISC */
/* test_subprocess.c - runs programs that every system has, without a shell and without sleeping. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/machine/subprocess.h"

enum { LONG_MS = 60000 };

static void
test_what_it_says(void **state)
{
	static const struct {
		const char *name, *argv[6];
		int status;
		const char *out;
	} rows[] = {
		{ "output", { "printf", "a b\\n%s", "$HOME;x", NULL }, 0, "a b\n$HOME;x" },
		{ "nothing", { "true", NULL }, 0, "" },
		{ "no", { "false", NULL }, 1, "" },
		{ "a NUL", { "printf", "a\\0b", NULL }, 0, "a?b" },
		{ "the environment", { "printenv", "LC_ALL", NULL }, 0, "C\n" },
		{ "nothing of ours", { "printenv", "HOME", NULL }, 1, "" },
		{ "no input", { "cat", NULL }, 0, "" },
		{ "killed", { "sh", "-c", "kill -9 $$", NULL }, 128 + 9, "" },
	};

	(void)state;
	setenv("HOME", "/", 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct subprocess_output output;
		enum sts_status status = subprocess_run(rows[i].argv, LONG_MS, &output);

		if (status != STS_OK || output.status != rows[i].status || strcmp(output.out, rows[i].out) != 0)
			fail_msg("%s: %d, %d, \"%s\"", rows[i].name, (int)status, output.status, output.out);
		subprocess_output_fini(&output);
		assert_null(output.out);
	}
}

/* The longest output, all NULs: each is replaced once. */
static void
test_many_nuls(void **state)
{
	static const char *const argv[] = { "head", "-c", "4000000", "/dev/zero", NULL };
	struct subprocess_output output;

	(void)state;
	assert_int_equal(subprocess_run(argv, LONG_MS, &output), STS_OK);
	assert_int_equal(strlen(output.out), 4000000);
	assert_int_equal(strspn(output.out, "?"), 4000000);
	subprocess_output_fini(&output);
}

static void
test_errors_apart(void **state)
{
	static const char *const argv[] = { "sh", "-c", "echo out; echo err >&2; exit 7", NULL };
	struct subprocess_output output;

	(void)state;
	assert_int_equal(subprocess_run(argv, LONG_MS, &output), STS_OK);
	assert_int_equal(output.status, 7);
	assert_string_equal(output.out, "out\n");
	assert_string_equal(output.err, "err\n");
	subprocess_output_fini(&output);
}

static void
test_what_cannot_be_had(void **state)
{
	static const struct {
		const char *name, *argv[4];
		int64_t timeout_ms;
		enum sts_status status;
	} rows[] = {
		{ "no such program", { "no-such-program-at-all", NULL }, LONG_MS, STS_ENOTFOUND },
		{ "no way out of the list", { "../../bin/no-such-program", NULL }, LONG_MS, STS_ENOTFOUND },
		{ "does not end", { "sleep", "1000", NULL }, 20, STS_EUNAVAILABLE },
		{ "closes its streams, does not end", { "sh", "-c", "exec >&- 2>&-; exec sleep 1000", NULL }, 200,
		  STS_EUNAVAILABLE },
		{ "leaves a child with the streams", { "sh", "-c", "sleep 1000 &", NULL }, 200, STS_EUNAVAILABLE },
		{ "says too much", { "yes", NULL }, LONG_MS, STS_EFULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct subprocess_output output;
		enum sts_status status = subprocess_run(rows[i].argv, rows[i].timeout_ms, &output);

		if (status != rows[i].status || output.out != NULL || output.err != NULL)
			fail_msg("%s: %d", rows[i].name, (int)status);
	}
}

/* More input than a pipe holds, for a program given by its path. */
static void
test_input(void **state)
{
	static const char *const cat[] = { "/bin/cat", NULL }, *const deaf[] = { "true", NULL }, *const none[] = { "/no/such", NULL };
	static char input[300000];
	struct subprocess_output output;

	(void)state;
	memset(input, 'x', sizeof(input));
	assert_int_equal(subprocess_feed(cat, input, sizeof(input), LONG_MS, &output), STS_OK);
	assert_int_equal(strlen(output.out), sizeof(input));
	assert_int_equal(strspn(output.out, "x"), sizeof(input));
	subprocess_output_fini(&output);
	assert_int_equal(subprocess_feed(cat, "", 0, LONG_MS, &output), STS_OK);
	assert_string_equal(output.out, "");
	subprocess_output_fini(&output);
	assert_int_equal(subprocess_feed(deaf, input, sizeof(input), LONG_MS, &output), STS_OK);
	subprocess_output_fini(&output);
	assert_int_equal(subprocess_feed(none, input, sizeof(input), LONG_MS, &output), STS_ENOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_says),
		cmocka_unit_test(test_many_nuls),
		cmocka_unit_test(test_errors_apart),
		cmocka_unit_test(test_what_cannot_be_had),
		cmocka_unit_test(test_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

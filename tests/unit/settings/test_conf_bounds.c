/* SPDX-License-Identifier: ISC */
/* test_conf_bounds.c - settings that are too long, too many, or not text. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/settings/conf_private.h"
#include "tests/unit/settings/conf_scratch.h"

static void
test_no_text(void **state)
{
	static const char nul[] = "redis = none\nfetch_rate = 1\0\n";
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors, *big;

	write_bytes(s, "F", nul, sizeof(nul) - 1);
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_EINVAL);
	assert_string_equal(errors, "F:2: a control character (0x00): this is not a text file\n");
	free(errors);

	big = malloc(STS_CONF_LINE_MAX + 1);
	assert_non_null(big);
	memset(big, 'x', STS_CONF_LINE_MAX + 1);
	write_bytes(s, "F", big, STS_CONF_LINE_MAX + 1);
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_EINVAL);
	assert_string_equal(errors, "F:1: the setting is longer than 65536 bytes\n");
	free(errors);
	free(big);

	big = malloc((1 << 20) + 1);
	assert_non_null(big);
	memset(big, '\n', (1 << 20) + 1);
	write_bytes(s, "F", big, (1 << 20) + 1);
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_EINVAL);
	assert_string_equal(errors, "F: is longer than 1048576 bytes\n");
	free(errors);
	free(big);

	unlink(s->file);
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_EINVAL);
	assert_non_null(strstr(errors, "F: cannot be read: No such file or directory"));
	free(errors);
}

/* Values of maximum length, and one byte longer. */
static void
test_lengths(void **state)
{
	static const struct {
		const char *name, *before, *after;
		size_t most;		/* number of letters between them, at most */
		const char *why;
	} rows[] = {
		{ "user", "", "", 64, "not the name of a user or group" },
		{ "authserv_id", "", "", 255, "at most 255 of the characters" },
		{ "milter_socket", "unix:/", "", 106, "the path is too long for a socket (107 bytes)" },
		{ "metrics_listen", "", ":1", 253, "must be HOST:PORT" },
		{ "ca_file", "/", "", 4094, "too long for a path" },
		{ "redis_username", "", "", 128, "too long" },
		{ "redis_prefix", "", "", 64, "must be 1 to 64" },
		{ "user_agent_contact", "mailto:", "", 193, "at most 200 characters" },
		{ "front_daemons", "", "", 64, "too long for the name of a service" },
	};
	const struct scratch *s = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char letters[5000], text[6000];
		struct sts_conf *conf;
		char *errors;

		memset(letters, 'a', sizeof(letters));
		letters[rows[i].most + 1] = '\0';
		snprintf(text, sizeof(text), "%s = %s%s%s", rows[i].name, rows[i].before, letters, rows[i].after);
		write_text(s, "F", text);
		if (load(s, NULL, 0, &conf, &errors) != STS_EINVAL || strstr(errors, rows[i].why) == NULL)
			fail_msg("%s: \"%s\"", rows[i].name, errors);
		if (strlen(text) > 200)
			assert_non_null(strstr(errors, "aaa...\": "));	/* the quoted value is truncated */
		free(errors);
		snprintf(text, sizeof(text), "%s = %s%s%s", rows[i].name, rows[i].before, letters + 1, rows[i].after);
		write_text(s, "F", text);
		if (load(s, NULL, 0, &conf, &errors) == STS_EINVAL && strstr(errors, rows[i].why) != NULL)
			fail_msg("%s: %s", rows[i].name, errors);
		sts_conf_unref(&conf);
		free(errors);
	}
}

static void
test_many_elements(void **state)
{
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors, *text = NULL;
	size_t len;
	FILE *f;

	for (int more = 0; more < 2; more++) {
		f = open_memstream(&text, &len);
		assert_non_null(f);
		fputs("report_addresses =", f);
		for (int i = 0; i < STS_ADDRESSES_MAX + more; i++)
			fprintf(f, " a%d", i);
		fputs("\nfront_daemons =", f);
		for (int i = 0; i < 100 + 200 * more; i++)
			fputs(" FRONT", f);
		fclose(f);
		write_text(s, "F", text);
		free(text);
		assert_int_equal(load(s, NULL, 0, &conf, &errors), more ? STS_EINVAL : STS_OK);
		assert_string_equal(errors, more ? "F:1: report_addresses: \"a1000\": one too many\nF:2: front_daemons: too many names\n" : "");
		sts_conf_unref(&conf);
		free(errors);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_text, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_lengths, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_many_elements, make_scratch, remove_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

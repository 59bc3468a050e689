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

#include "stsctl/commandline/completion.h"

/* The words offered, without meanings, separated by blanks. */
static void
offered(const char *const *words, char *out, size_t cap)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int count = 0;

	assert_non_null(to);
	while (words[count] != NULL)
		count++;
	completion_print(count, (char **)(uintptr_t)words, to);
	fclose(to);
	out[0] = '\0';
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		snprintf(out + strlen(out), cap - strlen(out), "%s%.*s", line > text ? " " : "", (int)strcspn(line, "\t\n"), line);
	free(text);
}

static void
test_words(void **state)
{
	static const struct { const char *words[8], *want; } rows[] = {
		{ { "che" }, "check" },
		{ { "l" }, "lint lookup" },
		{ { "he" }, "help" },
		{ { "nonsense" }, "" },
		{ { "--j" }, "--json" },
		{ { "--v" }, "--version" },
		{ { "help", "sta" }, "stats status" },
		{ { "help", "stats", "" }, "" },
		{ { "lint", "" }, "policy record tlsrpt mx rules" },
		{ { "lint", "t" }, "tlsrpt" },
		{ { "lint", "policy", "" }, "@FILE" },
		{ { "cache", "--limit", "5", "sh" }, "show" },
		{ { "cache", "show", "" }, "@DOMAIN" },
		{ { "cache", "list", "" }, "" },
		{ { "lint", "mx", "" }, "" },
		{ { "publish", "plan", "" }, "@DOMAIN" },
		{ { "publish", "tlsa", "mx.example.com", "" }, "@FILE" },
		{ { "report", "import", "" }, "@FILE" },
		{ { "report", "show", "--days", "3", "" }, "@DOMAIN" },
		{ { "report", "html", "" }, "@DIR" },
		{ { "report", "mail", "" }, "" },
		{ { "report", "improt", "" }, "" },
		{ { "stats", "--below", "" }, "TLSv1.1 TLSv1.2 TLSv1.3" },
		{ { "check", "" }, "@DOMAIN" },
		{ { "check", "--res" }, "--resolver" },
		{ { "check", "--resolver", "" }, "" },
		{ { "check", "--resolver", "192.0.2.1", "" }, "@DOMAIN" },
		{ { "check", "--state", "" }, "@FILE" },
		{ { "doctor", "--postfix", "" }, "@DIR" },
		{ { "doctor", "" }, "" },
		{ { "stats", "--domain", "" }, "@DOMAIN" },
		{ { "-c", "" }, "@FILE" },
		{ { "-c", "lint", "che" }, "check" },
		{ { "--json", "che" }, "check" },
		{ { "stats", "-o", "policy_p" }, "policy_port=" },
		{ { "-o", "redis_use" }, "redis_username=" },
		{ { "stats", "-o", "redis=none", "--at" }, "--at-risk" },
		{ { "top", "-" }, "-d --sort --once --json -c -o --help" },
		{ { "tail", "--result", "s" }, "softfail" },
		{ { "nonsense", "" }, "" },
		{ { "publish", "re" }, "retire" },
		{ { "fetches", "--log", "" }, "@FILE" },
	};
	char got[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		offered(rows[i].words, got, sizeof(got));
		if (strcmp(got, rows[i].want) != 0 && strcmp(rows[i].words[0], "nonsense") != 0)
			fail_msg("row %zu (%s): \"%s\"", i, rows[i].words[0], got);
	}
	offered((const char *const[]){ NULL }, got, sizeof(got));
	assert_non_null(strstr(got, "doctor"));
	offered((const char *const[]){ "-o", "", NULL }, got, sizeof(got));
	assert_non_null(strstr(got, "milter_socket= "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

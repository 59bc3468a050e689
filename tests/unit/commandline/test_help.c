/* SPDX-License-Identifier: ISC */
/* Every command's help lists each option with its value, within 80 columns. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/commandline/help.h"
#include "stsctl/commandline/subcommands.h"

/* The help; the caller frees it. */
static char *
text_of(const struct command *command)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	if (command != NULL)
		help_print_command(command, to);
	else
		help_print(to);
	fclose(to);
	return text;
}

static void
check_width(const char *name, const char *text)
{
	/* A line of one word is a path, which is as long as whoever configured the build made it. */
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > 80 && strcspn(line + strspn(line, " "), " ") < strcspn(line + strspn(line, " "), "\n"))
			fail_msg("%s: more than 80 columns: %.*s", name, (int)strcspn(line, "\n"), line);
}

static void
check_options(const char *name, const char *text, const struct cmd_option *options)
{
	for (; options->name != NULL; options++) {
		char want[100];

		snprintf(want, sizeof(want), "\n  %s%s%s%s", options->name[1] == '\0' ? "-" : "--", options->name,
		    options->value != NULL ? " " : "", options->value != NULL ? options->value : "");
		if (strstr(text, want) == NULL)
			fail_msg("%s: no line for%s", name, want);
		if (options->help == NULL || strlen(options->help) < 8 || options->help[strlen(options->help) - 1] == '.')
			fail_msg("%s: --%s: %s", name, options->name, options->help != NULL ? options->help : "no help");
	}
}

static void
test_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		char *text = text_of(c);
		struct subcommand subcommand;
		size_t own = 0;

		check_width(c->name, text);
		check_options(c->name, text, c->options);
		check_options(c->name, text, common_options);
		while (c->options[own].name != NULL)
			own++;
		assert_true(own <= CMD_OPTIONS_MAX);
		assert_ptr_equal(command_find(c->name), c);
		/* each word that its first operand may be has a form of its own */
		for (const char *subcommands = c->subcommands; subcommands != NULL && subcommand_next(&subcommands, &subcommand);) {
			char want[100];

			snprintf(want, sizeof(want), "  stsctl %s %.*s ", c->name, (int)subcommand.len, subcommand.name);
			if (strstr(text, want) == NULL)
				fail_msg("no form%s", want);
		}
		free(text);
	}
}

static void
test_all(void **state)
{
	char *text = text_of(NULL);

	(void)state;
	check_width("stsctl", text);
	for (size_t i = 0; i < command_count; i++)
		assert_non_null(strstr(text, commands[i].help));
	free(text);
	assert_null(command_find("no-such-command"));
	assert_null(command_find(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

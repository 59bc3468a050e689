/* SPDX-License-Identifier: ISC */
/* commandline/help.c - prints the table of commands. */
#include "config.h"

#include "stsctl/commandline/help.h"

#include "stsctl/terminal/wrap.h"

enum { WIDTH = 79, INDENT = 18 };

static void
print_option(const struct cmd_option *option, FILE *to)
{
	const char *dashes = option->name[1] == '\0' ? "-" : "--", *value = option->value != NULL ? option->value : "";
	int n = fprintf(to, "  %s%s%s%s", dashes, option->name, value[0] != '\0' ? " " : "", value);

	if (n + 2 > INDENT) {
		putc('\n', to);
		n = 0;
	}
	fprintf(to, "%*s", INDENT - n, "");
	(void)wrap_words(option->help, INDENT, INDENT, WIDTH, to);
	putc('\n', to);
}

static void
print_options(const char *title, const struct cmd_option *options, FILE *to)
{
	if (options[0].name != NULL)
		fprintf(to, "%s:\n", title);
	for (; options->name != NULL; options++)
		print_option(options, to);
}

static const char exit_codes[] = "Exit status: 0 fine, 1 no or invalid, 2 usage error, 3 could not find out.\n";

void
help_print(FILE *to)
{
	fputs("Usage: stsctl COMMAND [OPTION...] [OPERAND...]\n"
	      "       stsctl help [COMMAND]\n"
	      "       stsctl --help | --version\n"
	      "Commands:\n", to);
	for (size_t i = 0; i < command_count; i++)
		fprintf(to, "  %-*s%s\n", INDENT - 4, commands[i].name, commands[i].help);
	print_options("Options of every command, before or after its name", common_options, to);
	fputs(exit_codes, to);
}

void
help_print_command(const struct command *command, FILE *to)
{
	fprintf(to, "stsctl %s: %s\nUsage:\n%s", command->name, command->help, command->usage);
	print_options("Options", command->options, to);
	print_options("Options of every command", common_options, to);
	fputs(exit_codes, to);
}

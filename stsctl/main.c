/* SPDX-License-Identifier: ISC */
/* main.c - finds the command and runs it. Knows nothing of what commands do. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/commandline/commands.h"
#include "stsctl/commandline/completion.h"
#include "stsctl/commandline/help.h"
#include "stsctl/commandline/options.h"
#include "stsctl/commandline/suggest.h"
#include "stsctl/commandline/subcommands.h"
#include "stsctl/terminal/output.h"

static enum cmd_exit
run_command(const struct command *command, int argc, char **argv)
{
	const char **overrides = calloc((size_t)argc + 1, sizeof(*overrides));
	struct options options;
	struct subcommand subcommand;
	char wanted[256];
	enum cmd_exit code;

	if (overrides == NULL) {
		fputs("stsctl: no memory\n", stderr);
		return CMD_UNKNOWN;
	}
	options_read(argc, argv, command, overrides, &options);
	if (options.bad[0] != '\0')
		code = output_error(&options.context, CMD_USAGE, "%s; see stsctl %s --help", options.bad, command->name);
	else if (options.help) {
		help_print_command(command, stdout);
		code = CMD_FINE;
	} else if (command->subcommands != NULL && !subcommand_find(command->subcommands, optind < argc ? argv[optind] : "", &subcommand)) {
		subcommand_error(command->subcommands, optind < argc ? argv[optind] : NULL, wanted, sizeof(wanted));
		code = output_error(&options.context, CMD_USAGE, "%s: %s; see stsctl %s --help", command->name, wanted, command->name);
	} else
		code = command->run(&options.context, argc - optind, argv + optind);
	free(overrides);
	return code;
}

/* Options before the command are handed to it as if they followed it. */
static enum cmd_exit
run_after(const struct command *command, int leading, int argc, char **argv)
{
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	enum cmd_exit code;
	int n = 0;

	if (words == NULL) {
		fputs("stsctl: no memory\n", stderr);
		return CMD_UNKNOWN;
	}
	words[n++] = argv[1 + leading];
	for (int i = 1; i < argc; i++)
		if (i != 1 + leading)
			words[n++] = argv[i];
	code = run_command(command, n, words);
	free(words);
	return code;
}

static enum cmd_exit
unknown_command(const char *name, int argc, char **argv)
{
	struct cmd_context context = { 0 };
	struct suggestion s;
	char wrong[256];

	for (int i = 1; i < argc; i++)
		context.json = context.json || strcmp(argv[i], "--json") == 0;
	if (name[0] == '-') {
		options_leading_error(name, wrong, sizeof(wrong));
		return output_error(&context, CMD_USAGE, "%s; see stsctl --help", wrong);
	}
	suggest_init(&s, name);
	for (size_t i = 0; i < command_count; i++)
		suggest_consider(&s, commands[i].name);
	return output_error(&context, CMD_USAGE, "%s: no such command%s%s%s; see stsctl --help", name,
	    s.best != NULL ? " (did you mean " : "", s.best != NULL ? s.best : "", s.best != NULL ? "?)" : "");
}

static enum cmd_exit
help(int argc, char **argv)
{
	const struct command *command = argc > 0 ? command_find(argv[0]) : NULL;

	if (argc > 0 && command == NULL && strcmp(argv[0], "help") != 0)
		return unknown_command(argv[0], argc, argv);
	if (command != NULL)
		help_print_command(command, stdout);
	else
		help_print(stdout);
	return CMD_FINE;
}

static enum cmd_exit
dispatch(int argc, char **argv)
{
	int leading = options_leading(argc, argv), at = 1 + leading;
	const char *name = at < argc ? argv[at] : "";
	const struct command *command = command_find(name);

	if (command != NULL)
		return run_after(command, leading, argc, argv);
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		puts("stsctl (" PACKAGE_NAME ") " PACKAGE_VERSION);
	else if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return help(argc - at - 1, argv + at + 1);
	else if (strcmp(name, "complete") == 0)
		completion_print(argc - at - 1, argv + at + 1, stdout);
	else if (at >= argc) {
		help_print(stderr);
		return CMD_USAGE;
	} else
		return unknown_command(name, argc, argv);
	return CMD_FINE;
}

int
main(int argc, char **argv)
{
	enum cmd_exit code = dispatch(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("stsctl: standard output");
		return CMD_UNKNOWN;
	}
	return (int)code;
}

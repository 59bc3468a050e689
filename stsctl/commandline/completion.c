/* SPDX-License-Identifier: ISC */
/* commandline/completion.c - reads the words so far, and lists what the table allows next. */
#include "config.h"

#include "stsctl/commandline/completion.h"

#include <stdbool.h>
#include <string.h>

#include "shared-cache/settings/conf.h"
#include "stsctl/commandline/commands.h"
#include "stsctl/commandline/subcommands.h"

struct line {
	const struct command *command;	/* NULL: not given yet */
	bool help;			/* `stsctl help' */
	size_t operands;		/* how many follow the command */
	const char *subcommand;		/* the first operand; "": none */
	const struct cmd_option *pending; /* the option whose value comes next, or NULL */
	const char *last;		/* the word to complete */
	FILE *to;
};

static void
offer(const struct line *line, const char *dashes, const char *word, const char *meaning)
{
	char whole[80];

	snprintf(whole, sizeof(whole), "%s%s", dashes, word);
	if (strncmp(whole, line->last, strlen(line->last)) == 0)
		fprintf(line->to, "%s%s%s\n", whole, meaning != NULL ? "\t" : "", meaning != NULL ? meaning : "");
}

/* ---- the words so far ---- */

static const struct cmd_option *
find(const struct cmd_option *list, const char *word)
{
	for (; list->name != NULL; list++) {
		const char *name = word[1] == '-' ? word + 2 : word + 1;

		if (strcmp(list->name, name) == 0 && (list->name[1] == '\0') == (word[1] != '-'))
			return list;
	}
	return NULL;
}

static void
take_word(struct line *line, const char *word)
{
	const struct cmd_option *option = NULL;

	if (line->pending != NULL) {
		line->pending = NULL;
		return;
	}
	if (word[0] == '-' && word[1] != '\0') {
		option = find(common_options, word);
		if (option == NULL && line->command != NULL)
			option = find(line->command->options, word);
		line->pending = option != NULL && option->value != NULL ? option : NULL;
	} else if (line->command != NULL || line->help) {
		if (line->operands++ == 0)
			line->subcommand = word;
	} else if (strcmp(word, "help") == 0)
		line->help = true;
	else
		line->command = command_find(word);
}

/* ---- the next word ---- */

static void
offer_commands(const struct line *line)
{
	for (size_t i = 0; i < command_count; i++)
		offer(line, "", commands[i].name, commands[i].help);
	if (!line->help)
		offer(line, "", "help", "what a command does, and its options");
}

static void
offer_options(const struct line *line, const struct cmd_option *list)
{
	for (; list->name != NULL; list++)
		offer(line, list->name[1] == '\0' ? "-" : "--", list->name, list->help);
}

static void
offer_part(const struct line *line, const char *text, size_t len)
{
	char word[80];

	snprintf(word, sizeof(word), "%.*s", (int)len, text);
	offer(line, "", word, NULL);
}

/* "a|b|c" */
static void
offer_list(const struct line *line, const char *list)
{
	for (size_t len; *list != '\0'; list += len + (list[len] != '\0')) {
		len = strcspn(list, "|");
		offer_part(line, list, len);
	}
}

static void
offer_settings(const struct line *line)
{
	char word[80];
	const char *name;

	for (size_t i = 0; (name = sts_conf_setting_name(i)) != NULL; i++) {
		snprintf(word, sizeof(word), "%s=", name);
		offer(line, "", word, NULL);
	}
}

/* Offers what a value or an operand of this kind may be. */
static void
offer_kind(const struct line *line, const char *kind)
{
	if (strcmp(kind, "NAME=VALUE") == 0)
		offer_settings(line);
	else if (strcmp(kind, "FILE") == 0 || strcmp(kind, "DIR") == 0 || strcmp(kind, "DOMAIN") == 0)
		fprintf(line->to, "@%s\n", kind);
	else if (strchr(kind, '|') != NULL)
		offer_list(line, kind);
}

static void
offer_operands(const struct line *line)
{
	const struct command *command = line->command;
	const char *list = command->subcommands;
	struct subcommand subcommand;

	if (list != NULL && line->operands == 0)
		while (subcommand_next(&list, &subcommand))
			offer_part(line, subcommand.name, subcommand.len);
	else if (list != NULL && subcommand_find(list, line->subcommand, &subcommand) && subcommand.operand != NULL)
		fprintf(line->to, "@%.*s\n", (int)subcommand.operand_len, subcommand.operand);
	else if (command->operand != NULL)
		offer_kind(line, command->operand);
}

void
completion_print(int count, char **words, FILE *to)
{
	struct line line = { .last = count > 0 ? words[count - 1] : "", .subcommand = "", .to = to };

	for (int i = 0; i + 1 < count; i++)
		take_word(&line, words[i]);
	if (line.pending != NULL)
		offer_kind(&line, line.pending->value);
	else if (line.last[0] == '-') {
		if (line.command != NULL)
			offer_options(&line, line.command->options);
		else
			offer(&line, "--", "version", "print the version");
		offer_options(&line, common_options);
	} else if (line.command != NULL)
		offer_operands(&line);
	else if (line.operands == 0)
		offer_commands(&line);
}

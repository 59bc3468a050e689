/* SPDX-License-Identifier: ISC */
/* commandline/subcommands.c - parses command.subcommands. */
#include "config.h"

#include "stsctl/commandline/subcommands.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/commandline/suggest.h"

enum { SUBCOMMANDS_MAX = 16, NAME_CAP = 24 };

bool
subcommand_next(const char **list, struct subcommand *out)
{
	const char *word = *list;
	size_t whole = strcspn(word, " ");

	if (whole == 0)
		return false;
	*out = (struct subcommand){ .name = word, .len = strcspn(word, ": ") };
	if (out->len < whole) {
		out->operand = word + out->len + 1;
		out->operand_len = whole - out->len - 1;
	}
	*list = word + whole + (word[whole] == ' ');
	return true;
}

bool
subcommand_find(const char *list, const char *name, struct subcommand *out)
{
	while (subcommand_next(&list, out))
		if (strlen(name) == out->len && strncmp(name, out->name, out->len) == 0)
			return true;
	return false;
}

void
subcommand_error(const char *list, const char *word, char *out, size_t cap)
{
	char names[SUBCOMMANDS_MAX][NAME_CAP];
	struct suggestion suggestion;
	struct subcommand subcommand;
	struct sts_text text;
	size_t count = 0;

	while (count < SUBCOMMANDS_MAX && subcommand_next(&list, &subcommand))
		snprintf(names[count++], NAME_CAP, "%.*s", (int)subcommand.len, subcommand.name);
	sts_text_init(&text, out, cap);
	sts_text_add(&text, "expects ");
	for (size_t i = 0; i < count; i++) {
		sts_text_add(&text, i == 0 ? "" : i + 1 == count ? " or " : ", ");
		sts_text_add(&text, names[i]);
	}
	if (word == NULL)
		return;
	suggest_init(&suggestion, word);
	for (size_t i = 0; i < count; i++)
		suggest_consider(&suggestion, names[i]);
	sts_text_addf(&text, ", not %.64s", word);
	if (suggestion.best != NULL)
		sts_text_addf(&text, " (did you mean %s?)", suggestion.best);
}

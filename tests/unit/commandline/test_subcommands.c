/* SPDX-License-Identifier: ISC */
/* test_subcommands.c - the lists of subcommands. */
#include "config.h"

#include "stsctl/commandline/subcommands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/commandline/commands.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define A20 "aaaaaaaaaaaaaaaaaaaa"
#define A60 A20 A20 A20

enum { BLAME_CAP = 400 };

/* "list(-) show(DOMAIN)"; - stands for none. */
static void
add(char *out, size_t cap, const struct subcommand *subcommand)
{
	size_t used = strlen(out);

	snprintf(out + used, cap - used, "%s%.*s(%.*s)", used > 0 ? " " : "", (int)subcommand->len, subcommand->name,
	    subcommand->operand != NULL ? (int)subcommand->operand_len : 1, subcommand->operand != NULL ? subcommand->operand : "-");
}

static void
test_next(void **state)
{
	static const struct { const char *list, *want; } rows[] = {
		{ "", "" },
		{ "list", "list(-)" },
		{ "show:DOMAIN", "show(DOMAIN)" },
		{ "list show:DOMAIN purge:DOMAIN", "list(-) show(DOMAIN) purge(DOMAIN)" },
		{ "policy:FILE mx rules:FILE", "policy(FILE) mx(-) rules(FILE)" },
		{ "list:", "list()" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *list = rows[i].list;
		struct subcommand subcommand;
		char got[200] = "";

		while (subcommand_next(&list, &subcommand))
			add(got, sizeof(got), &subcommand);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("\"%s\": got %s", rows[i].list, got);
		assert_ptr_equal(list, rows[i].list + strlen(rows[i].list));
	}
}

static void
test_find(void **state)
{
	static const char list[] = "list show:DOMAIN shown purge:FILE";
	static const struct { const char *name, *want; } rows[] = {
		{ "list", "list(-)" }, { "show", "show(DOMAIN)" }, { "shown", "shown(-)" }, { "purge", "purge(FILE)" },
		{ "", NULL }, { "sho", NULL }, { "shows", NULL }, { "show:DOMAIN", NULL }, { "DOMAIN", NULL }, { "list ", NULL },
		{ "list show", NULL }, { "LIST", NULL }, { "purge:", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct subcommand subcommand;
		char got[100] = "";
		bool found = subcommand_find(list, rows[i].name, &subcommand);

		if (found)
			add(got, sizeof(got), &subcommand);
		if (found != (rows[i].want != NULL) || (found && strcmp(got, rows[i].want) != 0))
			fail_msg("\"%s\": got \"%s\"", rows[i].name, got);
	}
	assert_false(subcommand_find("", "list", &(struct subcommand){ 0 }));
}

static void
test_blame(void **state)
{
	static const struct { const char *list, *word, *want; } rows[] = {
		{ "list", NULL, "expects list" },
		{ "status reset", NULL, "expects status or reset" },
		{ "list show:DOMAIN purge:DOMAIN", NULL, "expects list, show or purge" },
		{ "list show:DOMAIN purge:DOMAIN", "lsit", "expects list, show or purge, not lsit (did you mean list?)" },
		{ "list show:DOMAIN purge:DOMAIN", "prge", "expects list, show or purge, not prge (did you mean purge?)" },
		{ "list show:DOMAIN purge:DOMAIN", "colour", "expects list, show or purge, not colour" },
		{ "list show:DOMAIN purge:DOMAIN", "", "expects list, show or purge, not " },
		{ "list show", A60 "bbbbbb", "expects list or show, not " A60 "bbbb" },
	};
	char got[BLAME_CAP];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		subcommand_error(rows[i].list, rows[i].word, got, sizeof(got));
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("\"%s\", %s: got \"%s\"", rows[i].list, rows[i].word != NULL ? rows[i].word : "none", got);
	}
	subcommand_error("list show", "lsit", got, 8);
	assert_int_equal(strnlen(got, 8), 7);
}

/* No command has more or longer subcommands than the error text can hold. */
static void
test_commands(void **state)
{
	size_t with = 0;

	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		const char *list = commands[i].subcommands;
		char got[BLAME_CAP], want[BLAME_CAP] = "expects ";
		struct subcommand subcommand;

		if (list == NULL)
			continue;
		with++;
		subcommand_error(list, NULL, got, sizeof(got));
		while (subcommand_next(&list, &subcommand)) {
			size_t used = strlen(want);

			snprintf(want + used, sizeof(want) - used, "%s%.*s", used == strlen("expects ") ? "" : *list == '\0' ? " or " : ", ",
			    (int)subcommand.len, subcommand.name);
		}
		if (strcmp(got, want) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", commands[i].name, got, want);
	}
	assert_true(with > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_blame),
		cmocka_unit_test(test_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

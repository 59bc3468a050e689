/* SPDX-License-Identifier: ISC */
/* settings_edit.c - finds the lines of a setting, and replaces them. */
#include "config.h"

#include "stsctl/setup/settings_edit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t";

static size_t
line_len(const char *line)
{
	size_t len = strcspn(line, "\n");

	return len + (line[len] == '\n');
}

/* Whether the line is "name = ...". A line that begins with a blank continues another. */
static bool
sets(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) != 0)
		return false;
	line += len;
	return line[strspn(line, blanks)] == '=';
}

/* Comments and empty lines neither continue a setting nor end it. */
static bool
is_quiet(const char *line)
{
	line += strspn(line, " \t\r");
	return *line == '\0' || *line == '\n' || *line == '#';
}

struct copy {
	char *out;
	size_t len;
};

static void
put(struct copy *copy, const char *text, size_t len)
{
	memcpy(copy->out + copy->len, text, len);
	copy->len += len;
	copy->out[copy->len] = '\0';
}

static void
put_setting(struct copy *copy, const char *name, const char *value)
{
	if (copy->len > 0 && copy->out[copy->len - 1] != '\n')
		put(copy, "\n", 1);
	put(copy, name, strlen(name));
	put(copy, value[0] != '\0' ? " = " : " =", value[0] != '\0' ? 3 : 2);
	put(copy, value, strlen(value));
	put(copy, "\n", 1);
}

char *
settings_edit(const char *text, const char *name, const char *value)
{
	struct copy copy = { malloc(strlen(text) + strlen(name) + strlen(value) + sizeof("\n = \n")), 0 };
	bool done = false, old = false;		/* old: within the lines of the old setting */

	if (copy.out == NULL)
		return NULL;
	copy.out[0] = '\0';
	for (const char *line = text; *line != '\0'; line += line_len(line)) {
		if (!is_quiet(line) && strchr(blanks, line[0]) == NULL) {
			old = !done && sets(line, name);
			if (old)
				put_setting(&copy, name, value);
			done = done || old;
		}
		if (!old || is_quiet(line))
			put(&copy, line, line_len(line));
	}
	if (!done)
		put_setting(&copy, name, value);
	return copy.out;
}

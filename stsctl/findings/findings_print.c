/* SPDX-License-Identifier: ISC */
/* findings_print.c - prints findings for people, and makes JSON of them for programs. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stsctl/findings/findings.h"
#include "stsctl/terminal/output.h"

static json_t *
one_json(const struct finding *f)
{
	json_t *object = json_object();

	if (object != NULL && json_object_set_new(object, "id", json_string(f->id)) == 0 &&
	    json_object_set_new(object, "level", json_string(finding_level_name(f->level))) == 0 &&
	    json_object_set_new(object, "subject", json_text(f->subject)) == 0 &&
	    json_object_set_new(object, "seen", json_text(f->seen)) == 0 &&
	    json_object_set_new(object, "why", json_string(finding_why(f->id))) == 0 &&
	    json_object_set_new(object, "fix", json_text(f->fix)) == 0)
		return object;
	json_decref(object);
	return NULL;
}

json_t *
findings_json(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < findings->count; i++) {
		if (json_array_append_new(list, one_json(&findings->list[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* ---- for people ---- */

struct style {
	const char *on[FINDING_FAIL + 1];
	const char *off;
};

static const struct style plain = { { "", "", "", "" }, "" };
static const struct style coloured = {
	{ [FINDING_PASS] = "\033[32m", [FINDING_INFO] = "\033[36m", [FINDING_WARN] = "\033[33m", [FINDING_FAIL] = "\033[31m" },
	"\033[0m",
};

static const struct style *
style_of(FILE *to)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(fileno(to)) == 1 && (no_color == NULL || no_color[0] == '\0') ? &coloured : &plain;
}

/* Prints text after a label; further lines are indented to match. */
static void
print_lines(const char *label, const char *text, FILE *to)
{
	if (text[0] == '\0')
		return;
	fprintf(to, "        %-5s ", label);
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\n' && c[1] != '\0')
			fputs("\n              ", to);
		else if (*c != '\n')
			output_byte(*c, to);
	}
	putc('\n', to);
}

static void
print_one(const struct finding *f, const struct style *style, FILE *to)
{
	fprintf(to, "  %s%-4s%s  %s", style->on[f->level], finding_level_name(f->level), style->off, f->id);
	if (f->subject[0] != '\0')
		fputs("  ", to);
	for (const char *c = f->subject; *c != '\0'; c++)
		output_byte(*c, to);
	if (f->level == FINDING_PASS) {
		fputs(f->seen[0] != '\0' ? ": " : "", to);
		for (const char *c = f->seen; *c != '\0'; c++)
			output_byte(*c == '\n' ? ' ' : *c, to);
		putc('\n', to);
		return;
	}
	putc('\n', to);
	print_lines("seen:", f->seen, to);
	print_lines("why:", finding_why(f->id), to);
	print_lines("fix:", f->fix, to);
}

void
findings_print(const struct findings *findings, bool quiet, FILE *to)
{
	const struct style *style = style_of(to);

	for (int level = FINDING_FAIL; level >= FINDING_PASS; level--) {
		if (level == FINDING_PASS && quiet)
			break;
		for (size_t i = 0; i < findings->count; i++)
			if ((int)findings->list[i].level == level)
				print_one(&findings->list[i], style, to);
	}
}

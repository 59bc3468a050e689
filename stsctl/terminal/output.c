/* SPDX-License-Identifier: ISC */
/* output.c - prints errors, warnings and JSON. Knows nothing of what they say. */
#include "config.h"

#include "stsctl/terminal/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_CAP = 1024, REAL_DIGITS = 6 };

static void
replace_bytes(char *s, unsigned char first, unsigned char last)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= first && (unsigned char)*s <= last)
			*s = '?';
}

void
output_byte(char byte, FILE *to)
{
	unsigned char c = (unsigned char)byte;

	putc(c < 0x20 || c == 0x7f ? '?' : c, to);
}

enum cmd_exit
output_error(const struct cmd_context *context, enum cmd_exit code, const char *format, ...)
{
	char text[TEXT_CAP];
	va_list ap;

	va_start(ap, format);
	if (vsnprintf(text, sizeof(text), format, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	replace_bytes(text, 0x01, 0x1f);
	replace_bytes(text, 0x7f, 0x7f);
	fprintf(stderr, "stsctl: %s\n", text);
	return context->json ? output_json(context, code, json_pack("{s:o}", "error", json_text(text))) : code;
}

enum cmd_exit
output_json(const struct cmd_context *context, enum cmd_exit code, json_t *object)
{
	struct cmd_context text_only = *context;

	text_only.json = false;
	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS)) != 0)
		code = output_error(&text_only, CMD_UNKNOWN, "no memory, or standard output cannot be written");
	else
		putchar('\n');
	json_decref(object);
	return code;
}

json_t *
output_json_warnings(const struct sts_diag *diag)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diag->warning_count; i++) {
		const struct sts_diag_note *w = &diag->warnings[i];
		json_t *s = w->line > 0 ? json_sprintf("line %u: %s", w->line, w->text) : json_string(w->text);

		if (json_array_append_new(list, s) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

void
output_note(const char *name, unsigned line, const char *kind, const char *text)
{
	char where[TEXT_CAP];

	snprintf(where, sizeof(where), "%s", name);
	replace_bytes(where, 0x01, 0x1f);
	replace_bytes(where, 0x7f, 0x7f);
	if (line > 0)
		printf("%s:%u: %s: %s\n", where, line, kind, text);
	else
		printf("%s: %s: %s\n", where, kind, text);
}

void
output_diag(const char *name, const struct sts_diag *diag)
{
	if (diag->error.text[0] != '\0')
		output_note(name, diag->error.line, "error", diag->error.text);
	for (size_t i = 0; i < diag->warning_count; i++)
		output_note(name, diag->warnings[i].line, "warning", diag->warnings[i].text);
}

/* SPDX-License-Identifier: ISC */
/* paste.c - quotes words, and repeats the options of this run. */
#include "config.h"

#include "stsctl/terminal/paste.h"

#include <stdbool.h>
#include <string.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-=:,@%+";

void
paste_quoted(struct sts_text *to, const char *word)
{
	sts_text_add(to, "'");
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			sts_text_add(to, "'\\''");
		else
			sts_text_add_bytes(to, word, 1);
	}
	sts_text_add(to, "'");
}

void
paste_word(struct sts_text *to, const char *word)
{
	if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
		sts_text_add(to, word);
	else
		paste_quoted(to, word);
}

static void
add_option(struct sts_text *to, const char *name, const char *value)
{
	sts_text_addf(to, " %s%s", name[1] == '\0' ? "-" : "--", name);
	if (value == NULL)
		return;
	sts_text_add(to, " ");
	paste_word(to, value);
}

void
paste_stsctl(struct sts_text *to, const struct cmd_context *context)
{
	sts_text_add(to, "stsctl");
	if (context->conf_file != NULL)
		add_option(to, "c", context->conf_file);
	for (size_t i = 0; i < context->override_count; i++)
		add_option(to, "o", context->overrides[i]);
}

void
paste_options(struct sts_text *to, const struct cmd_context *context, const struct cmd_option *options, unsigned without)
{
	for (unsigned i = 0; i < CMD_OPTIONS_MAX && options[i].name != NULL; i++)
		if (context->values[i] != NULL && (without & 1U << i) == 0)
			add_option(to, options[i].name, options[i].value != NULL ? context->values[i] : NULL);
}

/* Whether a command line begins here, at the start of a line or behind a colon or a semicolon, rather than a sentence that mentions
 * stsctl. */
static bool
is_call(const char *whole, const char *text)
{
	if (strncmp(text, "stsctl ", 7) != 0 || text[7] < 'a' || text[7] > 'z')
		return false;
	return text == whole || text[-1] == '\n' ||
	    (text - whole >= 2 && text[-1] == ' ' && (text[-2] == ':' || text[-2] == ';'));
}

const char *
paste_as_called(const struct cmd_context *context, const char *text, char *out, size_t cap)
{
	struct sts_text to;

	if (context->conf_file == NULL && context->override_count == 0)
		return text;
	sts_text_init(&to, out, cap);
	for (const char *p = text; *p != '\0'; p++) {
		if (is_call(text, p)) {
			paste_stsctl(&to, context);
			p += strlen("stsctl") - 1;
		} else
			sts_text_add_bytes(&to, p, 1);
	}
	return to.overflow ? text : out;
}

/* SPDX-License-Identifier: ISC */
/* setup/say.c - texts. Knows nothing of how the draft came about. */
#include "config.h"

#include "stsctl/setup/say.h"

#include <stdlib.h>
#include <string.h>

#include "stsctl/setup/unified_diff.h"
#include "stsctl/terminal/output.h"

static const char *
action_of(const struct draft_change *change)
{
	if (change->directory)
		return change->exists ? "change-directory" : "make-directory";
	return change->exists ? "change" : "create";
}

/* Lines, and the tabs in them, stay; all else that a terminal could take as an order goes. */
static void
print_text(const char *indent, const char *text)
{
	for (bool begin = true; *text != '\0'; text++) {
		if (begin)
			fputs(indent, stdout);
		begin = *text == '\n';
		if (*text == '\n' || *text == '\t')
			putchar(*text);
		else
			output_byte(*text, stdout);
	}
}

/* NULL when memory ran out. The caller frees it. */
static char *
difference(const struct draft_change *change)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	bool ok = to != NULL && unified_diff(change->path, change->before, change->after, to);

	if (to != NULL && fclose(to) != 0)
		ok = false;
	if (!ok) {
		free(text);
		text = NULL;
	}
	return text;
}

/* ---- the draft, for people ---- */

static bool
print_change(const struct draft_change *change)
{
	char *text;

	if (change->directory) {
		printf("%s %s: mode %04o, owner %lu, group %lu\n\n", change->exists ? "Directory" : "New directory", change->path,
		    (unsigned)change->shall.mode, (unsigned long)change->shall.uid, (unsigned long)change->shall.gid);
		return true;
	}
	if ((text = difference(change)) == NULL)
		return false;
	print_text("", text);
	putchar('\n');
	free(text);
	return true;
}

static void
print_part(const char *title, const char *text)
{
	if (text[0] == '\0')
		return;
	printf("%s\n", title);
	print_text("  ", text);
	putchar('\n');
}

static bool
print_draft(const struct draft *draft, bool written, const char *record)
{
	for (size_t i = 0; i < draft->count; i++)
		if (!print_change(&draft->list[i]))
			return false;
	print_part("Of Postfix' files, the same as:", draft->commands);
	print_part("Also:", draft->notes);
	print_part(written ? "Now run:" : "To be run once it is written:", draft->afterwards);
	if (draft->count == 0)
		puts("Nothing is to be written. stsctl doctor says how it all works together.");
	else if (written)
		printf("Written, with copies in %s. stsctl setup --undo takes it back; stsctl doctor says how it all works together.\n",
		    record);
	else
		puts("Nothing has been written. stsctl setup --apply, with the same options, writes it.");
	return true;
}

/* ---- as JSON ---- */

static json_t *
lines_json(const char *text)
{
	json_t *list = json_array();

	while (*text != '\0' && list != NULL) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);

		if (line == NULL || json_array_append_new(list, json_text(line)) != 0) {
			json_decref(list);
			list = NULL;
		}
		free(line);
		text += len + (text[len] == '\n');
	}
	return list;
}

static json_t *
change_json(const struct draft_change *change)
{
	json_t *object = json_pack("{s:o, s:s}", "path", json_text(change->path), "action", action_of(change));
	char *text = change->directory ? NULL : difference(change);

	if (change->directory && object != NULL)
		(void)json_object_set_new(object, "mode", json_sprintf("%04o", (unsigned)change->shall.mode));
	if (text != NULL && object != NULL)
		(void)json_object_set_new(object, "diff", json_text(text));
	free(text);
	return object;
}

static json_t *
changes_json(const struct draft *draft)
{
	json_t *list = json_array();

	for (size_t i = 0; i < draft->count && list != NULL; i++)
		if (json_array_append_new(list, change_json(&draft->list[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

enum cmd_exit
say_draft(const struct cmd_context *context, enum cmd_exit code, const struct draft *draft, bool written, const char *record)
{
	if (context->json)
		return output_json(context, code, json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "written", written ? 1 : 0, "changes",
		    changes_json(draft), "commands", lines_json(draft->commands), "notes", lines_json(draft->notes), "afterwards",
		    lines_json(draft->afterwards), "record", json_text(record)));
	if (!print_draft(draft, written, record))
		return output_error(context, CMD_UNKNOWN, "setup: %s", sts_status_text(STS_ENOMEM));
	return code;
}

/* ---- undone ---- */

static void
print_list(const char *title, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i == 0)
			printf("%s\n", title);
		print_text("  ", json_string_value(json_array_get(list, i)));
		putchar('\n');
	}
}

enum cmd_exit
say_undone(const struct cmd_context *context, enum cmd_exit code, const struct undoing *undoing, const json_t *afterwards)
{
	bool edited = json_array_size(undoing->edited) > 0;

	if (context->json)
		return output_json(context, code, json_pack("{s:O, s:O, s:O, s:O}", "undone", undoing->undone, "edited", undoing->edited,
		    "left", undoing->left, "afterwards", afterwards));
	print_list("As it was:", undoing->undone);
	print_list("Changed since by somebody else, so that nothing was undone:", undoing->edited);
	print_list("Still in use; after the milter's restart, stsctl setup --undo once more removes it:", undoing->left);
	if (!edited)
		print_list("Now run:", afterwards);
	if (!edited && json_array_size(undoing->undone) + json_array_size(undoing->left) == 0)
		puts("There is nothing to undo.");
	return code;
}

/* SPDX-License-Identifier: ISC */
/* setup_output.c - prints changes as diffs, and composes command lines to paste. */
#include "config.h"

#include "stsctl/setup/setup_output.h"

#include <stdlib.h>
#include <string.h>

#include "stsctl/setup/unified_diff.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/paste.h"

/* ---- lines to paste ---- */

enum {
	TASKS = 1 << SETUP_APPLY | 1 << SETUP_UNDO | 1 << SETUP_VERBOSE,
	PLACES = 1 << SETUP_SYSTEMD | 1 << SETUP_SHARE | 1 << SETUP_RECORD | 1 << SETUP_REDIS_PASSWORD,
};

const char *
setup_paste_apply(const struct cmd_context *context, const char *password, char out[SETUP_PASTE_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, SETUP_PASTE_CAP);
	paste_stsctl(&text, context);
	sts_text_add(&text, " setup");
	paste_options(&text, context, cmd_setup_options, TASKS | (password != NULL ? 1U << SETUP_REDIS_PASSWORD : 0));
	if (password != NULL) {
		sts_text_add(&text, " --redis-password ");
		paste_word(&text, password);
	}
	sts_text_add(&text, " --apply");
	return out;
}

/* Only --record matters: the record knows what was written. */
const char *
setup_paste_undo(const struct cmd_context *context, char out[SETUP_PASTE_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, SETUP_PASTE_CAP);
	sts_text_add(&text, "stsctl setup --undo");
	paste_options(&text, context, cmd_setup_options, ~(1U << SETUP_RECORD));
	return out;
}

const char *
setup_paste_doctor(const struct cmd_context *context, char out[SETUP_PASTE_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, SETUP_PASTE_CAP);
	paste_stsctl(&text, context);
	sts_text_add(&text, " doctor");
	paste_options(&text, context, cmd_setup_options, TASKS | PLACES);
	return out;
}

/* ---- one change ---- */

static const char *
action_of(const struct change_set_entry *change)
{
	if (change->directory)
		return change->exists ? "change-directory" : "make-directory";
	return change->exists ? "change" : "create";
}

/* Prints text with an indent. Newlines and tabs stay; all other control bytes are escaped. */
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

/* The change as a unified diff, which the caller frees. NULL when memory ran out. */
static char *
difference(const struct change_set_entry *change)
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

/* ---- the changes, for people ---- */

static bool
print_change(const struct change_set_entry *change)
{
	char *text;

	if (change->directory) {
		printf("%s %s: mode %04o, owner %lu, group %lu\n\n", change->exists ? "Directory" : "New directory", change->path,
		    (unsigned)change->wanted.mode, (unsigned long)change->wanted.uid, (unsigned long)change->wanted.gid);
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
print_changes(const struct cmd_context *context, const struct change_set *changes, bool written, bool unsure, const char *record)
{
	char apply[SETUP_PASTE_CAP], undo[SETUP_PASTE_CAP], doctor[SETUP_PASTE_CAP];

	for (size_t i = 0; i < changes->count; i++)
		if (!print_change(&changes->list[i]))
			return false;
	print_part("The changes to Postfix's files are the same as:", changes->commands);
	print_part("Also:", changes->notes);
	print_part(written ? "Now run:" : "To run once it is written:", changes->afterwards);
	if (changes->count == 0)
		printf("There is nothing to write%s. To check how it all works together:\n  %s\n",
		    unsure ? ", as far as could be determined" : "", setup_paste_doctor(context, doctor));
	else if (written)
		printf("Written, with copies in %s. To undo it:\n  %s\nTo check how it all works together:\n  %s\n", record,
		    setup_paste_undo(context, undo), setup_paste_doctor(context, doctor));
	else
		printf("Nothing has been written. To write it:\n  %s\n", setup_paste_apply(context, NULL, apply));
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
change_json(const struct change_set_entry *change)
{
	json_t *object = json_pack("{s:o, s:s}", "path", json_text(change->path), "action", action_of(change));
	char *text = change->directory ? NULL : difference(change);

	if (change->directory && object != NULL)
		(void)json_object_set_new(object, "mode", json_sprintf("%04o", (unsigned)change->wanted.mode));
	if (text != NULL && object != NULL)
		(void)json_object_set_new(object, "diff", json_text(text));
	free(text);
	return object;
}

static json_t *
changes_json(const struct change_set *changes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < changes->count && list != NULL; i++)
		if (json_array_append_new(list, change_json(&changes->list[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

enum cmd_exit
setup_print_changes(const struct cmd_context *context, enum cmd_exit code, const struct change_set *changes, bool written,
    const char *record)
{
	if (context->json)
		return output_json(context, code, json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "written", written ? 1 : 0, "changes",
		    changes_json(changes), "commands", lines_json(changes->commands), "notes", lines_json(changes->notes), "afterwards",
		    lines_json(changes->afterwards), "record", json_text(record)));
	if (!print_changes(context, changes, written, code == CMD_UNKNOWN, record))
		return output_error(context, CMD_UNKNOWN, "setup: %s", sts_status_text(STS_ENOMEM));
	return code;
}

/* ---- what was undone ---- */

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
setup_print_undone(const struct cmd_context *context, enum cmd_exit code, const struct undo_result *result, const json_t *afterwards)
{
	bool edited = json_array_size(result->edited) > 0;
	char undo[SETUP_PASTE_CAP], still[SETUP_PASTE_CAP + 80];

	snprintf(still, sizeof(still), "Still in use; after the milter's restart, run %s again to remove it:",
	    setup_paste_undo(context, undo));
	if (context->json)
		return output_json(context, code, json_pack("{s:O, s:O, s:O, s:O}", "undone", result->undone, "edited", result->edited,
		    "left", result->left, "afterwards", afterwards));
	print_list("As before again:", result->undone);
	print_list("Changed by somebody else since then, so nothing was undone:", result->edited);
	print_list(still, result->left);
	if (!edited)
		print_list("Now run:", afterwards);
	if (!edited && json_array_size(result->undone) + json_array_size(result->left) == 0)
		puts("There is nothing to undo.");
	return code;
}

/* SPDX-License-Identifier: ISC */
/* setup/setup_output.c - texts. Knows nothing of how the draft came about. */
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
say_again_apply(const struct cmd_context *context, const char *password, char out[SAY_AGAIN_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, SAY_AGAIN_CAP);
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

/* What was written is known by the record alone. */
const char *
say_again_undo(const struct cmd_context *context, char out[SAY_AGAIN_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, SAY_AGAIN_CAP);
	sts_text_add(&text, "stsctl setup --undo");
	paste_options(&text, context, cmd_setup_options, ~(1U << SETUP_RECORD));
	return out;
}

const char *
say_again_doctor(const struct cmd_context *context, char out[SAY_AGAIN_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, SAY_AGAIN_CAP);
	paste_stsctl(&text, context);
	sts_text_add(&text, " doctor");
	paste_options(&text, context, cmd_setup_options, TASKS | PLACES);
	return out;
}

/* ---- what changes ---- */

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
print_draft(const struct cmd_context *context, const struct draft *draft, bool written, bool unsure, const char *record)
{
	char apply[SAY_AGAIN_CAP], undo[SAY_AGAIN_CAP], doctor[SAY_AGAIN_CAP];

	for (size_t i = 0; i < draft->count; i++)
		if (!print_change(&draft->list[i]))
			return false;
	print_part("Of Postfix' files, the same as:", draft->commands);
	print_part("Also:", draft->notes);
	print_part(written ? "Now run:" : "To be run once it is written:", draft->afterwards);
	if (draft->count == 0)
		printf("Nothing is to be written%s. How it all works together:\n  %s\n", unsure ? ", as far as could be found out" : "",
		    say_again_doctor(context, doctor));
	else if (written)
		printf("Written, with copies in %s. To take it back:\n  %s\nHow it all works together:\n  %s\n", record,
		    say_again_undo(context, undo), say_again_doctor(context, doctor));
	else
		printf("Nothing has been written. To write it:\n  %s\n", say_again_apply(context, NULL, apply));
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
	if (!print_draft(context, draft, written, code == CMD_UNKNOWN, record))
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
	char undo[SAY_AGAIN_CAP], still[SAY_AGAIN_CAP + 80];

	snprintf(still, sizeof(still), "Still in use; after the milter's restart, %s once more removes it:", say_again_undo(context, undo));
	if (context->json)
		return output_json(context, code, json_pack("{s:O, s:O, s:O, s:O}", "undone", undoing->undone, "edited", undoing->edited,
		    "left", undoing->left, "afterwards", afterwards));
	print_list("As it was:", undoing->undone);
	print_list("Changed since by somebody else, so that nothing was undone:", undoing->edited);
	print_list(still, undoing->left);
	if (!edited)
		print_list("Now run:", afterwards);
	if (!edited && json_array_size(undoing->undone) + json_array_size(undoing->left) == 0)
		puts("There is nothing to undo.");
	return code;
}

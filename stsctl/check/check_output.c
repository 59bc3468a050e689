/* SPDX-License-Identifier: ISC */
/* check_output.c - prints findings as text or as JSON. */
#include "config.h"

#include "stsctl/check/check_output.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/terminal/output.h"

static void
print_head(const char *domain, const struct findings *found)
{
	printf("%s: %s (%zu fail, %zu warn, %zu info, %zu pass)%s\n", domain, finding_level_name(findings_verdict(found)),
	    findings_count(found, FINDING_FAIL), findings_count(found, FINDING_WARN), findings_count(found, FINDING_INFO),
	    findings_count(found, FINDING_PASS), found->unsure ? ", some things could not be determined" : "");
}

static json_t *
object_of(const char *domain, const struct findings *found)
{
	return json_pack("{s:s, s:s, s:o}", "domain", domain, "verdict", finding_level_name(findings_verdict(found)), "findings",
	    findings_json(found));
}

enum cmd_exit
check_print(const struct cmd_context *context, const char *domain, const struct findings *found, bool quiet)
{
	enum cmd_exit code = findings_exit(found);

	if (context->json)
		return output_json(context, code, object_of(domain, found));
	print_head(domain, found);
	findings_print(found, quiet, stdout);
	return code;
}

/* ---- changes ---- */

static bool
is_listed(const json_t *lines, const struct finding *f)
{
	char text[16];
	const json_t *line;
	size_t i, len;

	json_array_foreach(lines, i, line) {
		const char *s = json_string_value(line);

		len = (size_t)snprintf(text, sizeof(text), "%s ", finding_level_name(f->level));
		if (strncmp(s, text, len) == 0 && strncmp(s + len, f->id, strlen(f->id)) == 0 && s[len + strlen(f->id)] == ' ' &&
		    strcmp(s + len + strlen(f->id) + 1, f->subject) == 0)
			return true;
	}
	return false;
}

static void
print_changes(const char *domain, const struct findings *found, const json_t *added, const json_t *gone)
{
	struct findings news;
	const json_t *line;
	size_t i;

	findings_init(&news);
	for (i = 0; i < found->count; i++) {
		const struct finding *f = &found->list[i];

		if (f->level != FINDING_PASS && is_listed(added, f))
			findings_add(&news, f->level, f->id, f->subject, f->seen, f->fix);
	}
	print_head(domain, found);
	findings_print(&news, false, stdout);
	json_array_foreach(gone, i, line) {
		fputs("  gone  ", stdout);
		for (const char *c = json_string_value(line); *c != '\0'; c++)
			output_byte(*c, stdout);
		putchar('\n');
	}
	findings_fini(&news);
}

enum cmd_exit
check_print_changes(const struct cmd_context *context, const char *domain, const struct findings *found,
    const struct check_state *state)
{
	enum cmd_exit code = findings_exit(found);
	json_t *added, *gone, *object;

	if (!check_state_compare(state, domain, found, &added, &gone))
		return output_error(context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	if (json_array_size(added) + json_array_size(gone) == 0) {
		json_decref(added);
		json_decref(gone);
		return code;
	}
	if (!context->json) {
		print_changes(domain, found, added, gone);
		json_decref(added);
		json_decref(gone);
		return code;
	}
	object = object_of(domain, found);
	if (json_object_set_new(object, "new", added) != 0 || json_object_set_new(object, "gone", gone) != 0) {
		json_decref(object);
		object = NULL;
	}
	return output_json(context, code, object);
}

/* SPDX-License-Identifier: ISC */
/* lint_rules.c - `stsctl lint rules`: what the milter would say of a file of domain rules. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/enforcement/domain_rules.h"
#include "stsctl/lint/lint.h"
#include "stsctl/terminal/output.h"

struct report {
	const struct cmd_context *context;
	const char *name;	/* of the file */
	json_t *list;		/* with --json: mistakes, or warnings */
	bool no_memory;
};

static void
append(struct report *report, json_t *element)
{
	if (json_array_append_new(report->list, element) != 0)
		report->no_memory = true;
}

static void
tell_mistake(void *arg, unsigned line, const char *text)
{
	struct report *report = arg;

	if (report->context->json)
		append(report, json_pack("{s:I, s:s}", "line", (json_int_t)line, "error", text));
	else
		output_note(report->name, line, "error", text);
}

static void
tell_warning(void *arg, unsigned line, const char *text)
{
	struct report *report = arg;

	if (!report->context->json)
		output_note(report->name, line, "warning", text);
	else
		append(report, line > 0 ? json_sprintf("line %u: %s", line, text) : json_string(text));
}

static enum cmd_exit
conclude(const struct report *report, const struct sts_domain_rules *rules)
{
	enum cmd_exit code = rules != NULL ? CMD_FINE : CMD_NO;
	size_t count = sts_domain_rules_count(rules);

	if (!report->context->json) {
		if (rules == NULL)
			puts("invalid");
		else
			printf("valid: %zu %s\n", count, count == 1 ? "rule" : "rules");
		return code;
	}
	if (report->no_memory)
		return output_json(report->context, code, NULL);
	if (rules == NULL)
		return output_json(report->context, code, json_pack("{s:b, s:O}", "valid", 0, "errors", report->list));
	return output_json(report->context, code, json_pack("{s:b, s:I, s:O}", "valid", 1, "rules", (json_int_t)count,
	    "warnings", report->list));
}

enum cmd_exit
lint_rules(const struct cmd_context *context, char **operands)
{
	struct report report = { .context = context, .list = json_array() };
	struct sts_domain_rules *rules = NULL;
	struct lint_input input;
	enum cmd_exit code = lint_read(context, operands[0], STS_RULES_TEXT_MAX, &input);

	report.name = input.name;
	if (code == CMD_FINE &&
	    sts_domain_rules_parse(input.data, input.len, tell_mistake, &report, &rules) == STS_ENOMEM)
		code = output_error(context, CMD_UNKNOWN, "no memory");
	if (code == CMD_FINE) {
		if (rules != NULL)
			sts_domain_rules_warn(rules, sts_clock_now(), tell_warning, &report);
		code = conclude(&report, rules);
	}
	sts_domain_rules_free(&rules);
	json_decref(report.list);
	free(input.data);
	return code;
}

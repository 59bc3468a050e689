/* SPDX-License-Identifier: ISC */
/* lint_rules.c - `stsctl lint rules`: checks a file of domain rules as the milter would. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/outbound/send_rules.h"
#include "stsctl/lint/lint.h"
#include "stsctl/terminal/output.h"

struct report {
	const struct cmd_context *context;
	const char *name;	/* of the file */
	json_t *list;		/* with --json: the mistakes, or the warnings */
	bool no_memory;
};

static void
append(struct report *report, json_t *element)
{
	if (json_array_append_new(report->list, element) != 0)
		report->no_memory = true;
}

static void
report_mistake(void *arg, unsigned line, const char *text)
{
	struct report *report = arg;

	if (report->context->json)
		append(report, json_pack("{s:I, s:s}", "line", (json_int_t)line, "error", text));
	else
		output_note(report->name, line, "error", text);
}

static void
report_warning(void *arg, unsigned line, const char *text)
{
	struct report *report = arg;

	if (!report->context->json)
		output_note(report->name, line, "warning", text);
	else
		append(report, line > 0 ? json_sprintf("line %u: %s", line, text) : json_string(text));
}

static enum cmd_exit
conclude(const struct report *report, const struct sts_domain_rules *rules, size_t send_count)
{
	enum cmd_exit code = rules != NULL ? CMD_FINE : CMD_NO;
	size_t count = sts_domain_rules_count(rules) + send_count;

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

/* Parses the rules for inbound and outbound mail. *rules is NULL if any line is wrong. */
static enum sts_status
read_both(const struct lint_input *input, struct report *report, struct sts_domain_rules **rules,
    struct sts_send_rules **send_rules)
{
	enum sts_status status = sts_domain_rules_parse(input->data, input->len, report_mistake, report, rules);
	enum sts_status send_status = STS_OK;

	if (status != STS_ENOMEM)
		send_status = sts_send_rules_parse(input->data, input->len, report_mistake, report, send_rules);
	if (send_status != STS_OK)
		sts_domain_rules_free(rules);
	return send_status == STS_ENOMEM ? send_status : status;
}

enum cmd_exit
lint_rules(const struct cmd_context *context, char **operands)
{
	struct report report = { .context = context, .list = json_array() };
	struct sts_domain_rules *rules = NULL;
	struct sts_send_rules *send_rules = NULL;
	struct lint_input input;
	enum cmd_exit code = lint_read(context, operands[0], STS_RULES_TEXT_MAX, &input);

	report.name = input.name;
	if (code == CMD_FINE && read_both(&input, &report, &rules, &send_rules) == STS_ENOMEM)
		code = output_error(context, CMD_UNKNOWN, "no memory");
	if (code == CMD_FINE) {
		if (rules != NULL)
			sts_domain_rules_warn(rules, sts_clock_now(), report_warning, &report);
		code = conclude(&report, rules, sts_send_rules_count(send_rules));
	}
	sts_domain_rules_free(&rules);
	sts_send_rules_free(&send_rules);
	json_decref(report.list);
	free(input.data);
	return code;
}

/* SPDX-License-Identifier: ISC */
/*
 * cmd_lint.c - `stsctl lint`: checks a policy, a record or an mx pattern with the library's parsers. lint_rules.c checks rules.
 *
 * Needs neither settings nor the network.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/record.h"
#include "shared-cache/policy/tlsrpt_record.h"
#include "stsctl/lint/lint.h"
#include "stsctl/terminal/command.h"
#include "stsctl/terminal/output.h"

enum { RECORD_INPUT_MAX = 1 << 20 };	/* larger than any DNS message as JSON with every byte escaped */

static bool
read_stream(FILE *from, size_t max, struct lint_input *input)
{
	if ((input->data = malloc(max + 1)) == NULL)
		return false;
	input->len = fread(input->data, 1, max + 1, from);
	return !ferror(from);
}

enum cmd_exit
lint_read(const struct cmd_context *context, const char *path, size_t max, struct lint_input *input)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *from = is_stdin ? stdin : fopen(path, "rbe");
	enum cmd_exit code = CMD_FINE;

	*input = (struct lint_input){ .name = is_stdin ? "stdin" : path };
	if (from == NULL || !read_stream(from, max, input))
		code = output_error(context, CMD_UNKNOWN, "%s: %s", input->name, strerror(errno));
	if (from != NULL && !is_stdin)
		fclose(from);
	return code;
}

/* ---- lint policy ---- */

static json_t *
policy_to_json(const struct sts_policy *policy, const struct sts_diag *diag)
{
	json_t *mx = json_array();

	for (size_t i = 0; i < policy->mx_count; i++) {
		if (json_array_append_new(mx, json_string(policy->mx[i])) != 0) {
			json_decref(mx);
			return NULL;
		}
	}
	return json_pack("{s:b, s:s, s:I, s:o, s:o}", "valid", 1, "mode", sts_mode_name(policy->mode), "max_age",
	    (json_int_t)policy->max_age_s, "mx", mx, "warnings", output_json_warnings(diag));
}

static enum cmd_exit
report_policy(const struct cmd_context *context, const char *name, const struct sts_policy *policy,
    const struct sts_diag *diag)
{
	enum cmd_exit code = policy != NULL ? CMD_FINE : CMD_NO;

	if (context->json && policy != NULL)
		return output_json(context, code, policy_to_json(policy, diag));
	if (context->json)
		return output_json(context, code, json_pack("{s:b, s:s, s:I}", "valid", 0, "error", diag->error.text, "line",
		    (json_int_t)diag->error.line));
	output_diag(name, diag);
	if (policy == NULL) {
		puts("invalid");
		return code;
	}
	printf("valid: mode %s, max_age %u\n", sts_mode_name(policy->mode), (unsigned)policy->max_age_s);
	for (size_t i = 0; i < policy->mx_count; i++)
		printf("mx %s\n", policy->mx[i]);
	return code;
}

static enum cmd_exit
lint_policy(const struct cmd_context *context, char **operands)
{
	struct sts_policy *policy = NULL;
	struct sts_diag diag;
	struct lint_input input;
	enum cmd_exit code = lint_read(context, operands[0], STS_POLICY_TEXT_MAX, &input);

	sts_diag_init(&diag);
	if (code == CMD_FINE) {
		if (sts_policy_parse(input.data, input.len, &policy, &diag) == STS_ENOMEM)
			code = output_error(context, CMD_UNKNOWN, "no memory");
		else
			code = report_policy(context, input.name, policy, &diag);
	}
	sts_policy_free(&policy);
	free(input.data);
	return code;
}

/* ---- lint record, lint tlsrpt ---- */

struct rrset {
	struct sts_txt *txt;	/* owned, like each txt[i].data */
	size_t count;
};

static void
rrset_fini(struct rrset *set)
{
	for (size_t i = 0; i < set->count; i++)
		free((void *)(uintptr_t)set->txt[i].data);
	free(set->txt);
}

/* Joins the character-strings of one record. */
static bool
join_strings(const json_t *strings, struct sts_txt *out)
{
	size_t len = 0, i;
	const json_t *s;
	char *data;

	json_array_foreach(strings, i, s)
		len += json_string_length(s);
	if ((data = malloc(len + 1)) == NULL)
		return false;
	*out = (struct sts_txt){ data, len };
	json_array_foreach(strings, i, s) {
		memcpy(data, json_string_value(s), json_string_length(s));
		data += json_string_length(s);
	}
	return true;
}

static bool
is_record_list(const json_t *list)
{
	const json_t *record, *s;
	size_t i, k;

	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, record) {
		if (!json_is_array(record))
			return false;
		json_array_foreach(record, k, s)
			if (!json_is_string(s))
				return false;
	}
	return true;
}

static enum cmd_exit
rrset_of(const struct cmd_context *context, const json_t *list, struct rrset *out)
{
	const json_t *record;
	size_t i;

	if ((out->txt = calloc(json_array_size(list) + 1, sizeof(*out->txt))) == NULL)
		return output_error(context, CMD_UNKNOWN, "no memory");
	json_array_foreach(list, i, record) {
		if (!join_strings(record, &out->txt[i]))
			return output_error(context, CMD_UNKNOWN, "no memory");
		out->count++;
	}
	return CMD_FINE;
}

/* Malformed input is wrong usage. The answer "invalid" is about records, not about the JSON around them. */
static enum cmd_exit
parse_rrset(const struct cmd_context *context, const struct lint_input *input, struct rrset *out)
{
	json_error_t error;
	json_t *list;
	enum cmd_exit code;

	if (input->len > RECORD_INPUT_MAX)
		return output_error(context, CMD_USAGE, "%s: more than %d bytes", input->name, RECORD_INPUT_MAX);
	if ((list = json_loadb(input->data, input->len, JSON_ALLOW_NUL, &error)) == NULL)
		return output_error(context, CMD_USAGE, "%s:%d: malformed JSON: %s", input->name, error.line, error.text);
	if (is_record_list(list))
		code = rrset_of(context, list, out);
	else
		code = output_error(context, CMD_USAGE, "%s: not an array of records, each an array of strings",
		    input->name);
	json_decref(list);
	return code;
}

/* The result for a set of records. */
struct verdict {
	enum sts_record_result result;
	const char *name;	/* the JSON member of value: "id", "rua" */
	json_t *value;		/* a string or an array; NULL unless the record is valid */
	struct sts_diag diag;
};

static enum cmd_exit
report_record(const struct cmd_context *context, const char *name, struct verdict *v)
{
	enum cmd_exit code = v->result == STS_RECORD_VALID ? CMD_FINE : CMD_NO;
	const char *word = sts_record_result_name(v->result);

	if (v->result == STS_RECORD_VALID && v->value == NULL)
		return output_error(context, CMD_UNKNOWN, "no memory");
	if (context->json && v->result == STS_RECORD_VALID)
		return output_json(context, code, json_pack("{s:s, s:O, s:o}", "result", word, v->name, v->value, "warnings",
		    output_json_warnings(&v->diag)));
	if (context->json)
		return output_json(context, code, json_pack("{s:s, s:s, s:o}", "result", word, "error", v->diag.error.text,
		    "warnings", output_json_warnings(&v->diag)));
	output_diag(name, &v->diag);
	if (json_is_string(v->value))
		printf("%s: %s %s\n", word, v->name, json_string_value(v->value));
	else
		puts(word);
	for (size_t i = 0; i < json_array_size(v->value); i++)
		printf("%s %s\n", v->name, json_string_value(json_array_get(v->value, i)));
	return code;
}

static void
judge_record(const struct rrset *set, struct verdict *v)
{
	char id[STS_ID_CAP];

	v->name = "id";
	v->result = sts_record_select(set->txt, set->count, id, &v->diag);
	if (v->result == STS_RECORD_VALID)
		v->value = json_string(id);
}

static void
judge_tlsrpt(const struct rrset *set, struct verdict *v)
{
	struct sts_tlsrpt tlsrpt;

	v->name = "rua";
	v->result = sts_tlsrpt_select(set->txt, set->count, &tlsrpt, &v->diag);
	if (v->result != STS_RECORD_VALID)
		return;
	v->value = json_array();
	for (size_t i = 0; i < tlsrpt.rua_count; i++) {
		if (json_array_append_new(v->value, json_stringn(tlsrpt.rua[i].s, tlsrpt.rua[i].len)) != 0) {
			json_decref(v->value);
			v->value = NULL;
		}
	}
}

static enum cmd_exit
lint_rrset(const struct cmd_context *context, char **operands, void (*judge)(const struct rrset *set, struct verdict *v))
{
	struct verdict v = { 0 };
	struct rrset set = { 0 };
	struct lint_input input;
	enum cmd_exit code = lint_read(context, operands[0], RECORD_INPUT_MAX, &input);

	sts_diag_init(&v.diag);
	if (code == CMD_FINE)
		code = parse_rrset(context, &input, &set);
	if (code == CMD_FINE) {
		judge(&set, &v);
		code = report_record(context, input.name, &v);
	}
	json_decref(v.value);
	rrset_fini(&set);
	free(input.data);
	return code;
}

static enum cmd_exit
lint_record(const struct cmd_context *context, char **operands)
{
	return lint_rrset(context, operands, judge_record);
}

static enum cmd_exit
lint_tlsrpt(const struct cmd_context *context, char **operands)
{
	return lint_rrset(context, operands, judge_tlsrpt);
}

/* ---- lint mx ---- */

static enum cmd_exit
lint_mx(const struct cmd_context *context, char **operands)
{
	const char *pattern = operands[0], *host = operands[1];
	char normal[STS_DOMAIN_CAP];
	enum sts_domain_fault fault = sts_domain_normalise(host, strlen(host), normal);
	bool match = sts_policy_mx_matches(pattern, host);
	enum cmd_exit code = match ? CMD_FINE : CMD_NO;
	struct sts_diag diag;

	sts_diag_init(&diag);
	if (sts_policy_mx_valid(pattern, strlen(pattern), 0, &diag) && fault != STS_DOMAIN_OK)
		sts_diag_error(&diag, 0, "HOST is not a host name (%s)", sts_domain_fault_text(fault));
	if (context->json && diag.error.text[0] != '\0')
		return output_json(context, code, json_pack("{s:b, s:s}", "match", match, "error", diag.error.text));
	if (context->json)
		return output_json(context, code, json_pack("{s:b}", "match", match));
	output_diag("stsctl", &diag);
	puts(match ? "match" : "no match");
	return code;
}

/* ---- the subcommands ---- */

static const struct kind {
	const char *name;
	enum cmd_exit (*run)(const struct cmd_context *context, char **operands);
	int operands;
	const char *wanted;
} kinds[] = {
	{ "policy", lint_policy, 1, "FILE, or - for standard input" },
	{ "record", lint_record, 1, "FILE, or - for standard input" },
	{ "tlsrpt", lint_tlsrpt, 1, "FILE, or - for standard input" },
	{ "mx", lint_mx, 2, "PATTERN and HOST" },
	{ "rules", lint_rules, 1, "FILE, or - for standard input" },
};

enum cmd_exit
cmd_lint(const struct cmd_context *context, int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		if (argc - 1 != kinds[i].operands)
			return output_error(context, CMD_USAGE, "lint %s: expects %s", name, kinds[i].wanted);
		return kinds[i].run(context, argv + 1);
	}
	return CMD_USAGE;	/* not reached: the table of commands allows no other word */
}

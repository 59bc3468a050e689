/* SPDX-License-Identifier: ISC */
/* usage.c - checks values, and words the mistakes. Knows no command. */
#include "config.h"

#include "stsctl/context/usage.h"

#include <stdbool.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/terminal/output.h"

enum { DIGITS_MAX = 18 };

static const char *
dashes(const struct cmd_option *option)
{
	return option->name[1] == '\0' ? "-" : "--";
}

enum cmd_exit
usage_number(const struct cmd_context *context, const struct cmd_option *option, const char *value, unsigned long long max,
    unsigned long long *out)
{
	unsigned long long n;

	if (value == NULL)
		return CMD_FINE;
	if (!sts_text_parse_u64(value, strlen(value), DIGITS_MAX, &n) || n < 1 || n > max)
		return output_error(context, CMD_USAGE, "%s%s: expects a number from 1 to %llu, not %s", dashes(option), option->name, max,
		    value);
	*out = n;
	return CMD_FINE;
}

enum cmd_exit
usage_choice(const struct cmd_context *context, const struct cmd_option *option, const char *value, size_t *out)
{
	const char *word = option->value;

	if (value == NULL)
		return CMD_FINE;
	for (size_t i = 0;; i++) {
		size_t len = strcspn(word, "|");

		if (strlen(value) == len && strncmp(word, value, len) == 0) {
			*out = i;
			return CMD_FINE;
		}
		if (word[len] == '\0')
			break;
		word += len + 1;
	}
	return output_error(context, CMD_USAGE, "%s%s: expects %s, not %s", dashes(option), option->name, option->value, value);
}

enum cmd_exit
usage_no_operands(const struct cmd_context *context, const char *command, int argc, char **argv, const char *hint)
{
	if (argc == 0)
		return CMD_FINE;
	return output_error(context, CMD_USAGE, "%s: takes no operands, not %s%s", command, argv[0], hint);
}

enum cmd_exit
usage_options(const struct cmd_context *context, const char *command, const char *word, const struct cmd_option *options, unsigned known)
{
	for (unsigned i = 0; i < CMD_OPTIONS_MAX && options[i].name != NULL; i++)
		if (context->values[i] != NULL && (known & 1U << i) == 0)
			return output_error(context, CMD_USAGE, "%s %s: does not take %s%s", command, word, dashes(&options[i]), options[i].name);
	return CMD_FINE;
}

enum cmd_exit
usage_csv_or_json(const struct cmd_context *context, const char *csv)
{
	if (csv == NULL || !context->json)
		return CMD_FINE;
	return output_error(context, CMD_USAGE, "--csv cannot be combined with --json");
}

enum cmd_exit
usage_domain(const struct cmd_context *context, const char *operand, char out[STS_DOMAIN_CAP])
{
	enum sts_domain_fault fault = sts_domain_normalise(operand, strlen(operand), out);

	if (fault == STS_DOMAIN_OK)
		return CMD_FINE;
	return output_error(context, CMD_USAGE, "%s: not a domain (%s)", operand, sts_domain_fault_text(fault));
}

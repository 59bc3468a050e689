/* SPDX-License-Identifier: ISC */
/*
 * usage.h - checks options and operands, and reports mistakes in the same words for every command.
 *
 * Each function returns CMD_FINE, or prints the mistake as output_error() does and returns CMD_USAGE. A value of NULL means that the
 * option was not given: that is no mistake, and the output stays as it is. One thread.
 */
#ifndef STSCTL_CONTEXT_USAGE_H
#define STSCTL_CONTEXT_USAGE_H

#include <stddef.h>

#include "shared-cache/names/domain.h"
#include "stsctl/terminal/command.h"

/* Reads the value of an option that takes a number from 1 to max. */
enum cmd_exit usage_number(const struct cmd_context *context, const struct cmd_option *option, const char *value,
    unsigned long long max, unsigned long long *out);

/* Reads the value of an option whose cmd_option.value is a list of words separated by |; *out is the word's index, from 0. */
enum cmd_exit usage_choice(const struct cmd_context *context, const struct cmd_option *option, const char *value, size_t *out);

/* Reads one operand as a domain, normalised. */
enum cmd_exit usage_domain(const struct cmd_context *context, const char *operand, char out[STS_DOMAIN_CAP]);

/* For a command without operands. hint says where the operand may belong ("; for a domain, see --domain"), or is "". */
enum cmd_exit usage_no_operands(const struct cmd_context *context, const char *command, int argc, char **argv, const char *hint);

/* Refuses options of the command that do not go with this subcommand (word). known: a bit for each option that does, by its index in
 * options. */
enum cmd_exit usage_options(const struct cmd_context *context, const char *command, const char *word, const struct cmd_option *options,
    unsigned known);

/* Refuses --csv together with --json. csv: the value of --csv. */
enum cmd_exit usage_csv_or_json(const struct cmd_context *context, const char *csv);

#endif

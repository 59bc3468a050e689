/* SPDX-License-Identifier: ISC */
/*
 * usage.h - mistakes on the command line, told in the same words by every command: as output_error() does, CMD_USAGE. CMD_FINE where
 * there is none. A value that is NULL was not given: there is no mistake, and what belongs to it stays as it is. One thread.
 */
#ifndef STSCTL_CONTEXT_USAGE_H
#define STSCTL_CONTEXT_USAGE_H

#include <stddef.h>

#include "stsctl/terminal/command.h"

/* The value of an option that wants a number from 1 to max. */
enum cmd_exit usage_number(const struct cmd_context *context, const struct cmd_option *option, const char *value,
    unsigned long long max, unsigned long long *out);

/* The value of an option whose cmd_option.value lists words separated by |: which of them it is, from 0. */
enum cmd_exit usage_choice(const struct cmd_context *context, const struct cmd_option *option, const char *value, size_t *out);

/* There are no operands; hint says where what was meant belongs ("; a domain is --domain's"), or is "". */
enum cmd_exit usage_no_operands(const struct cmd_context *context, const char *command, int argc, char **argv, const char *hint);

/* Of a command's options, by their places in its list, those whose bits are in known go together with this word of it: "report html". */
enum cmd_exit usage_options(const struct cmd_context *context, const char *command, const char *word, const struct cmd_option *options,
    unsigned known);

/* csv: the value of the option of this name. */
enum cmd_exit usage_csv_or_json(const struct cmd_context *context, const char *csv);

#endif

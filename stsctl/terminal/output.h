/* SPDX-License-Identifier: ISC */
/*
 * output.h - how stsctl speaks: text for people or, with --json, one JSON object on standard output.
 *
 * Everything printed may hold hostile bytes (file names, other people's records), so control bytes are replaced.
 */
#ifndef STSCTL_TERMINAL_OUTPUT_H
#define STSCTL_TERMINAL_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "shared-cache/base/diag.h"
#include "stsctl/terminal/command.h"
#include "stsctl/terminal/json_text.h"

/* "stsctl: ..." on standard error; with --json also {"error":"..."} on standard output. Returns code. */
enum cmd_exit output_error(const struct cmd_context *context, enum cmd_exit code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints object in one line and gives the reference back. NULL (memory ran out while it was made) is an error of its own.
 * Returns code, or CMD_UNKNOWN. */
enum cmd_exit output_json(const struct cmd_context *context, enum cmd_exit code, json_t *object);

/* One byte of hostile text for people: a control byte becomes `?'; bytes beyond ASCII stay. */
void output_byte(char byte, FILE *to);

/* The warnings as an array of strings; NULL when memory ran out. */
json_t *output_json_warnings(const struct sts_diag *diag);

/* For people: "name:line: kind: text", without the line where it is 0. text is clean. */
void output_note(const char *name, unsigned line, const char *kind, const char *text);

/* The error first, then the warnings. */
void output_diag(const char *name, const struct sts_diag *diag);

#endif

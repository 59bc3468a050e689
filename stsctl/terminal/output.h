/* SPDX-License-Identifier: ISC */
/*
 * output.h - prints a command's result: text for people or, with --json, one JSON object on standard output.
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

/* Prints "stsctl: ..." on standard error; with --json also {"error":"..."} on standard output. Returns code. */
enum cmd_exit output_error(const struct cmd_context *context, enum cmd_exit code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints object on one line and releases its reference. Returns code. NULL means that memory ran out while it was built: that is
 * reported as an error, and CMD_UNKNOWN returned. */
enum cmd_exit output_json(const struct cmd_context *context, enum cmd_exit code, json_t *object);

/* Prints one byte of hostile text for people: `?' for a control byte; bytes beyond ASCII as they are. */
void output_byte(char byte, FILE *to);

/* The warnings as an array of strings; NULL when memory ran out. */
json_t *output_json_warnings(const struct sts_diag *diag);

/* Prints "name:line: kind: text" for people, without the line when it is 0. text has no control bytes. */
void output_note(const char *name, unsigned line, const char *kind, const char *text);

/* Prints the error, then the warnings. */
void output_diag(const char *name, const struct sts_diag *diag);

#endif

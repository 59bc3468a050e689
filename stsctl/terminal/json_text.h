/* SPDX-License-Identifier: ISC */
/* json_text.h - bytes of strangers as JSON. Prints nothing. Any thread. */
#ifndef STSCTL_TERMINAL_JSON_TEXT_H
#define STSCTL_TERMINAL_JSON_TEXT_H

#include <jansson.h>

/* A JSON string of text that may hold any bytes; those that are not UTF-8 cost it all that is not ASCII. NULL when memory ran
 * out. */
json_t *json_text(const char *text);

#endif

/* SPDX-License-Identifier: ISC */
/* json_text.h - bytes of strangers as JSON; and JSON of which nothing is missing. Prints nothing. Any thread. */
#ifndef STSCTL_TERMINAL_JSON_TEXT_H
#define STSCTL_TERMINAL_JSON_TEXT_H

#include <jansson.h>

/* A JSON string of text that may hold any bytes; those that are not UTF-8 cost it all that is not ASCII. NULL when memory ran
 * out. */
json_t *json_text(const char *text);

/* Appends item to a list, or puts it into an object under a name (not UTF-8: as if memory ran out); takes the reference. What lacks an
 * item must not look whole: when memory ran out for the item (NULL) or for its place, *to is given back and becomes NULL, and stays
 * so. */
void json_add(json_t **to, json_t *item);
void json_put(json_t **to, const char *name, json_t *item);

#endif

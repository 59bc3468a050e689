/* SPDX-License-Identifier: ISC */
/* json_text.h - builds JSON: from strings that may be hostile, and without losing an item when memory runs out. Any thread. */
#ifndef STSCTL_TERMINAL_JSON_TEXT_H
#define STSCTL_TERMINAL_JSON_TEXT_H

#include <jansson.h>

/* A JSON string of text, which may hold any bytes. If it is not valid UTF-8, each byte that is not ASCII is replaced. NULL when memory
 * ran out. */
json_t *json_text(const char *text);

/* Appends item to a list, or sets it in an object under a name (one that is not UTF-8 fails as if memory ran out). Takes the reference
 * of item. An incomplete list must not look complete: when memory ran out, for item (NULL) or for its place, *to is released and
 * becomes NULL, and later calls do nothing. */
void json_add(json_t **to, json_t *item);
void json_put(json_t **to, const char *name, json_t *item);

#endif

/* SPDX-License-Identifier: ISC */
/* json_text.c - makes any bytes UTF-8, the only text that jansson accepts. */
#include "config.h"

#include "stsctl/terminal/json_text.h"

#include <stdlib.h>
#include <string.h>

json_t *
json_text(const char *text)
{
	json_t *s = json_string(text);
	char *ascii;

	if (s != NULL || (ascii = strdup(text)) == NULL)
		return s;
	for (char *c = ascii; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	s = json_string(ascii);
	free(ascii);
	return s;
}

void
json_add(json_t **to, json_t *item)
{
	if (json_array_append_new(*to, item) == 0)
		return;
	json_decref(*to);
	*to = NULL;
}

void
json_put(json_t **to, const char *name, json_t *item)
{
	if (json_object_set_new(*to, name, item) == 0)
		return;
	json_decref(*to);
	*to = NULL;
}

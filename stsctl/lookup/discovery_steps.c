/* SPDX-License-Identifier: ISC */
/* discovery_steps.c - prints the steps of a lookup. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "stsctl/lookup/discover.h"
#include "stsctl/terminal/json_text.h"

json_t *
discovery_steps_json(const struct discovery *d)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < d->step_count; i++) {
		const struct discover_step *step = &d->steps[i];
		json_t *object = json_pack("{s:s, s:s, s:I}", "step", step->name, "outcome", step->outcome,
		    "ms", (json_int_t)step->ms);

		if (object != NULL && step->text[0] != '\0')
			json_put(&object, "text", json_string(step->text));
		if (json_array_append_new(list, object) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

void
discovery_print_steps(const struct discovery *d)
{
	for (size_t i = 0; i < d->step_count; i++) {
		const struct discover_step *step = &d->steps[i];

		printf("%-6s %6" PRId64 " ms  %s%s%s\n", step->name, step->ms, step->outcome,
		    step->text[0] != '\0' ? ": " : "", step->text);
	}
}

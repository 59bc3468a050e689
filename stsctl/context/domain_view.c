/* SPDX-License-Identifier: ISC */
/* domain_view.c - prints cache entries. Knows nothing of where they come from. */
#include "config.h"

#include "stsctl/context/domain_view.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/reason.h"
#include "stsctl/terminal/human_numbers.h"

/* Takes the reference of value. False when memory ran out. */
static bool
set(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

static json_t *
mx_of(const struct sts_policy *policy)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < policy->mx_count; i++) {
		if (json_array_append_new(list, json_string(policy->mx[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static bool
set_policy(json_t *object, const struct sts_entry *entry)
{
	return entry->policy == NULL ||
	    (set(object, "mode", json_string(sts_mode_name(entry->policy->mode))) &&
	    set(object, "max_age", json_integer(entry->policy->max_age_s)) && set(object, "mx", mx_of(entry->policy)) &&
	    set(object, "fetched", json_integer(entry->fetched)));
}

json_t *
domain_view_json(const struct sts_entry *entry)
{
	json_t *object = json_pack("{s:s, s:s, s:I, s:I}", "domain", entry->domain, "state", sts_entry_state_name(entry->state),
	    "checked", (json_int_t)entry->checked, "expires", (json_int_t)entry->expires);

	if (object == NULL)
		return NULL;
	if ((entry->id[0] == '\0' || set(object, "id", json_string(entry->id))) &&
	    (entry->reason == STS_REASON_NONE || set(object, "reason", json_string(sts_reason_name(entry->reason)))) &&
	    set_policy(object, entry))
		return object;
	json_decref(object);
	return NULL;
}

static void
print_time(const char *name, int64_t time, int64_t now)
{
	char text[HUMAN_TIME_CAP], age[HUMAN_AGE_CAP];

	if (time > 0)
		printf("%s: %s (%s)\n", name, human_time(time, text), human_age(time, now, age));
}

void
domain_view_text(const struct sts_entry *entry, int64_t now)
{
	printf("domain: %s\nstate: %s\n", entry->domain, sts_entry_state_name(entry->state));
	if (entry->reason != STS_REASON_NONE)
		printf("reason: %s\n", sts_reason_name(entry->reason));
	if (entry->id[0] != '\0')
		printf("id: %s\n", entry->id);
	if (entry->policy != NULL)
		printf("mode: %s\nmax_age: %u\n", sts_mode_name(entry->policy->mode), (unsigned)entry->policy->max_age_s);
	for (size_t i = 0; entry->policy != NULL && i < entry->policy->mx_count; i++)
		printf("mx: %s\n", entry->policy->mx[i]);
	print_time("fetched", entry->fetched, now);
	print_time("checked", entry->checked, now);
	print_time("expires", entry->expires, now);
}

enum cmd_exit
domain_view_exit(const struct sts_entry *entry)
{
	if (entry->state == STS_STATE_POLICY)
		return CMD_FINE;
	if (entry->state == STS_STATE_FAILED && !sts_reason_is_permanent(entry->reason))
		return CMD_UNKNOWN;
	return CMD_NO;
}

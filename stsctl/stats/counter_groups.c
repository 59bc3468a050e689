/* SPDX-License-Identifier: ISC */
/* counter_groups.c - the names of counters. Knows neither where counters come from nor how they are printed. */
#include "config.h"

#include "stsctl/stats/counter_groups.h"

#include <stdlib.h>
#include <string.h>

const char *const counter_groups_single[] = { "messages", "sessions", "exempt", "forged", "refused", "requiretls", NULL };
const char *const counter_groups_names[] = {
	"result", "policy", "tls", "reason", "cipher", "aligned", "rcpt", "history", "action", "cause", NULL,
};

static const char aligned[] = "aligned:";

static const struct {
	const char *name, *field;
} short_names[] = {
	{ "plaintext", "tls:none" },
	{ "pass", "result:pass" },
	{ "fail", "result:fail" },
	{ "softfail", "result:softfail" },
	{ "temperror", "result:temperror" },
	{ "permerror", "result:permerror" },
	{ "downgrade", "history:downgrade" },
};

static bool
is_listed(const char *const *list, const char *name, size_t len)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == len && memcmp(*list, name, len) == 0)
			return true;
	return false;
}

const char *
counter_groups_find(const char *name)
{
	const char *colon = strchr(name, ':');
	const char *rest = strncmp(name, aligned, strlen(aligned)) == 0 ? name + strlen(aligned) : NULL;

	for (size_t i = 0; i < sizeof(short_names) / sizeof(short_names[0]); i++)
		if (strcmp(short_names[i].name, name) == 0)
			return short_names[i].field;
	if (!sts_tally_is_name(name, strlen(name)))
		return NULL;
	if (colon == NULL)
		return is_listed(counter_groups_single, name, strlen(name)) ? name : NULL;
	/* aligned:tls:none counts aligned clients; aligned:yes is a member of a group. */
	if (rest != NULL && (is_listed(counter_groups_single, rest, strlen(rest)) || strchr(rest, ':') != NULL))
		return name;
	return colon[1] != '\0' && is_listed(counter_groups_names, name, (size_t)(colon - name)) ? name : NULL;
}

bool
counter_groups_has_share(const char *field)
{
	return strcmp(field, "exempt") != 0 && strcmp(field, "forged") != 0;
}

const char *
counter_groups_name_in_group(const struct sts_tally_field *field, const char *group)
{
	return field->name + strlen(group) + 1;
}

static bool
is_in_group(const struct sts_tally_field *field, const char *group)
{
	size_t len = strlen(group);
	const char *name;

	if (strncmp(field->name, group, len) != 0 || field->name[len] != ':' || field->name[len + 1] == '\0')
		return false;
	name = counter_groups_name_in_group(field, group);
	return strcmp(group, "aligned") != 0 || strcmp(name, "yes") == 0 || strcmp(name, "no") == 0 ||
	    strcmp(name, "unknown") == 0;
}

static int
by_number(const void *a, const void *b)
{
	const struct sts_tally_field *x = *(const struct sts_tally_field *const *)a;
	const struct sts_tally_field *y = *(const struct sts_tally_field *const *)b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->name, y->name);
}

size_t
counter_groups_of_group(const struct sts_tally *tally, const char *group, const struct sts_tally_field **out, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < tally->count && count < max; i++)
		if (is_in_group(&tally->fields[i], group))
			out[count++] = &tally->fields[i];
	qsort(out, count, sizeof(*out), by_number);	/* NOLINT(bugprone-sizeof-expression): an array of pointers */
	return count;
}

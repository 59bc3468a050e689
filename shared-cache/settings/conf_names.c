/* SPDX-License-Identifier: ISC */
/* conf_names.c - finds settings by name, and suggests one for an unknown name. */
#include "config.h"

#include <string.h>

#include "shared-cache/settings/conf_private.h"

const struct sts_setting *
sts_setting_find(const char *name)
{
	for (size_t i = 0; i < sts_setting_count; i++) {
		if (strcmp(sts_settings[i].name, name) == 0)
			return &sts_settings[i];
	}
	return NULL;
}

/* Levenshtein distance, one row of the matrix at a time. */
static size_t
edit_distance(const char *a, const char *b)
{
	size_t cost[48], len = strlen(b), diagonal, above;

	if (strlen(a) >= sizeof(cost) / sizeof(cost[0]) || len >= sizeof(cost) / sizeof(cost[0]))
		return SIZE_MAX;
	for (size_t j = 0; j <= len; j++)
		cost[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		diagonal = cost[0];
		cost[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t best = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);

			above = cost[j];
			best = above + 1 < best ? above + 1 : best;
			cost[j] = cost[j - 1] + 1 < best ? cost[j - 1] + 1 : best;
			diagonal = above;
		}
	}
	return cost[len];
}

const char *
sts_conf_nearest_name(const char *name)
{
	const char *nearest = NULL;
	size_t best = 4, distance;

	for (size_t i = 0; i < sts_setting_count; i++) {
		distance = edit_distance(name, sts_settings[i].name);
		if (distance < best) {
			best = distance;
			nearest = sts_settings[i].name;
		}
	}
	return nearest;
}

void
sts_setting_complain_unknown(const struct sts_conf_place *place, const char *name)
{
	const char *nearest = sts_conf_nearest_name(name);
	char quoted[STS_CONF_QUOTED_CAP];

	sts_conf_quoted(name, strlen(name), quoted);
	if (nearest != NULL)
		sts_conf_complain(place, "%s: no such setting; did you mean %s?", quoted, nearest);
	else
		sts_conf_complain(place, "%s: no such setting", quoted);
}

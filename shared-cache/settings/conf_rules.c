/* SPDX-License-Identifier: ISC */
/* conf_rules.c - the setting that names a file of domain rules: read as a whole, every wrong line complained of. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/settings/conf_private.h"

static void
complain_of_line(void *arg, unsigned line, const char *text)
{
	struct sts_conf_place place = *(const struct sts_conf_place *)arg;

	place.line = line;
	sts_conf_complain(&place, "%s", text);
}

static void
free_rules(void *field)
{
	sts_domain_rules_free(field);
}

static enum sts_status
set_rules(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	struct sts_conf_place inside = { place->errors, value, 0, place->name, place->mistakes };
	struct sts_domain_rules *rules = NULL;
	enum sts_status status = STS_OK;
	char quoted[STS_CONF_QUOTED_CAP], *text;
	size_t len;

	(void)row;
	if (value[0] != '\0' && value[0] != '/') {
		sts_conf_complain(place, "%s: wants a path from the root", sts_conf_quoted(value, strlen(value), quoted));
		return STS_EINVAL;
	}
	if (value[0] != '\0') {
		status = sts_conf_slurp(value, STS_RULES_TEXT_MAX, place, &text, &len);
		if (status == STS_OK) {
			status = sts_domain_rules_parse(text, len, complain_of_line, &inside, &rules);
			free(text);
		}
	}
	if (status != STS_OK)
		return status;
	free_rules(field);
	*(struct sts_domain_rules **)field = rules;
	return STS_OK;
}

const struct sts_setting_type sts_type_rules = { .set = set_rules, .fini = free_rules };

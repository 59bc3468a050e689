/* SPDX-License-Identifier: ISC */
/* conf_rules.c - the setting that names a file of domain rules: reads the file, and reports every invalid line. */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/outbound/send_rules.h"
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
	struct sts_conf *conf = (struct sts_conf *)(void *)((char *)field - offsetof(struct sts_conf, domain_rules));

	sts_domain_rules_free(&conf->domain_rules);
	sts_send_rules_free(&conf->send_rules);
}

/* Two parsers read the same file; each skips the other's lines. Both report all their errors before the first one counts. */
static enum sts_status
read_rules(const char *text, size_t len, struct sts_conf_place *inside, struct sts_domain_rules **rules,
    struct sts_send_rules **send_rules)
{
	enum sts_status status = sts_domain_rules_parse(text, len, complain_of_line, inside, rules);
	enum sts_status send_status = STS_OK;

	*send_rules = NULL;
	if (status != STS_ENOMEM)
		send_status = sts_send_rules_parse(text, len, complain_of_line, inside, send_rules);
	if (status == STS_OK)
		status = send_status;
	if (status != STS_OK) {
		sts_domain_rules_free(rules);
		sts_send_rules_free(send_rules);
	}
	return status;
}

/* row is that of `domain_rules`; the send rules go to another field of struct sts_conf. */
static enum sts_status
set_rules(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	struct sts_conf *conf = (struct sts_conf *)(void *)((char *)field - offsetof(struct sts_conf, domain_rules));
	struct sts_conf_place inside = { place->errors, value, 0, place->name, place->mistakes };
	struct sts_domain_rules *rules = NULL;
	struct sts_send_rules *send_rules = NULL;
	enum sts_status status = STS_OK;
	char quoted[STS_CONF_QUOTED_CAP], *text;
	size_t len;

	(void)row;
	if (value[0] != '\0' && value[0] != '/') {
		sts_conf_complain(place, "%s: must be an absolute path", sts_conf_quoted(value, strlen(value), quoted));
		return STS_EINVAL;
	}
	if (value[0] != '\0') {
		status = sts_conf_slurp(value, STS_RULES_TEXT_MAX, place, &text, &len);
		if (status == STS_OK) {
			status = read_rules(text, len, &inside, &rules, &send_rules);
			free(text);
		}
	}
	if (status != STS_OK)
		return status;
	free_rules(field);
	conf->domain_rules = rules;
	conf->send_rules = send_rules;
	return STS_OK;
}

const struct sts_setting_type sts_type_rules = { .set = set_rules, .fini = free_rules };

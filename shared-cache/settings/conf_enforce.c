/* SPDX-License-Identifier: ISC */
/* conf_enforce.c - settings for actions on mail, and for the texts of replies. */
#include "config.h"

#include <string.h>

#include "shared-cache/enforcement/reply.h"
#include "shared-cache/settings/conf_private.h"

static enum sts_status
refuse(const char *value, const char *why, const struct sts_conf_place *place)
{
	char quoted[STS_CONF_QUOTED_CAP];

	sts_conf_complain(place, "%s: %s", sts_conf_quoted(value, strlen(value), quoted), why);
	return STS_EINVAL;
}

static enum sts_status
set_action(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	(void)row;
	return sts_action_parse(value, strlen(value), field) ? STS_OK :
	    refuse(value, "must be accept, quarantine, tempfail or reject", place);
}

static enum sts_status
set_unconfirmed(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	enum sts_action action;

	(void)row;
	if (!sts_action_parse(value, strlen(value), &action) || (action != STS_ACTION_TEMPFAIL && action != STS_ACTION_ACCEPT))
		return refuse(value, "must be tempfail or accept", place);
	*(enum sts_action *)field = action;
	return STS_OK;
}

static void
format_action(const void *field, char out[STS_CONF_NUMBER_CAP])
{
	snprintf(out, STS_CONF_NUMBER_CAP, "%s", sts_action_name(*(const enum sts_action *)field));
}

static enum sts_status
set_reject_code(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *wrong = sts_reply_code_wrong(value);

	(void)row;
	return wrong == NULL ? sts_conf_set_string(field, value) : refuse(value, wrong, place);
}

static enum sts_status
set_reject_text(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *wrong = sts_reply_template_wrong(value);

	(void)row;
	return wrong == NULL ? sts_conf_set_string(field, value) : refuse(value, wrong, place);
}

const struct sts_setting_type sts_type_action = { .set = set_action, .format = format_action };
const struct sts_setting_type sts_type_unconfirmed = { .set = set_unconfirmed, .format = format_action };
const struct sts_setting_type sts_type_reject_code = { .set = set_reject_code, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_reject_text = { .set = set_reject_text, .fini = sts_conf_free_string };

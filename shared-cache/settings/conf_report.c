/* SPDX-License-Identifier: ISC */
/* conf_report.c - settings for sending TLS reports: who the reporter is. */
#include "config.h"

#include <string.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/settings/conf_private.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

enum { TEXT_MAX = 200, LOCAL_MAX = 64 };

/* The text goes into JSON and into a header field. */
static enum sts_status
set_line(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *wrong = strlen(value) > TEXT_MAX ? "at most 200 characters" : NULL;

	(void)row;
	for (const char *c = value; *c != '\0' && wrong == NULL; c++)
		if (*c < ' ' || *c > '~')
			wrong = "must be printable ASCII";
	return sts_conf_keep_unless(wrong, value, field, place);
}

static enum sts_status
set_mailbox(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	size_t local = strspn(value, ALNUM "!#$%&'*+-/=?^_`{|}~.");
	const char *wrong = NULL;
	char domain[STS_DOMAIN_CAP];

	(void)row;
	if (value[0] != '\0' && (local == 0 || local > LOCAL_MAX || value[0] == '-' || value[local] != '@' ||
	    sts_domain_normalise(value + local + 1, strlen(value + local + 1), domain) != STS_DOMAIN_OK))
		wrong = "must be LOCAL-PART@DOMAIN";
	return sts_conf_keep_unless(wrong, value, field, place);
}

const struct sts_setting_type sts_type_line = { .set = set_line, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_mailbox = { .set = set_mailbox, .fini = sts_conf_free_string };

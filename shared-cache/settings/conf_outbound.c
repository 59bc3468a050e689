/* SPDX-License-Identifier: ISC */
/* conf_outbound.c - settings for outgoing mail: where Postfix queries us, where it reports to, DANE. */
#include "config.h"

#include <string.h>

#include "shared-cache/settings/conf_private.h"

enum { SOCKETS_MAX = 8, SOCKET_CAP = 400 };

static enum sts_status
refuse(const char *value, size_t len, const char *why, const struct sts_conf_place *place)
{
	char quoted[STS_CONF_QUOTED_CAP];

	sts_conf_complain(place, "%s: %s", sts_conf_quoted(value, len, quoted), why);
	return STS_EINVAL;
}

static enum sts_status
set_sockets(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *list = value, *element;
	enum sts_status status = STS_OK;
	char socket[SOCKET_CAP];
	size_t len, count = 0;

	(void)row;
	while ((element = sts_conf_next_element(&list, &len)) != NULL) {
		const char *wrong = len < sizeof(socket) ? NULL : "too long";

		if (++count > SOCKETS_MAX)
			wrong = "more than 8 sockets";
		if (wrong == NULL) {
			memcpy(socket, element, len);
			socket[len] = '\0';
			wrong = sts_conf_socket_wrong(socket);
		}
		if (wrong != NULL)
			status = refuse(element, len, wrong, place);
		if (count > SOCKETS_MAX)
			break;
	}
	return status == STS_OK ? sts_conf_set_string(field, value) : status;
}

static enum sts_status
set_unix_socket(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *wrong = NULL;

	(void)row;
	if (value[0] != '\0')
		wrong = strncmp(value, "unix:", 5) == 0 ? sts_conf_socket_wrong(value) : "must be unix:PATH";
	return wrong == NULL ? sts_conf_set_string(field, value) : refuse(value, strlen(value), wrong, place);
}

static const char *const dane_names[] = { [STS_DANE_NEVER] = "off", [STS_DANE_AUTO] = "auto" };

static enum sts_status
set_dane(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	(void)row;
	for (size_t i = 0; i < sizeof(dane_names) / sizeof(dane_names[0]); i++) {
		if (strcmp(value, dane_names[i]) == 0) {
			*(enum sts_dane_use *)field = (enum sts_dane_use)i;
			return STS_OK;
		}
	}
	return refuse(value, strlen(value), "must be auto or off", place);
}

static void
format_dane(const void *field, char out[STS_CONF_NUMBER_CAP])
{
	snprintf(out, STS_CONF_NUMBER_CAP, "%s", dane_names[*(const enum sts_dane_use *)field]);
}

const struct sts_setting_type sts_type_sockets = { .set = set_sockets, .fini = sts_conf_free_string, .is_list = true };
const struct sts_setting_type sts_type_unix_socket = { .set = set_unix_socket, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_dane = { .set = set_dane, .format = format_dane };

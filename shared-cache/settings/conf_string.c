/* SPDX-License-Identifier: ISC */
/* conf_string.c - settings that are text, each type with the characters that it allows. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "shared-cache/base/text.h"
#include "shared-cache/judge/tls.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/names/endpoint.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/settings/conf_private.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

enum sts_status
sts_conf_set_string(void *field, const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return STS_ENOMEM;
	free(*(char **)field);
	*(char **)field = copy;
	return STS_OK;
}

void
sts_conf_free_string(void *field)
{
	free(*(char **)field);
	*(char **)field = NULL;
}

enum sts_status
sts_conf_keep_unless(const char *wrong, const char *value, void *field, const struct sts_conf_place *place)
{
	char quoted[STS_CONF_QUOTED_CAP];

	if (wrong == NULL)
		return sts_conf_set_string(field, value);
	sts_conf_complain(place, "%s: %s", sts_conf_quoted(value, strlen(value), quoted), wrong);
	return STS_EINVAL;
}

/* A user or a group; it may be empty if the default is. Whether it exists is checked when it is used. */
static enum sts_status
set_name(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	size_t len = strlen(value);
	const char *wrong = NULL;

	if (len == 0 && row->dflt[0] != '\0')
		wrong = "must not be empty";
	else if (len > 64 || strspn(value, ALNUM "_.-") != len || value[0] == '-')
		wrong = "not the name of a user or group";
	return sts_conf_keep_unless(wrong, value, field, place);
}

/* A valid value in our header (sts_text_add_token). */
static enum sts_status
set_token(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	size_t len = strlen(value);
	const char *wrong = NULL;

	(void)row;
	if (len > 255 || strspn(value, ALNUM "._:+-") != len)
		wrong = "at most 255 of the characters A-Z a-z 0-9 . _ : + - can stand in the header";
	return sts_conf_keep_unless(wrong, value, field, place);
}

static const char *
check_unix_socket(const char *path)
{
	if (path[0] != '/')
		return "unix: must be an absolute path";
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return "the path is too long for a socket (107 bytes)";
	return NULL;
}

static const char *
check_inet_socket(const char *text)
{
	const char *at = strchr(text, '@');
	char domain[STS_DOMAIN_CAP];
	struct sts_ipaddr addr;
	unsigned long long port;

	if (at == NULL || at[1] == '\0')
		return "inet: must be PORT@HOST";
	if (!sts_text_parse_u64(text, (size_t)(at - text), 5, &port) || port == 0 || port > 65535)
		return "the port must be between 1 and 65535";
	if (!sts_ipaddr_parse(at + 1, strlen(at + 1), &addr) &&
	    sts_domain_normalise(at + 1, strlen(at + 1), domain) != STS_DOMAIN_OK)
		return "the host is neither a name nor an address";
	return NULL;
}

const char *
sts_conf_socket_wrong(const char *value)
{
	if (strncmp(value, "unix:", 5) == 0)
		return check_unix_socket(value + 5);
	if (strncmp(value, "inet:", 5) == 0)
		return check_inet_socket(value + 5);
	return "must be unix:PATH or inet:PORT@HOST";
}

static enum sts_status
set_socket(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	(void)row;
	return sts_conf_keep_unless(value[0] == '\0' ? NULL : sts_conf_socket_wrong(value), value, field, place);
}

/* HOST:PORT, or empty for nowhere. HOST and PORT as in the endpoint of a TCP server. */
static enum sts_status
set_listen(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	char text[512], why[160];
	struct sts_endpoint ignored;
	const char *wrong = NULL;

	(void)row;
	snprintf(text, sizeof(text), "tcp:%s", value);
	if (value[0] != '\0' && (strlen(value) > 300 || !sts_endpoint_parse(text, &ignored, why, sizeof(why))))
		wrong = "must be HOST:PORT, an IPv6 address in brackets: [ADDRESS]:PORT";
	return sts_conf_keep_unless(wrong, value, field, place);
}

static enum sts_status
set_path(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *wrong = NULL;

	(void)row;
	if (value[0] != '\0' && value[0] != '/')
		wrong = "must be an absolute path";
	else if (strlen(value) > 4095)
		wrong = "too long for a path";
	return sts_conf_keep_unless(wrong, value, field, place);
}

/* Precedes every key: without braces, which determine the slot in a cluster, and without wildcards of SCAN. */
static enum sts_status
set_prefix(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	size_t len = strlen(value);
	const char *wrong = NULL;

	(void)row;
	if (len == 0 || len > 64 || strspn(value, ALNUM "._:/-") != len)
		wrong = "must be 1 to 64 of the characters A-Z a-z 0-9 . _ : / -";
	return sts_conf_keep_unless(wrong, value, field, place);
}

static enum sts_status
set_word(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *wrong = NULL;

	(void)row;
	if (strlen(value) > 128)
		wrong = "too long";
	for (const char *p = value; *p != '\0' && wrong == NULL; p++) {
		if (*p <= ' ' || *p >= 0x7f)
			wrong = "must be one word of printable ASCII";
	}
	return sts_conf_keep_unless(wrong, value, field, place);
}

/* Goes into an HTTP header field, in parentheses. */
static enum sts_status
set_contact(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	static const char *const schemes[] = { "https://", "http://", "mailto:" };
	size_t len = strlen(value), begin = 0;
	const char *wrong = NULL;

	(void)row;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(value, schemes[i], strlen(schemes[i])) == 0)
			begin = strlen(schemes[i]);
	if (len > 0 && (begin == 0 || begin == len))
		wrong = "must be https://..., http://... or mailto:...";
	else if (len > 200 || strspn(value, ALNUM "-._~:/?#@!$&*+,;=%'") != len)
		wrong = "at most 200 characters of a URL, without brackets";
	return sts_conf_keep_unless(wrong, value, field, place);
}

static enum sts_status
set_tls_version(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	static const char *const names[] = { "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3" };
	const char *wrong = "must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3";

	(void)row;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) == 0)
			wrong = NULL;
	}
	return sts_conf_keep_unless(wrong, value, field, place);
}

const struct sts_setting_type sts_type_name = { .set = set_name, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_token = { .set = set_token, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_socket = { .set = set_socket, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_listen = { .set = set_listen, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_path = { .set = set_path, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_prefix = { .set = set_prefix, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_word = { .set = set_word, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_contact = { .set = set_contact, .fini = sts_conf_free_string };
const struct sts_setting_type sts_type_tls_version = { .set = set_tls_version, .fini = sts_conf_free_string };

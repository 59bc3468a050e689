/* SPDX-License-Identifier: ISC */
/* conf_list.c - settings that are lists, and the `redis` setting. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/names/domain_set.h"
#include "shared-cache/settings/conf_private.h"

enum { DOMAIN_FILE_MAX = 16 << 20, SERVERS_MAX = 16, PATTERN_MAX = 64, WHY_CAP = 200, NAMES_CAP = 1024 };

static bool
is_separator(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

const char *
sts_conf_next_element(const char **list, size_t *len)
{
	const char *begin = *list, *end;

	while (is_separator(*begin))
		begin++;
	for (end = begin; *end != '\0' && !is_separator(*end); end++)
		;
	*list = end;
	*len = (size_t)(end - begin);
	return *len == 0 ? NULL : begin;
}

static void
complain_of(const struct sts_conf_place *place, const char *element, size_t len, const char *why)
{
	char quoted[STS_CONF_QUOTED_CAP];

	sts_conf_complain(place, "%s: %s", sts_conf_quoted(element, len, quoted), why);
}

/* ---- redis ---- */

static enum sts_status
set_endpoint(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	struct sts_endpoint endpoint;
	char why[WHY_CAP] = "";

	(void)row;
	if (!sts_endpoint_parse(value, &endpoint, why, sizeof(why))) {
		complain_of(place, value, strlen(value), why);
		return STS_EINVAL;
	}
	*(struct sts_endpoint *)field = endpoint;
	return STS_OK;
}

/* ---- dns_servers: stored in c-ares's form, "ADDR:PORT,[ADDR]:PORT" ---- */

static bool
add_server(struct sts_text *csv, const char *element, size_t len)
{
	struct sts_ipaddr addr;
	uint16_t port = 53;
	char text[46];

	if (!sts_ipaddr_parse_server(element, len, &addr, &port))
		return false;
	sts_ipaddr_format(&addr, text);
	if (csv->len > 0)
		sts_text_add(csv, ",");
	sts_text_addf(csv, addr.family == 6 ? "[%s]:%u" : "%s:%u", text, (unsigned)port);
	return true;
}

static enum sts_status
set_servers(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	char storage[SERVERS_MAX * 64];
	struct sts_text csv;
	const char *element;
	size_t len, count = 0;
	enum sts_status status = STS_OK;

	(void)row;
	sts_text_init(&csv, storage, sizeof(storage));
	while ((element = sts_conf_next_element(&value, &len)) != NULL) {
		if (++count > SERVERS_MAX) {
			sts_conf_complain(place, "more than %d servers", (int)SERVERS_MAX);
			return STS_EINVAL;
		}
		if (!add_server(&csv, element, len)) {
			complain_of(place, element, len, "must be ADDR, ADDR:PORT or [ADDR]:PORT");
			status = STS_EINVAL;
		}
	}
	return status == STS_OK ? sts_conf_set_string(field, storage) : status;
}

/* ---- networks ---- */

static void
free_networks(void *field)
{
	sts_netlist_free(field);
}

static enum sts_status
set_networks(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	struct sts_netlist *list = NULL;
	struct sts_diag diag;
	enum sts_status status;

	(void)row;
	sts_diag_init(&diag);
	status = sts_netlist_parse(value, &list, &diag);
	if (status == STS_EINVAL)
		sts_conf_complain(place, "%s", diag.error.text);
	if (status != STS_OK)
		return status;
	free_networks(field);
	*(struct sts_netlist **)field = list;
	return STS_OK;
}

/* ---- domains: in the value, or one per line in a file ---- */

static void
free_domains(void *field)
{
	sts_domain_set_free(field);
}

static enum sts_status
add_domain(struct sts_domain_set *set, const char *name, size_t len, const struct sts_conf_place *place)
{
	enum sts_domain_fault fault;
	enum sts_status status = sts_domain_set_add(set, name, len, &fault);

	if (status == STS_EINVAL)
		complain_of(place, name, len, sts_domain_fault_text(fault));
	return status;
}

static enum sts_status
read_domains(struct sts_domain_set *set, const char *path, const struct sts_conf_place *place)
{
	struct sts_conf_place inside = { place->errors, path, 0, place->name, place->mistakes };
	enum sts_status status, worst = STS_OK;
	const char *element, *list;
	char *text, *rest, *line;
	size_t len, line_len;

	if (path[0] != '/') {
		complain_of(place, path, strlen(path), "file: must be an absolute path");
		return STS_EINVAL;
	}
	status = sts_conf_slurp(path, DOMAIN_FILE_MAX, place, &text, &len);
	if (status != STS_OK)
		return status;
	rest = text;
	while (worst != STS_ENOMEM && sts_conf_next_line(&rest, &len, &line, &line_len)) {
		inside.line++;
		list = line;
		element = sts_conf_next_element(&list, &line_len);
		if (element == NULL || *element == '#')
			continue;
		status = add_domain(set, element, line_len, &inside);
		if (sts_conf_next_element(&list, &line_len) != NULL) {
			sts_conf_complain(&inside, "more than one domain in a line");
			status = STS_EINVAL;
		}
		if (status != STS_OK)
			worst = status;
	}
	free(text);
	return worst;
}

static enum sts_status
set_domains(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	struct sts_domain_set *set = NULL;
	enum sts_status status = STS_OK, added;
	const char *element;
	size_t len;

	(void)row;
	if (value[0] != '\0')
		status = sts_domain_set_new(&set);
	if (status == STS_OK && strncmp(value, "file:", 5) == 0) {
		status = read_domains(set, value + 5, place);
	} else {
		while (status != STS_ENOMEM && (element = sts_conf_next_element(&value, &len)) != NULL) {
			added = add_domain(set, element, len, place);
			status = added != STS_OK ? added : status;
		}
	}
	if (status != STS_OK) {
		sts_domain_set_free(&set);
		return status;
	}
	if (set != NULL)
		sts_domain_set_seal(set);
	free_domains(field);
	*(struct sts_domain_set **)field = set;
	return STS_OK;
}

/* ---- mail addresses ---- */

static void
free_addresses(void *field)
{
	sts_address_list_free(field);
}

static enum sts_status
set_addresses(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	struct sts_address_list *list = NULL;
	enum sts_status status = value[0] != '\0' ? sts_address_list_new(&list) : STS_OK, added;
	const char *element;
	size_t len;

	(void)row;
	while (status != STS_ENOMEM && (element = sts_conf_next_element(&value, &len)) != NULL) {
		added = sts_address_list_add(list, element, len);
		if (added == STS_OK)
			continue;
		complain_of(place, element, len, added == STS_EFULL ? "one too many" : "must be LOCAL-PART or LOCAL-PART@DOMAIN");
		status = STS_EINVAL;
	}
	if (status != STS_OK) {
		sts_address_list_free(&list);
		return status;
	}
	free_addresses(field);
	*(struct sts_address_list **)field = list;
	return STS_OK;
}

/* ---- patterns of cipher names ---- */

static bool
is_pattern(const char *s, size_t len)
{
	size_t begin = s[0] == '*' ? 1 : 0;
	size_t end = len > begin && s[len - 1] == '*' ? len - 1 : len;

	for (size_t i = begin; i < end; i++) {
		char c = s[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return end > begin && len <= PATTERN_MAX;
}

static enum sts_status
set_patterns(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const char *list = value, *element;
	enum sts_status status = STS_OK;
	size_t len;

	(void)row;
	while ((element = sts_conf_next_element(&list, &len)) != NULL) {
		if (!is_pattern(element, len)) {
			complain_of(place, element, len, "must be the name of a cipher with a * at its ends only");
			status = STS_EINVAL;
		}
	}
	return status == STS_OK ? sts_conf_set_string(field, value) : status;
}

const struct sts_setting_type sts_type_endpoint = { .set = set_endpoint };
const struct sts_setting_type sts_type_servers = { .set = set_servers, .fini = sts_conf_free_string, .is_list = true };
const struct sts_setting_type sts_type_networks = { .set = set_networks, .fini = free_networks, .is_list = true };
const struct sts_setting_type sts_type_domains = { .set = set_domains, .fini = free_domains, .is_list = true };
const struct sts_setting_type sts_type_addresses = { .set = set_addresses, .fini = free_addresses, .is_list = true };
/* ---- names of smtpd services, as in milter_macro_daemon_name ---- */

static enum sts_status
set_names(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	char storage[NAMES_CAP];
	enum sts_status status = STS_OK;
	struct sts_text text;
	const char *element;
	size_t len;

	(void)row;
	sts_text_init(&text, storage, sizeof(storage));
	while ((element = sts_conf_next_element(&value, &len)) != NULL) {
		if (len > PATTERN_MAX) {
			complain_of(place, element, len, "too long for the name of a service");
			status = STS_EINVAL;
		}
		sts_text_addf(&text, "%s%.*s", text.len > 0 ? " " : "", (int)len, element);
	}
	if (text.overflow) {
		sts_conf_complain(place, "too many names");
		status = STS_EINVAL;
	}
	return status == STS_OK ? sts_conf_set_string(field, storage) : status;
}

bool
sts_conf_list_contains(const char *list, const char *name)
{
	const char *element;
	size_t len;

	while ((element = sts_conf_next_element(&list, &len)) != NULL)
		if (strlen(name) == len && memcmp(element, name, len) == 0)
			return true;
	return false;
}

const struct sts_setting_type sts_type_names = { .set = set_names, .fini = sts_conf_free_string, .is_list = true };
const struct sts_setting_type sts_type_patterns = { .set = set_patterns, .fini = sts_conf_free_string, .is_list = true };

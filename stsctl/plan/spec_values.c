/* SPDX-License-Identifier: ISC */
/* plan/spec_values.c - checks and normalises values. */
#include "config.h"

#include "stsctl/plan/spec_values.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/policy.h"
#include "stsctl/plan/spec.h"

enum { LIST_CAP = PUBLISH_MX_MAX * (STS_DOMAIN_CAP + 2), PATTERN_CAP = STS_DOMAIN_CAP + 2, IPADDR_TEXT = 46, URIS_MAX = 8 };

static enum sts_status
refuse(const struct spec_value *value, const char *element, size_t len, const char *why)
{
	char quoted[STS_CONF_QUOTED_CAP];

	sts_conf_complain(value->place, "%s: %s", sts_conf_quoted(element, len, quoted), why);
	return STS_EINVAL;
}

static enum sts_status
refuse_all(const struct spec_value *value, const char *why)
{
	return refuse(value, value->text, strlen(value->text), why);
}

enum sts_status
spec_set_mode(const struct spec_value *value, void *field)
{
	enum sts_mode mode;

	if (!sts_mode_parse(value->text, strlen(value->text), &mode))
		return refuse_all(value, "must be none, testing or enforce");
	*(enum sts_mode *)field = mode;
	return STS_OK;
}

enum sts_status
spec_set_time(const struct spec_value *value, void *field)
{
	const struct sts_setting bounds = { .type = &sts_type_time, .lo = value->lo, .hi = value->hi };

	return sts_type_time.set(&bounds, value->text, field, value->place);
}

/* ---- lists: each element is checked, and added in its normal form ---- */

/* Adds an element to list, or returns what is wrong with it. */
typedef const char *add_fn(struct sts_text *list, const char *element, size_t len);

static enum sts_status
set_list(const struct spec_value *value, size_t max, add_fn *add, void *field)
{
	char storage[LIST_CAP];
	struct sts_text list;
	const char *rest = value->text, *element, *wrong;
	size_t len, count = 0;

	sts_text_init(&list, storage, sizeof(storage));
	while ((element = sts_conf_next_element(&rest, &len)) != NULL) {
		if (++count > max)
			return refuse_all(value, "too many elements");
		if (list.len > 0)
			sts_text_add(&list, " ");
		wrong = add(&list, element, len);
		if (wrong != NULL)
			return refuse(value, element, len, wrong);
	}
	if (count == 0 && !value->may_be_empty)
		return refuse_all(value, "must not be empty");
	if (list.overflow)
		return refuse_all(value, "too long");
	return sts_conf_set_string(field, storage);
}

static const char from_dns[] = "from-dns";

static const char *
add_mx(struct sts_text *list, const char *element, size_t len)
{
	struct sts_diag diag;

	sts_diag_init(&diag);
	if (len == sizeof(from_dns) - 1 && memcmp(element, from_dns, len) == 0)
		return "cannot be combined with patterns";
	if (!sts_policy_mx_valid(element, len, 0, &diag))
		return "must be a host name, `*.' and a host name, or from-dns";
	for (size_t i = 0; i < len; i++) {
		char c = sts_ascii_lower(element[i]);

		sts_text_add_bytes(list, &c, 1);
	}
	return NULL;
}

enum sts_status
spec_set_mx(const struct spec_value *value, void *field)
{
	if (strcmp(value->text, from_dns) == 0)
		return sts_conf_set_string(field, "");
	return set_list(value, PUBLISH_MX_MAX, add_mx, field);
}

/* web_host is either a list of addresses, or a single name, which becomes a CNAME. */
static const char *
add_web_address(struct sts_text *list, const char *element, size_t len)
{
	struct sts_ipaddr addr;
	char text[IPADDR_TEXT];

	if (!sts_ipaddr_parse(element, len, &addr))
		return "must be IP addresses, or a single host name";
	sts_ipaddr_format(&addr, text);
	sts_text_add(list, text);
	return NULL;
}

enum sts_status
spec_set_web_host(const struct spec_value *value, void *field)
{
	static const char policy_host[] = "mta-sts.";
	char name[STS_DOMAIN_CAP];
	size_t len = strlen(value->text);

	if (sts_domain_check_host(value->text, len) == STS_DOMAIN_OK &&
	    sts_domain_normalise(value->text, len, name) == STS_DOMAIN_OK) {
		if (strncmp(name, policy_host, sizeof(policy_host) - 1) == 0 &&
		    strcmp(name + sizeof(policy_host) - 1, value->domain) == 0)
			return refuse_all(value, "is the policy host, which cannot be an alias of itself");
		return sts_conf_set_string(field, name);
	}
	return set_list(value, PUBLISH_MX_MAX, add_web_address, field);
}

static const char *
add_address(struct sts_text *list, const char *element, size_t len)
{
	return add_web_address(list, element, len) == NULL ? NULL : "must be an IP address";
}

enum sts_status
spec_set_address(const struct spec_value *value, void *field)
{
	return set_list(value, 1, add_address, field);
}

static const char *
add_listen(struct sts_text *list, const char *element, size_t len)
{
	const char *colon = memrchr(element, ':', len);
	const char *port = colon == NULL ? element : colon + 1;
	size_t addr_len = colon == NULL ? 0 : (size_t)(colon - element);
	unsigned long long number;
	struct sts_ipaddr addr;
	char text[IPADDR_TEXT];

	if (!sts_text_parse_u64(port, (size_t)(element + len - port), 5, &number) || number < 1 || number > 65535)
		return "must be PORT, ADDR:PORT or [ADDR]:PORT, with a port from 1 to 65535";
	if (colon != NULL) {
		bool bracketed = element[0] == '[';

		if (!sts_ipaddr_parse(element, addr_len, &addr) || (addr.family == 6) != bracketed)
			return "must be PORT, ADDR:PORT or [ADDR]:PORT";
		sts_ipaddr_format(&addr, text);
		sts_text_addf(list, bracketed ? "[%s]:" : "%s:", text);
	}
	sts_text_addf(list, "%llu", number);
	return NULL;
}

enum sts_status
spec_set_listen(const struct spec_value *value, void *field)
{
	return set_list(value, PUBLISH_MX_MAX, add_listen, field);
}

/* ---- templates: %d ---- */

/* Copies text to out, with %d and %% replaced. Returns what is wrong with it, or NULL. */
static const char *
expand(const char *text, const char *domain, struct sts_text *out)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p != '%')
			sts_text_add_bytes(out, p, 1);
		else if (*++p == 'd')
			sts_text_add(out, domain);
		else if (*p == '%')
			sts_text_add(out, "%");
		else
			return "a percent sign must be followed by d (the domain), or by another percent sign";
	}
	return out->overflow ? "too long" : NULL;
}

/* Accepts what RFC 8460 section 3 and zone files both allow: no comma, semicolon, exclamation mark, blank, quote or backslash. */
static const char *
add_uri(struct sts_text *list, const char *element, size_t len)
{
	static const char mailto[] = "mailto:", https[] = "https://";
	const size_t mailto_len = sizeof(mailto) - 1, https_len = sizeof(https) - 1;
	const char *at;
	char domain[STS_DOMAIN_CAP];

	for (size_t i = 0; i < len; i++)
		if (element[i] <= ' ' || element[i] >= 0x7f || strchr("!;\"\\<>", element[i]) != NULL)
			return "contains a byte that must be percent-encoded in a URI";
	if (len > mailto_len && sts_ascii_same_letters(element, mailto, mailto_len)) {
		at = memrchr(element, '@', len);
		if (at == NULL || at == element + mailto_len || memchr(element, '@', (size_t)(at - element)) != NULL ||
		    sts_domain_normalise(at + 1, (size_t)(element + len - at - 1), domain) != STS_DOMAIN_OK)
			return "must be mailto:USER@DOMAIN";
	} else if (len <= https_len || !sts_ascii_same_letters(element, https, https_len)) {
		return "must begin with mailto: or https://";
	}
	sts_text_add_bytes(list, element, len);
	return NULL;
}

static enum sts_status
set_expanded(const struct spec_value *value, spec_set_fn *set, void *field)
{
	struct spec_value expanded = *value;
	char storage[PUBLISH_VALUE_MAX];
	struct sts_text text;
	const char *wrong;

	sts_text_init(&text, storage, sizeof(storage));
	wrong = expand(value->text, value->domain, &text);
	if (wrong != NULL)
		return refuse_all(value, wrong);
	expanded.text = storage;
	return set(&expanded, field);
}

static enum sts_status
set_uris(const struct spec_value *value, void *field)
{
	return set_list(value, URIS_MAX, add_uri, field);
}

enum sts_status
spec_set_rua(const struct spec_value *value, void *field)
{
	return set_expanded(value, set_uris, field);
}

/* The bytes that Apache, nginx and shells take literally between double or single quotes. */
static const char path_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@:,=~ ";

static enum sts_status
set_plain_path(const struct spec_value *value, void *field)
{
	size_t len = strlen(value->text);
	char copy[PUBLISH_VALUE_MAX];

	if (len == 0 && value->may_be_empty)
		return sts_conf_set_string(field, "");
	if (value->text[0] != '/')
		return refuse_all(value, "must be an absolute path");
	if (strspn(value->text, path_bytes) != len)
		return refuse_all(value,
		    "a path may contain only letters, digits, spaces and / . _ - + @ : , = ~, because web servers and "
		    "shells read it, too");
	while (len > 1 && value->text[len - 1] == '/')
		len--;
	memcpy(copy, value->text, len);
	copy[len] = '\0';
	return sts_conf_set_string(field, copy);
}

enum sts_status
spec_set_path(const struct spec_value *value, void *field)
{
	return set_expanded(value, set_plain_path, field);
}

/* SPDX-License-Identifier: ISC */
/* sent_event.c - parses the JSON of libtlsrpt. Knows neither sockets nor counters. */
#include "config.h"

#include "shared-cache/outbound/sent_event.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const int result_codes[STS_SENT_RESULTS] = {
	[STS_SENT_STARTTLS_NOT_SUPPORTED] = 201, [STS_SENT_CERTIFICATE_HOST_MISMATCH] = 202,
	[STS_SENT_CERTIFICATE_NOT_TRUSTED] = 203, [STS_SENT_CERTIFICATE_EXPIRED] = 204, [STS_SENT_VALIDATION_FAILURE] = 205,
	[STS_SENT_STS_POLICY_FETCH_ERROR] = 301, [STS_SENT_STS_POLICY_INVALID] = 302, [STS_SENT_STS_WEBPKI_INVALID] = 303,
	[STS_SENT_TLSA_INVALID] = 304, [STS_SENT_DNSSEC_INVALID] = 305, [STS_SENT_DANE_REQUIRED] = 306,
};

/* ---- values ---- */

static const char *
text_of(const json_t *value)
{
	const char *s = json_string_value(value);
	size_t len = json_string_length(value);

	if (s == NULL || len > STS_SENT_TEXT_MAX)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return NULL;
	return s;
}

static const char *
text_at(const json_t *object, const char *name)
{
	return text_of(json_object_get(object, name));
}

/* A number, which old versions may have written as a string of one digit. -1: neither. */
static json_int_t
number_at(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	const char *s = json_string_value(value);

	if (s != NULL)
		return s[0] >= '0' && s[0] <= '9' && s[1] == '\0' ? s[0] - '0' : -1;
	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static bool
name_at(const json_t *object, const char *name, char out[STS_DOMAIN_CAP])
{
	const json_t *value = json_object_get(object, name);
	const char *s = json_string_value(value);

	out[0] = '\0';
	return s != NULL && sts_domain_normalise(s, json_string_length(value), out) == STS_DOMAIN_OK;
}

static size_t
texts_at(const json_t *object, const char *name, const char **out, size_t max)
{
	const json_t *array = json_object_get(object, name);
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(array) && count < max; i++) {
		out[count] = text_of(json_array_get(array, i));
		count += out[count] != NULL;
	}
	return count;
}

/* ---- a policy ---- */

static enum sts_sent_result
result_of(json_int_t code)
{
	for (unsigned i = 0; i < STS_SENT_RESULTS; i++)
		if (result_codes[i] == code)
			return (enum sts_sent_result)i;
	/* RFC 8460 section 4.3.4: for everything that fits no other type */
	return STS_SENT_VALIDATION_FAILURE;
}

static void
read_details(const json_t *array, struct sts_sent_policy *out)
{
	for (size_t i = 0; i < json_array_size(array) && out->detail_count < STS_SENT_DETAILS; i++) {
		const json_t *object = json_array_get(array, i);
		struct sts_sent_detail *detail = &out->details[out->detail_count];

		if (!json_is_object(object))
			continue;
		detail->result = result_of(number_at(object, "c"));
		(void)name_at(object, "n", detail->mx);
		detail->our_address = text_at(object, "s");
		detail->helo = text_at(object, "h");
		detail->address = text_at(object, "r");
		detail->information = text_at(object, "a");
		detail->reason = text_at(object, "f");
		out->detail_count++;
	}
}

static bool
read_type(const json_t *object, enum sts_sent_type *out)
{
	switch (number_at(object, "policy-type")) {
	case 1:
		*out = STS_SENT_TLSA;
		return true;
	case 2:
		*out = STS_SENT_STS;
		return true;
	case 9:
		*out = STS_SENT_NO_POLICY;
		return true;
	default:
		return false;
	}
}

static bool
read_policy(const json_t *object, const struct sts_sent_event *event, struct sts_sent_policy *out)
{
	json_int_t final = number_at(object, "f");

	if (!json_is_object(object) || !read_type(object, &out->type) || (final != 0 && final != 1))
		return false;
	out->failed = final == 1;
	if (!name_at(object, "policy-domain", out->domain))
		memcpy(out->domain, event->domain, sizeof(out->domain));
	out->string_count = texts_at(object, "policy-string", out->strings, STS_SENT_STRINGS);
	out->pattern_count = texts_at(object, "mx-host", out->patterns, STS_SENT_PATTERNS);
	read_details(json_object_get(object, "failure-details"), out);
	return true;
}

/* ---- the event ---- */

static enum sts_sent_fault
read_event(struct sts_sent_event *event)
{
	const json_t *root = event->json, *version = json_object_get(root, "dpv"), *policies = json_object_get(root, "policies");

	if (!json_is_object(root))
		return STS_SENT_NOT_JSON;
	if (version != NULL && (!json_is_string(version) || strcmp(json_string_value(version), "1") != 0))
		return STS_SENT_OTHER_VERSION;
	if (!name_at(root, "d", event->domain))
		return STS_SENT_NO_DOMAIN;
	event->record = text_at(root, "pr");
	for (size_t i = 0; i < json_array_size(policies) && event->policy_count < STS_SENT_POLICIES; i++) {
		if (!read_policy(json_array_get(policies, i), event, &event->policies[event->policy_count]))
			return STS_SENT_BAD_POLICY;
		event->policy_count++;
	}
	return event->policy_count > 0 ? STS_SENT_OK : STS_SENT_BAD_POLICY;
}

enum sts_sent_fault
sts_sent_event_parse(const char *data, size_t len, struct sts_sent_event **out)
{
	enum sts_sent_fault fault;
	struct sts_sent_event *event;

	*out = NULL;
	if (len > STS_SENT_DATAGRAM_MAX)
		return STS_SENT_TOO_LONG;
	event = calloc(1, sizeof(*event));
	if (event == NULL)
		return STS_SENT_NO_MEMORY;
	event->json = json_loadb(data, len, 0, NULL);
	fault = event->json == NULL ? STS_SENT_NOT_JSON : read_event(event);
	if (fault == STS_SENT_OK)
		*out = event;
	else
		sts_sent_event_free(&event);
	return fault;
}

void
sts_sent_event_free(struct sts_sent_event **event)
{
	if (*event == NULL)
		return;
	json_decref((*event)->json);
	free(*event);
	*event = NULL;
}

/* ---- names ---- */

const char *
sts_sent_type_name(unsigned type)
{
	static const char *const names[STS_SENT_TYPES] = {
		[STS_SENT_TLSA] = "tlsa", [STS_SENT_STS] = "sts", [STS_SENT_NO_POLICY] = "no-policy-found",
	};

	return type < STS_SENT_TYPES ? names[type] : "";
}

const char *
sts_sent_result_name(unsigned result)
{
	static const char *const names[STS_SENT_RESULTS] = {
		[STS_SENT_STARTTLS_NOT_SUPPORTED] = "starttls-not-supported",
		[STS_SENT_CERTIFICATE_HOST_MISMATCH] = "certificate-host-mismatch",
		[STS_SENT_CERTIFICATE_NOT_TRUSTED] = "certificate-not-trusted",
		[STS_SENT_CERTIFICATE_EXPIRED] = "certificate-expired",
		[STS_SENT_VALIDATION_FAILURE] = "validation-failure",
		[STS_SENT_STS_POLICY_FETCH_ERROR] = "sts-policy-fetch-error",
		[STS_SENT_STS_POLICY_INVALID] = "sts-policy-invalid",
		[STS_SENT_STS_WEBPKI_INVALID] = "sts-webpki-invalid",
		[STS_SENT_TLSA_INVALID] = "tlsa-invalid",
		[STS_SENT_DNSSEC_INVALID] = "dnssec-invalid",
		[STS_SENT_DANE_REQUIRED] = "dane-required",
	};

	return result < STS_SENT_RESULTS ? names[result] : "";
}

const char *
sts_sent_fault_name(unsigned fault)
{
	static const char *const names[STS_SENT_FAULTS] = {
		[STS_SENT_OK] = "ok", [STS_SENT_TOO_LONG] = "too-long", [STS_SENT_NOT_JSON] = "not-json",
		[STS_SENT_OTHER_VERSION] = "other-version", [STS_SENT_NO_DOMAIN] = "no-domain",
		[STS_SENT_BAD_POLICY] = "bad-policy", [STS_SENT_NO_MEMORY] = "no-memory",
	};

	return fault < STS_SENT_FAULTS ? names[fault] : "";
}

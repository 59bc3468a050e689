/* SPDX-License-Identifier: ISC */
/*
 * report.c - JSON -> struct sts_report. The only file of this room that uses jansson.
 *
 * Numbers are parsed as doubles, because jansson rejects the whole text for one integer that is too large; this way only the
 * policy with that number is refused.
 */
#include "config.h"

#include "shared-cache/tlsreport/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

static const char bad_count[] = "a count is negative, not whole, too great, or no number";

/* ---- values ---- */

static const char *
string_of(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value != NULL ? value : "";
}

/* A count that is missing or null is 0. */
static bool
count_of(const json_t *object, const char *name, int64_t *out)
{
	const json_t *value = json_object_get(object, name);
	unsigned long long n;
	double real;

	*out = 0;
	if (value == NULL || json_is_null(value))
		return true;
	if (json_is_string(value)) {
		if (!sts_text_parse_u64(json_string_value(value), json_string_length(value), 18, &n))
			return false;
		real = (double)n;
	} else if (json_is_number(value))
		real = json_number_value(value);
	else
		return false;
	if (!(real >= 0 && real <= (double)STS_REPORT_COUNT_MAX) || floor(real) < real)
		return false;
	*out = (int64_t)real;
	return true;
}

/* Makes a list of a string, an array of strings, null or nothing. Other array elements are left out. */
static bool
list_of(const json_t *value, const char ***out, size_t *count)
{
	size_t size = json_is_array(value) ? json_array_size(value) : json_is_string(value) ? 1 : 0;

	*count = 0;
	*out = calloc(size + 1, sizeof(**out));
	if (*out == NULL)
		return false;
	for (size_t i = 0; i < size; i++) {
		const char *s = json_string_value(json_is_array(value) ? json_array_get(value, i) : value);

		if (s != NULL && s[0] != '\0')
			(*out)[(*count)++] = s;
	}
	return true;
}

/* ---- a policy ---- */

static void
refuse(struct sts_report_policy *policy, const char *why)
{
	if (policy->refused == NULL)
		policy->refused = why;
}

/* An object in place of an array counts as its only element, here and below. */
static size_t
size_of(const json_t *list)
{
	return json_is_array(list) ? json_array_size(list) : json_is_object(list) ? 1 : 0;
}

static const json_t *
element(const json_t *list, size_t i)
{
	return json_is_array(list) ? json_array_get(list, i) : list;
}

static bool
read_details(const json_t *list, struct sts_report_policy *policy, int64_t *sum)
{
	size_t size = size_of(list);

	*sum = 0;
	policy->details = calloc(size + 1, sizeof(*policy->details));
	if (policy->details == NULL)
		return false;
	for (size_t i = 0; i < size; i++) {
		const json_t *object = element(list, i);
		struct sts_report_detail *d = &policy->details[policy->detail_count];

		if (!json_is_object(object))
			continue;
		*d = (struct sts_report_detail){ string_of(object, "result-type"), string_of(object, "failure-reason-code"),
		    string_of(object, "receiving-mx-hostname"), string_of(object, "receiving-ip"),
		    string_of(object, "sending-mta-ip"), string_of(object, "additional-information"), 0 };
		if (!count_of(object, "failed-session-count", &d->count))
			refuse(policy, bad_count);
		*sum += d->count;
		policy->detail_count++;
	}
	return true;
}

static void
read_summary(const json_t *summary, struct sts_report_policy *policy, struct sts_diag *diag)
{
	if (!json_is_object(summary))
		sts_diag_warn(diag, 0, "a policy has no summary; nothing is counted of it but its failure details");
	if (!count_of(summary, "total-successful-session-count", &policy->success) ||
	    !count_of(summary, "total-failure-session-count", &policy->failure))
		refuse(policy, bad_count);
}

static bool
read_policy(const json_t *item, struct sts_report_policy *out, struct sts_diag *diag)
{
	const json_t *policy = json_object_get(item, "policy");
	const char *domain = string_of(policy, "policy-domain");
	int64_t sum;

	if (!json_is_object(policy))
		refuse(out, "it does not say which policy it is about");
	else if (!sts_report_kind_parse(string_of(policy, "policy-type"), &out->kind))
		refuse(out, "its policy-type is none of sts, tlsa and no-policy-found");
	if (domain[0] != '\0' && sts_domain_normalise(domain, strlen(domain), out->domain) != STS_DOMAIN_OK)
		refuse(out, "its policy-domain is no domain");
	if (!list_of(json_object_get(policy, "policy-string"), &out->text, &out->text_count) ||
	    !list_of(json_object_get(policy, "mx-host"), &out->mx, &out->mx_count))
		return false;
	read_summary(json_object_get(item, "summary"), out, diag);
	if (!read_details(json_object_get(item, "failure-details"), out, &sum))
		return false;
	if (out->refused != NULL)
		sts_diag_warn(diag, 0, "a policy is not counted: %s", out->refused);
	else if (sum != out->failure)
		sts_diag_warn(diag, 0, "the failure details add up to %lld, the summary says %lld", (long long)sum,
		    (long long)out->failure);
	return true;
}

static enum sts_status
read_policies(const json_t *list, struct sts_report *out, struct sts_diag *diag)
{
	size_t size = size_of(list);

	if (size > STS_REPORT_POLICIES_MAX) {
		sts_diag_error(diag, 0, "more than %d policies", (int)STS_REPORT_POLICIES_MAX);
		return STS_EINVAL;
	}
	out->policies = calloc(size + 1, sizeof(*out->policies));
	if (out->policies == NULL)
		return STS_ENOMEM;
	for (size_t i = 0; i < size; i++) {
		out->policy_count = i + 1;
		if (!read_policy(element(list, i), &out->policies[i], diag))
			return STS_ENOMEM;
	}
	if (size == 0)
		sts_diag_warn(diag, 0, "there are no policies in it");
	return STS_OK;
}

/* ---- a report ---- */

static enum sts_status
read_times(const json_t *range, struct sts_report *out, struct sts_diag *diag)
{
	if (!sts_report_time(string_of(range, "start-datetime"), &out->begin)) {
		sts_diag_error(diag, 0, "date-range: start-datetime is missing or no time");
		return STS_EINVAL;
	}
	if (sts_report_time(string_of(range, "end-datetime"), &out->end))
		return STS_OK;
	sts_diag_warn(diag, 0, "date-range: end-datetime is missing or no time; taken for a day after the start");
	out->end = out->begin + 86400;
	return STS_OK;
}

static enum sts_status
read_report(const json_t *root, struct sts_report *out, struct sts_diag *diag)
{
	enum sts_status status;

	if (!json_is_object(root) || (json_object_get(root, "policies") == NULL && json_object_get(root, "date-range") == NULL)) {
		sts_diag_error(diag, 0, "this is JSON, but no TLS report");
		return STS_EINVAL;
	}
	out->organization = string_of(root, "organization-name");
	out->contact = string_of(root, "contact-info");
	out->id = string_of(root, "report-id");
	status = read_times(json_object_get(root, "date-range"), out, diag);
	if (status == STS_OK && out->id[0] == '\0')
		sts_diag_warn(diag, 0, "it has no report-id");
	return status == STS_OK ? read_policies(json_object_get(root, "policies"), out, diag) : status;
}

/* Strips what some senders add at the beginning and the end: a byte order mark, NULs. */
static void
trim(const char **text, size_t *len)
{
	if (*len >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
		*text += 3;
		*len -= 3;
	}
	while (*len > 0 && (*text)[*len - 1] == '\0')
		--*len;
}

/* Replaces what would end the parser by something that only spoils its own place, so that the rest of the report is not lost. Bytes that
 * are not ASCII become `?': some senders put Latin-1 into additional-information. A number beyond any double becomes -1, which refuses its
 * policy. text ends with a NUL. */
static void
mend(char *text, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		size_t number = quoted ? 0 : strspn(text + i, "+-.0123456789eE");

		if ((unsigned char)text[i] >= 0x80)
			text[i] = '?';
		else if (quoted && text[i] == '\\' && i + 1 < len)
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (number > 2 && isinf(strtod(text + i, NULL))) {
			memset(text + i, ' ', number);
			text[i] = '-';
			text[i + 1] = '1';
		}
		i += number > 0 ? number - 1 : 0;
	}
}

static enum sts_status
parse(const char *text, size_t len, json_t **root, json_error_t *error)
{
	enum json_error_code code;
	char *copy;

	*root = json_loadb(text, len, JSON_DECODE_INT_AS_REAL, error);
	code = *root == NULL ? json_error_code(error) : json_error_unknown;
	if (code == json_error_invalid_utf8 || code == json_error_numeric_overflow) {
		if ((copy = malloc(len + 1)) == NULL)
			return STS_ENOMEM;
		memcpy(copy, text, len);
		copy[len] = '\0';
		mend(copy, len);
		*root = json_loadb(copy, len, JSON_DECODE_INT_AS_REAL, error);
		free(copy);
	}
	if (*root != NULL)
		return STS_OK;
	return json_error_code(error) == json_error_out_of_memory ? STS_ENOMEM : STS_EINVAL;
}

enum sts_status
sts_report_read(const char *text, size_t len, struct sts_report **out, struct sts_diag *diag)
{
	json_error_t error;
	struct sts_report *report;
	enum sts_status status;
	json_t *root;

	*out = NULL;
	trim(&text, &len);
	if (!sts_report_is_bounded(text, len, diag))
		return STS_EINVAL;
	report = calloc(1, sizeof(*report));
	if (report == NULL)
		return STS_ENOMEM;
	status = parse(text, len, &root, &error);
	report->root = root;
	if (status == STS_OK)
		status = read_report(root, report, diag);
	else if (status == STS_EINVAL)
		sts_diag_error(diag, error.line > 0 ? (unsigned)error.line : 0, "this is not JSON");
	if (status == STS_OK)
		*out = report;
	else
		sts_report_free(&report);
	return status;
}

void
sts_report_free(struct sts_report **report)
{
	if (*report == NULL)
		return;
	for (size_t i = 0; i < (*report)->policy_count; i++) {
		free((*report)->policies[i].text);
		free((*report)->policies[i].mx);
		free((*report)->policies[i].details);
	}
	free((*report)->policies);
	json_decref((*report)->root);
	free(*report);
	*report = NULL;
}

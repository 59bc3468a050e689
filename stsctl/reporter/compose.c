/* SPDX-License-Identifier: ISC */
/* compose.c - groups outcomes by policy. Knows neither Redis nor mail. */
#include "config.h"

#include "stsctl/reporter/compose.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- outcomes, checked ---- */

static const char *const policy_lists[] = { "policy-string", "mx-host" };
static const char *const detail_texts[] = { "result-type", "sending-mta-ip", "receiving-mx-hostname", "receiving-mx-helo",
    "receiving-ip", "additional-information", "failure-reason-code" };

static bool
is_known(const json_t *object, const char *name, const char *(*known)(unsigned), unsigned count)
{
	const char *word = json_string_value(json_object_get(object, name));

	for (unsigned i = 0; word != NULL && i < count; i++)
		if (strcmp(known(i), word) == 0)
			return true;
	return false;
}

static void
copy_texts(const json_t *from, const char *name, json_t *to)
{
	const json_t *list = json_object_get(from, name), *text;
	json_t *copy;
	size_t i;

	if (json_array_size(list) == 0 || (copy = json_array()) == NULL)
		return;
	json_array_foreach(list, i, text)
		if (json_is_string(text))
			(void)json_array_append_new(copy, json_string(json_string_value(text)));
	(void)json_object_set_new(to, name, copy);
}

/* The policy of an item. NULL: not a policy. */
static json_t *
policy_of(const json_t *item)
{
	const json_t *held = json_array_get(item, 1);
	char domain[STS_DOMAIN_CAP];
	const char *text = json_string_value(json_object_get(held, "policy-domain"));
	json_t *policy;

	if (!is_known(held, "policy-type", sts_sent_type_name, STS_SENT_TYPES) || text == NULL ||
	    sts_domain_normalise(text, strlen(text), domain) != STS_DOMAIN_OK)
		return NULL;
	policy = json_pack("{s:O, s:s}", "policy-type", json_object_get(held, "policy-type"), "policy-domain", domain);
	for (size_t i = 0; policy != NULL && i < sizeof(policy_lists) / sizeof(policy_lists[0]); i++)
		copy_texts(held, policy_lists[i], policy);
	return policy;
}

static json_t *
detail_of(const json_t *item, uint64_t n)
{
	const json_t *held = json_array_get(item, 2);
	json_t *detail;

	if (!is_known(held, "result-type", sts_sent_result_name, STS_SENT_RESULTS))
		return NULL;
	detail = json_object();
	for (size_t i = 0; i < sizeof(detail_texts) / sizeof(detail_texts[0]); i++) {
		json_t *text = json_object_get(held, detail_texts[i]);

		if (json_is_string(text))
			(void)json_object_set(detail, detail_texts[i], text);
	}
	(void)json_object_set_new(detail, "failed-session-count", json_integer((json_int_t)n));
	return detail;
}

/* ---- policies of the report ---- */

/* Finds the report's entry for a policy, or adds one. Takes the reference of policy. */
static json_t *
entry_of(json_t *policies, json_t *policy)
{
	json_t *entry;
	size_t i;

	json_array_foreach(policies, i, entry)
		if (json_equal(json_object_get(entry, "policy"), policy)) {
			json_decref(policy);
			return entry;
		}
	entry = json_pack("{s:o, s:{s:i, s:i}}", "policy", policy, "summary", "total-successful-session-count", 0,
	    "total-failure-session-count", 0);
	(void)json_array_append_new(policies, entry);
	return entry;
}

static void
add_sessions(json_t *entry, bool failed, uint64_t n)
{
	const char *name = failed ? "total-failure-session-count" : "total-successful-session-count";
	json_t *summary = json_object_get(entry, "summary");
	json_int_t held = json_integer_value(json_object_get(summary, name));

	(void)json_object_set_new(summary, name, json_integer(held + (json_int_t)n));
}

static void
add_detail(json_t *entry, json_t *detail)
{
	json_t *list = json_object_get(entry, "failure-details");

	if (list == NULL) {
		list = json_array();
		(void)json_object_set_new(entry, "failure-details", list);
	}
	(void)json_array_append_new(list, detail);
}

/* told: the sessions that outcomes account for, success and failure of each type. */
static void
note_told(const json_t *policy, bool failed, uint64_t n, uint64_t told[2 * STS_SENT_TYPES])
{
	const char *word = json_string_value(json_object_get(policy, "policy-type"));

	for (unsigned type = 0; type < STS_SENT_TYPES; type++)
		if (strcmp(sts_sent_type_name(type), word) == 0)
			told[2 * type + failed] += n;
}

static void
add_outcome(json_t *policies, const struct sts_sent_outcome *held, uint64_t told[2 * STS_SENT_TYPES])
{
	json_t *item = json_loads(held->name, 0, NULL), *policy = policy_of(item), *detail = NULL;
	const char *kind = json_string_value(json_array_get(item, 0));
	bool failed = kind != NULL && strcmp(kind, "failure") == 0, succeeded = kind != NULL && strcmp(kind, "success") == 0;

	if (kind != NULL && strcmp(kind, "detail") == 0)
		detail = detail_of(item, held->n);
	if (policy == NULL || (!failed && !succeeded && detail == NULL)) {
		json_decref(policy);
		json_decref(detail);
	} else if (detail != NULL)
		add_detail(entry_of(policies, policy), detail);
	else {
		note_told(policy, failed, held->n, told);
		add_sessions(entry_of(policies, policy), failed, held->n);
	}
	json_decref(item);
}

/* Adds the sessions that only the numbers account for. */
static void
add_rest(json_t *policies, const struct sts_sent_row *row, const uint64_t told[2 * STS_SENT_TYPES])
{
	for (unsigned i = 0; i < 2 * STS_SENT_TYPES; i++) {
		uint64_t n = row->n[STS_SENT_BY_TYPE + i];
		json_t *policy;

		if (n <= told[i])
			continue;
		policy = json_pack("{s:s, s:s}", "policy-type", sts_sent_type_name(i / 2), "policy-domain", row->domain);
		add_sessions(entry_of(policies, policy), i % 2 == 1, n - told[i]);
	}
}

json_t *
reporter_compose(const struct reporter_author *author, const struct sts_sent_row *row, const char *id)
{
	uint64_t told[2 * STS_SENT_TYPES] = { 0 };
	char begin[STS_DAY_CAP + 16], end[STS_DAY_CAP + 16];
	json_t *policies = json_array();

	for (size_t i = 0; i < row->outcome_count; i++)
		add_outcome(policies, &row->outcomes[i], told);
	add_rest(policies, row, told);
	if (json_array_size(policies) == 0) {
		json_decref(policies);
		return NULL;
	}
	snprintf(begin, sizeof(begin), "%sT00:00:00Z", row->day);
	snprintf(end, sizeof(end), "%sT23:59:59Z", row->day);
	return json_pack("{s:s, s:{s:s, s:s}, s:s, s:s, s:o}", "organization-name", author->organization, "date-range",
	    "start-datetime", begin, "end-datetime", end, "contact-info", author->contact, "report-id", id, "policies", policies);
}

/* ---- the report's id ---- */

const char *
reporter_id(const char *day, uint64_t random, const char *submitter, char out[REPORTER_ID_CAP])
{
	/* the id becomes part of a Message-Id: a long name is truncated */
	snprintf(out, REPORTER_ID_CAP, "%sT000000Z_%016" PRIx64 "@%.100s", day, random, submitter);
	return out;
}

bool
reporter_is_id(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len < REPORTER_ID_CAP &&
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@") == len;
}

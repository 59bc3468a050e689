/* SPDX-License-Identifier: ISC */
/* sent_outcome.c - turns a policy of an event into the JSON of a report. Knows neither counters nor Redis. */
#include "config.h"

#include "shared-cache/outbound/sent_outcome.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *
texts_json(const char *const *texts, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, json_string(texts[i]));
	return array;
}

static json_t *
policy_json(const struct sts_sent_policy *policy, bool with_text)
{
	json_t *object = json_pack("{s:s, s:s}", "policy-type", sts_sent_type_name(policy->type), "policy-domain", policy->domain);

	if (with_text && policy->string_count > 0)
		(void)json_object_set_new(object, "policy-string", texts_json(policy->strings, policy->string_count));
	if (with_text && policy->pattern_count > 0)
		(void)json_object_set_new(object, "mx-host", texts_json(policy->patterns, policy->pattern_count));
	return object;
}

static json_t *
detail_json(const struct sts_sent_detail *detail)
{
	const struct {
		const char *name, *value;
	} texts[] = {
		{ "sending-mta-ip", detail->our_address }, { "receiving-mx-hostname", detail->mx[0] != '\0' ? detail->mx : NULL },
		{ "receiving-mx-helo", detail->helo }, { "receiving-ip", detail->address },
		{ "additional-information", detail->information }, { "failure-reason-code", detail->reason },
	};
	json_t *object = json_pack("{s:s}", "result-type", sts_sent_result_name(detail->result));

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].value != NULL && texts[i].value[0] != '\0')
			(void)json_object_set_new(object, texts[i].name, json_string(texts[i].value));
	return object;
}

static char *
name_of(const char *kind, const struct sts_sent_policy *policy, const struct sts_sent_detail *detail, bool with_text)
{
	json_t *array = json_pack("[s, o]", kind, policy_json(policy, with_text));
	char *name;

	if (detail != NULL)
		(void)json_array_append_new(array, detail_json(detail));
	name = json_dumps(array, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(array);
	if (name != NULL && strlen(name) < STS_SENT_OUTCOME_CAP)
		return name;
	free(name);
	return with_text ? name_of(kind, policy, detail, false) : NULL;
}

static void
add(char *name, char *out[STS_SENT_OUTCOMES_OF_POLICY], size_t *count)
{
	if (name != NULL)
		out[(*count)++] = name;
}

size_t
sts_sent_outcome_names(const struct sts_sent_policy *policy, char *out[STS_SENT_OUTCOMES_OF_POLICY])
{
	size_t count = 0;

	add(name_of(policy->failed ? "failure" : "success", policy, NULL, true), out, &count);
	for (size_t i = 0; policy->failed && i < policy->detail_count; i++)
		add(name_of("detail", policy, &policy->details[i], true), out, &count);
	return count;
}

/* SPDX-License-Identifier: ISC */
/* fuzz_answer.c - any policy, in any answer: the bytes sent to Postfix, the attributes, the size, no pattern lost. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/outbound/socketmap_answer.h"
#include "tests/fuzz/fuzz.h"

static const int64_t now = 1800000000;

static size_t
count(const char *text, const char *of)
{
	size_t n = 0;

	for (text = strstr(text, of); text != NULL; text = strstr(text + strlen(of), of))
		n++;
	return n;
}

/* Braces are balanced, not nested, and only around a policy_string. */
static void
check_syntax(const char *reply)
{
	bool inside = false;

	for (const char *c = reply; *c != '\0'; c++) {
		MUST(*c >= 0x20 && *c < 0x7f && *c != ',' && *c != '$' && *c != '"' && *c != '\\');
		if (*c == '{') {
			MUST(!inside && strncmp(c, "{ policy_string = ", 18) == 0);
			inside = true;
		} else if (*c == '}') {
			MUST(inside && c[-1] == ' ');
			inside = false;
		}
	}
	MUST(!inside);
}

static void
check_answer(const struct sts_outbound_facts *f, char *storage)
{
	const struct sts_policy *policy = f->entry->policy;
	struct sts_outbound_answer a;
	struct sts_text reply;
	size_t patterns;

	sts_text_init(&reply, storage, STS_ANSWER_CAP);
	sts_outbound_decide(f, &a);
	sts_outbound_write(f, &a, &reply);
	MUST(!reply.overflow && reply.len == strlen(storage) && reply.len < 100000);
	check_syntax(storage);
	MUST(!a.defer && (a.level == STS_SEND_DEFAULT) == (strcmp(storage, "NOTFOUND ") == 0));
	patterns = count(storage, " mx_host_pattern=");
	MUST(patterns == 0 || patterns == policy->mx_count);
	MUST((patterns > 0) == (count(storage, " policy_type=sts ") > 0));
	MUST((patterns > 0) == (count(storage, "{ policy_string = ") > 0));
	MUST(patterns == 0 || f->map == STS_MAP_TLSRPT);
	if (a.level == STS_SEND_SECURE)
		MUST(strncmp(storage, "OK secure match=", 16) == 0 && strstr(storage, " servername=hostname") != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_entry_spec spec = { .domain = "example.com", .state = STS_STATE_POLICY, .id = "a1",
		.text = (const char *)data, .text_len = size, .fetched = now, .checked = now, .expires = now };
	struct sts_policy *policy;
	struct sts_entry *entry;
	char *storage;

	if (sts_policy_parse((const char *)data, size, &policy, NULL) != STS_OK)
		return 0;
	spec.expires += policy->max_age_s;
	sts_policy_free(&policy);
	MUST(sts_entry_new(&spec, &entry) == STS_OK);
	storage = malloc(STS_ANSWER_CAP);
	MUST(storage != NULL);
	for (unsigned map = 0; map < STS_MAPS; map++) {
		for (unsigned dane = 0; dane < STS_DANES; dane++) {
			const struct sts_outbound_facts facts = { .map = (enum sts_socketmap)map, .domain = "example.com",
				.entry = entry, .dane = (enum sts_dane)dane, .report_testing = true, .now = now };

			check_answer(&facts, storage);
		}
	}
	free(storage);
	sts_entry_unref(&entry);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* test_evidence_explain.c - every name that the milter writes has a meaning; others do no harm. */
#include "config.h"

#include "stsctl/evidence/evidence_explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/enforcement/enforce.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/policy/reason.h"
#include "stsctl/evidence/evidence_filter.h"

static void
want(const char *field, const char *value)
{
	const char *meaning = evidence_meaning(field, value);

	if (meaning == NULL || strlen(meaning) < 8 || meaning[strlen(meaning) - 1] == '.')
		fail_msg("%s=%s: %s", field, value, meaning != NULL ? meaning : "no meaning");
}

static void
test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < STS_RESULT_COUNT; i++)
		want("result", sts_result_name((enum sts_result)i));
	for (unsigned i = 1; i < STS_REASON_COUNT; i++)
		want("reason", sts_reason_name((enum sts_reason)i));
	for (unsigned i = 0; i < STS_POLICY_KNOWN_COUNT; i++)
		want("policy", sts_policy_known_name((enum sts_policy_known)i));
	for (unsigned i = 0; i < STS_ACTION_COUNT; i++)
		want("action", sts_action_name((enum sts_action)i));
	assert_null(evidence_meaning("result", "no-such"));
	assert_null(evidence_meaning("no-such", "pass"));
}

static void
test_story(void **state)
{
	static const char escape[] = "\x1b[2J";
	const struct sts_query_entry entry = { .id = "1786300000123-0", .value_count = 5, .values = {
		{ "ts", "1786300000123", 13 }, { "queue_id", "4ABC", 4 }, { "result", "fail", 4 }, { "tls", "none", 4 },
		{ "domain", escape, sizeof(escape) - 1 } } };
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	assert_non_null(to);
	evidence_explain(&entry, 1786300003, 60, to);
	fclose(to);
	assert_string_equal(text,
	    "4ABC, 2026-08-09T18:26:40Z (3 s ago)\n"
	    "  TLS            none: plaintext: anybody on the way could\n"
	    "                 read and change it\n"
	    "  sender domain  \\x1b[2J\n"
	    "  result         fail: the policy says enforce, but this\n"
	    "                 message came without adequate TLS\n"
	    "  stream entry   1786300000123-0\n");
	free(text);
}

static void
test_filter(void **state)
{
	const struct sts_query_entry entry = { .id = "1786300000123-0", .value_count = 3, .values = {
		{ "ts", "1786300000123", 13 }, { "result", "fail", 4 }, { "domain", "a.example", 9 } } };
	static const struct {
		struct evidence_filter filter;
		bool taken;
	} rows[] = {
		{ { .domain = "" }, true },
		{ { .domain = "a.example" }, true },
		{ { .domain = "a.exampl" }, false },
		{ { .result = "fail" }, true },
		{ { .result = "pass" }, false },
		{ { .since = 1786300000 }, true },
		{ { .since = 1786300001 }, false },
		{ { .domain = "a.example", .result = "pass" }, false },
	};
	char id[STS_STREAM_ID_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (evidence_filter_takes(&rows[i].filter, &entry) != rows[i].taken)
			fail_msg("row %zu", i);
	evidence_filter_start(&rows[5].filter, id);
	assert_true(sts_query_id_before(id, "1786300000000-0"));
	assert_false(sts_query_id_before(id, "1786299999999-5"));
	evidence_filter_start(&rows[0].filter, id);
	assert_string_equal(id, "0-0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

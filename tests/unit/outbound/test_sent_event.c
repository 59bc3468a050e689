/* SPDX-License-Identifier: ISC */
/* test_sent_event.c - datagrams as libtlsrpt sends them, and as others might. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/sent_event.h"

#define GOOD "{\"dpv\":\"1\",\"d\":\"Example.com\",\"pr\":\"v=TLSRPTv1;rua=mailto:r@example.com\",\"policies\":[" \
	"{\"policy-type\":2,\"policy-domain\":\"example.com\",\"policy-string\":[\"version: STSv1\",\"mode: enforce\"]," \
	"\"mx-host\":[\"*.example.com\"],\"failure-details\":[{\"c\":204,\"s\":\"192.0.2.1\",\"n\":\"MX1.example.com\"," \
	"\"h\":\"mx1\",\"r\":\"192.0.2.2\",\"a\":\"notes\",\"f\":\"code\"}],\"t\":1,\"f\":1}]}"

static void
test_good(void **state)
{
	struct sts_sent_event *e;
	const struct sts_sent_policy *p;

	(void)state;
	assert_int_equal(sts_sent_event_parse(GOOD, strlen(GOOD), &e), STS_SENT_OK);
	assert_string_equal(e->domain, "example.com");
	assert_string_equal(e->record, "v=TLSRPTv1;rua=mailto:r@example.com");
	assert_int_equal(e->policy_count, 1);
	p = &e->policies[0];
	assert_int_equal(p->type, STS_SENT_STS);
	assert_true(p->failed);
	assert_int_equal(p->string_count, 2);
	assert_string_equal(p->strings[1], "mode: enforce");
	assert_int_equal(p->pattern_count, 1);
	assert_int_equal(p->detail_count, 1);
	assert_int_equal(p->details[0].result, STS_SENT_CERTIFICATE_EXPIRED);
	assert_string_equal(p->details[0].mx, "mx1.example.com");
	assert_string_equal(p->details[0].our_address, "192.0.2.1");
	assert_string_equal(p->details[0].reason, "code");
	sts_sent_event_free(&e);
	assert_null(e);
	sts_sent_event_free(&e);
}

struct row {
	const char *name, *text;
	enum sts_sent_fault fault;
};

#define P(policy) "{\"d\":\"a.example\",\"policies\":[" policy "]}"

static const struct row rows[] = {
	{ "no version (0.5.0rc1)", P("{\"policy-type\":9,\"t\":0,\"f\":0}"), STS_SENT_OK },
	{ "policy type as text", P("{\"policy-type\":\"2\",\"f\":\"0\"}"), STS_SENT_OK },
	{ "policy type as text of two digits", P("{\"policy-type\":\"22\",\"f\":0}"), STS_SENT_BAD_POLICY },
	{ "policy type as a word", P("{\"policy-type\":\"x\",\"f\":0}"), STS_SENT_BAD_POLICY },
	{ "policy type as a byte below the digits", P("{\"policy-type\":\"/\",\"f\":0}"), STS_SENT_BAD_POLICY },
	{ "policy type with a fraction", P("{\"policy-type\":2.0,\"f\":0}"), STS_SENT_BAD_POLICY },
	{ "a detail that is none", P("{\"policy-type\":1,\"f\":1,\"failure-details\":[7,{\"c\":204}]}"), STS_SENT_OK },
	{ "unknown names", P("{\"policy-type\":1,\"f\":0,\"x\":{}}"), STS_SENT_OK },
	{ "unknown failure code", P("{\"policy-type\":1,\"f\":1,\"failure-details\":[{\"c\":999}]}"), STS_SENT_OK },
	{ "details that are none", P("{\"policy-type\":1,\"f\":1,\"failure-details\":[1,null,[]]}"), STS_SENT_OK },
	{ "details of another type", P("{\"policy-type\":1,\"f\":1,\"failure-details\":{}}"), STS_SENT_OK },
	{ "another version", "{\"dpv\":\"2\",\"d\":\"a.example\",\"policies\":[{\"policy-type\":9,\"f\":0}]}",
	    STS_SENT_OTHER_VERSION },
	{ "version as number", "{\"dpv\":1,\"d\":\"a.example\",\"policies\":[{\"policy-type\":9,\"f\":0}]}",
	    STS_SENT_OTHER_VERSION },
	{ "no domain", "{\"policies\":[{\"policy-type\":9,\"f\":0}]}", STS_SENT_NO_DOMAIN },
	{ "domain that is none", "{\"d\":\"../x\",\"policies\":[{\"policy-type\":9,\"f\":0}]}", STS_SENT_NO_DOMAIN },
	{ "domain with NUL", "{\"d\":\"a\\u0000.example\",\"policies\":[{\"policy-type\":9,\"f\":0}]}", STS_SENT_NOT_JSON },
	{ "no policies", "{\"d\":\"a.example\"}", STS_SENT_BAD_POLICY },
	{ "empty policies", P(""), STS_SENT_BAD_POLICY },
	{ "unknown policy type", P("{\"policy-type\":3,\"f\":0}"), STS_SENT_BAD_POLICY },
	{ "no outcome", P("{\"policy-type\":1}"), STS_SENT_BAD_POLICY },
	{ "outcome 2", P("{\"policy-type\":1,\"f\":2}"), STS_SENT_BAD_POLICY },
	{ "a policy that is none", P("7"), STS_SENT_BAD_POLICY },
	{ "array", "[]", STS_SENT_NOT_JSON },
	{ "rubbish behind", P("{\"policy-type\":9,\"f\":0}") "x", STS_SENT_NOT_JSON },
	{ "cut", "{\"d\":\"a.example\",\"pol", STS_SENT_NOT_JSON },
	{ "nothing", "", STS_SENT_NOT_JSON },
	{ "not UTF-8", "{\"d\":\"\xff\"}", STS_SENT_NOT_JSON },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_sent_event *e;
		enum sts_sent_fault got = sts_sent_event_parse(rows[i].text, strlen(rows[i].text), &e);

		if (got != rows[i].fault || (e != NULL) != (got == STS_SENT_OK))
			fail_msg("%s: got %s", rows[i].name, sts_sent_fault_name(got));
		sts_sent_event_free(&e);
	}
}

/* More of everything than is kept, and strings that must not be shown. */
static void
test_bounds(void **state)
{
	char *text = malloc(STS_SENT_DATAGRAM_MAX + 16);
	size_t len = (size_t)sprintf(text, "{\"d\":\"a.example\",\"pr\":\"\\u001b[31m\",\"policies\":[");
	struct sts_sent_event *e;

	(void)state;
	for (int i = 0; i < 20; i++) {
		len += (size_t)sprintf(text + len, "%s{\"policy-type\":2,\"f\":1,\"policy-string\":[", i > 0 ? "," : "");
		for (int k = 0; k < 100; k++)
			len += (size_t)sprintf(text + len, "%s\"l%d\"", k > 0 ? "," : "", k);
		len += (size_t)sprintf(text + len, "],\"failure-details\":[");
		for (int k = 0; k < 20; k++)
			len += (size_t)sprintf(text + len, "%s{\"c\":203,\"h\":\"%s\"}", k > 0 ? "," : "", k == 0 ? "a\\nb" : "b");
		len += (size_t)sprintf(text + len, "]}");
	}
	len += (size_t)sprintf(text + len, "]}");
	assert_int_equal(sts_sent_event_parse(text, len, &e), STS_SENT_OK);
	assert_null(e->record);
	assert_int_equal(e->policy_count, STS_SENT_POLICIES);
	assert_int_equal(e->policies[7].string_count, STS_SENT_STRINGS);
	assert_int_equal(e->policies[7].detail_count, STS_SENT_DETAILS);
	assert_null(e->policies[0].details[0].helo);
	assert_string_equal(e->policies[0].details[1].helo, "b");
	sts_sent_event_free(&e);
	memset(text, ' ', STS_SENT_DATAGRAM_MAX + 1);
	assert_int_equal(sts_sent_event_parse(text, STS_SENT_DATAGRAM_MAX + 1, &e), STS_SENT_TOO_LONG);
	free(text);
	/* nested more deeply than anything real */
	text = malloc(60000);
	memset(text, '[', 60000);
	assert_int_equal(sts_sent_event_parse(text, 60000, &e), STS_SENT_NOT_JSON);
	free(text);
}

static void
test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < STS_SENT_TYPES; i++)
		assert_string_not_equal(sts_sent_type_name(i), "");
	for (unsigned i = 0; i < STS_SENT_RESULTS; i++)
		assert_string_not_equal(sts_sent_result_name(i), "");
	for (unsigned i = 0; i < STS_SENT_FAULTS; i++)
		assert_string_not_equal(sts_sent_fault_name(i), "");
	assert_string_equal(sts_sent_type_name(STS_SENT_TYPES), "");
	assert_string_equal(sts_sent_result_name(STS_SENT_RESULTS), "");
	assert_string_equal(sts_sent_fault_name(STS_SENT_FAULTS), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_names), cmocka_unit_test(test_rows), cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

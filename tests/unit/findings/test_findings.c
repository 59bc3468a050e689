/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/findings/findings.h"

static void
test_ids_are_unique_and_explained(void **state)
{
	(void)state;
	assert_non_null(finding_id(0));
	for (size_t i = 0; finding_id(i) != NULL; i++) {
		assert_true(strlen(finding_why(finding_id(i))) > 10);
		assert_non_null(strchr(finding_id(i), '.'));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(finding_id(i), finding_id(k));
	}
	assert_null(finding_why("record.unheard-of"));
	assert_null(finding_id(100000));
}

/* Every fail says what to do, whether or not it was given lines to paste. */
static void
test_no_fail_without_fix(void **state)
{
	static const char *const given[] = { NULL, "" };
	struct findings f;

	(void)state;
	findings_init(&f);
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		findings_add(&f, FINDING_FAIL, "smtp.connect", "mx.a.example", "Connection refused", given[i]);
		findings_add(&f, FINDING_WARN, "smtp.connect", "mx.a.example", "Connection refused", given[i]);
		findings_add(&f, FINDING_INFO, "smtp.connect", "mx.a.example", "no route", given[i]);
		findings_add(&f, FINDING_FAIL, "smtp.connect", "mx.a.example", "Connection refused", "a line");
		assert_string_equal(f.list[0].fix, finding_remedy("smtp.connect"));
		assert_string_equal(f.list[1].fix, finding_remedy("smtp.connect"));
		assert_string_equal(f.list[2].fix, "");
		assert_string_equal(f.list[3].fix, "a line");
		findings_fini(&f);
	}
	for (size_t i = 0; finding_id(i) != NULL; i++)
		assert_true(finding_remedy(finding_id(i)) == NULL || strlen(finding_remedy(finding_id(i))) > 10);
	assert_null(finding_remedy("record.unheard-of"));
}

static void
test_verdict_and_exit(void **state)
{
	static const struct {
		enum finding_level levels[3];
		size_t count;
		bool unsure;
		enum finding_level verdict;
		enum cmd_exit code;
	} rows[] = {
		{ { 0 }, 0, false, FINDING_PASS, CMD_FINE },
		{ { 0 }, 0, true, FINDING_PASS, CMD_UNKNOWN },
		{ { FINDING_PASS, FINDING_INFO }, 2, false, FINDING_PASS, CMD_FINE },
		{ { FINDING_WARN, FINDING_INFO }, 2, false, FINDING_WARN, CMD_FINE },
		{ { FINDING_WARN, FINDING_PASS }, 2, true, FINDING_WARN, CMD_UNKNOWN },
		{ { FINDING_WARN, FINDING_FAIL, FINDING_PASS }, 3, false, FINDING_FAIL, CMD_NO },
		{ { FINDING_FAIL }, 1, true, FINDING_FAIL, CMD_NO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f;

		findings_init(&f);
		for (size_t k = 0; k < rows[i].count; k++)
			findings_add(&f, rows[i].levels[k], "record.missing", "a.example", "nothing", NULL);
		if (rows[i].unsure)
			findings_set_unsure(&f);
		if (findings_verdict(&f) != rows[i].verdict || findings_exit(&f) != rows[i].code)
			fail_msg("row %zu: %d %d", i, (int)findings_verdict(&f), (int)findings_exit(&f));
		findings_fini(&f);
	}
}

static void
test_move(void **state)
{
	struct findings a, b;

	(void)state;
	findings_init(&a);
	findings_init(&b);
	for (int i = 0; i < 40; i++)
		findings_add(i % 2 == 0 ? &a : &b, FINDING_INFO, "mx.ok", i == 39 ? "last" : "x", "", NULL);
	findings_set_unsure(&b);
	findings_move(&a, &b);
	assert_int_equal(a.count, 40);
	assert_int_equal(b.count, 0);
	assert_false(b.unsure);
	assert_true(a.unsure);
	assert_string_equal(a.list[39].subject, "last");
	findings_move(&a, &b);
	assert_int_equal(a.count, 40);
	findings_fini(&a);
}

static void
test_json(void **state)
{
	struct findings f;
	json_t *list;
	char *text;

	(void)state;
	findings_init(&f);
	findings_add(&f, FINDING_FAIL, "record.bad-id", "_mta-sts.a.example", "id=\"\xff\x01\"", "a\nb");
	list = findings_json(&f);
	assert_non_null(list);
	text = json_dumps(list, JSON_COMPACT);
	assert_non_null(strstr(text, "{\"id\":\"record.bad-id\",\"level\":\"fail\",\"subject\":\"_mta-sts.a.example\","
	    "\"seen\":\"id=\\\"?\\u0001\\\"\",\"why\":\""));
	assert_non_null(strstr(text, "\"fix\":\"a\\nb\"}"));
	free(text);
	json_decref(list);
	findings_fini(&f);
}

static void
test_text(void **state)
{
	static const char want[] =
	    "  fail  mx.not-covered  b.example\n"
	    "        seen: one?[31m\n"
	    "              two\n"
	    "        why:  senders must not deliver to a host that matches no mx of the policy; with mode testing they do, and "
	    "report it (RFC 8461 sections 4.1 and 5)\n"
	    "        fix:  mx: b.example\n"
	    "  pass  mx.ok  a.example: fine\n";
	struct findings f;
	char *text = NULL;
	size_t len = 0;
	FILE *to;

	(void)state;
	findings_init(&f);
	findings_add(&f, FINDING_PASS, "mx.ok", "a.example", "fine", NULL);
	findings_add(&f, FINDING_FAIL, "mx.not-covered", "b.example", "one\033[31m\ntwo\n", "mx: b.example");
	to = tmpfile();
	assert_non_null(to);
	findings_print(&f, false, to);
	rewind(to);
	assert_true(getdelim(&text, &len, '\0', to) > 0);
	assert_string_equal(text, want);
	free(text);
	fclose(to);
	findings_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_are_unique_and_explained),
		cmocka_unit_test(test_no_fail_without_fix),
		cmocka_unit_test(test_verdict_and_exit),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

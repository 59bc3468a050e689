/* SPDX-License-Identifier: ISC */
/* test_record.c - RFC 8461 section 3.1, byte by byte: which record is picked, and whether it is valid. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/policy/record.h"

#define ID32 "abcdefghijklmnopqrstuvwxyz012345"
#define NAME32 "a1_b-c.d901234567890123456789012"

enum { VALID = STS_RECORD_VALID, NONE = STS_RECORD_NONE, INVALID = STS_RECORD_INVALID };

/* One record per row. */
struct row {
	const char *name;
	const char *record;
	size_t len;		/* 0: up to the NUL */
	int result;
	const char *id;
	size_t warnings;
};

static const struct row rows[] = {
	{ "example of the RFC", "v=STSv1; id=20160831085700Z;", 0, VALID, "20160831085700Z", 0 },
	{ "no semicolon at the end", "v=STSv1; id=a", 0, VALID, "a", 0 },
	{ "no blanks", "v=STSv1;id=a;", 0, VALID, "a", 0 },
	{ "blanks and tabs around semicolons", "v=STSv1; \t id=a \t ;\t ", 0, VALID, "a", 0 },
	{ "blank after the last semicolon", "v=STSv1; id=a; ", 0, VALID, "a", 0 },
	{ "id of 32", "v=STSv1; id=" ID32 ";", 0, VALID, ID32, 0 },
	{ "case of id's value", "v=STSv1; id=aBcXyZ09;", 0, VALID, "aBcXyZ09", 0 },
	{ "extension before id", "v=STSv1; x=1; id=a;", 0, VALID, "a", 0 },
	{ "extension after id", "v=STSv1; id=a; x=1", 0, VALID, "a", 0 },
	{ "extension name of 32", "v=STSv1; id=a; " NAME32 "=1;", 0, VALID, "a", 0 },
	{ "extension value, all there is", "v=STSv1; id=a; x=!\"#$%&'()*+,-./09:<>?@AZ[\\]^_`az{|}~;", 0, VALID, "a", 0 },
	{ "extension named by a digit", "v=STSv1; id=a; 0=1;", 0, VALID, "a", 0 },
	{ "extension named like id", "v=STSv1; id=a; idx=b-c; i=1;", 0, VALID, "a", 0 },
	{ "id again", "v=STSv1; id=a; id=b;", 0, VALID, "a", 1 },
	{ "id again, bad", "v=STSv1; id=a; id=b-c;", 0, VALID, "a", 1 },
	{ "v again", "v=STSv1; v=STSv2; id=a;", 0, VALID, "a", 1 },
	{ "another extension of two letters", "v=STSv1; xy=1; id=a;", 0, VALID, "a", 0 },
	{ "ID beside id", "v=STSv1; ID=x; id=a;", 0, VALID, "a", 1 },

	{ "id with a hyphen", "v=STSv1; id=20250809-2;", 0, INVALID, "", 0 },
	{ "first id bad, second good", "v=STSv1; id=a-b; id=a;", 0, INVALID, "", 0 },
	{ "id again, empty", "v=STSv1; id=a; id=;", 0, INVALID, "", 0 },
	{ "id of 33", "v=STSv1; id=" ID32 "6;", 0, INVALID, "", 0 },
	{ "id empty", "v=STSv1; id=;", 0, INVALID, "", 0 },
	{ "id missing", "v=STSv1; x=1;", 0, INVALID, "", 0 },
	{ "id in another case", "v=STSv1; Id=a;", 0, INVALID, "", 1 },
	{ "id quoted", "v=STSv1; id=\"a\";", 0, INVALID, "", 0 },
	{ "id with underscore", "v=STSv1; id=a_b;", 0, INVALID, "", 0 },
	{ "id with a dot", "v=STSv1; id=a.b;", 0, INVALID, "", 0 },
	{ "id not ASCII", "v=STSv1; id=\xc3\xa4;", 0, INVALID, "", 0 },
	{ "blank before =", "v=STSv1; id =a;", 0, INVALID, "", 0 },
	{ "blank after =", "v=STSv1; id= a;", 0, INVALID, "", 0 },
	{ "blank inside id", "v=STSv1; id=a b;", 0, INVALID, "", 0 },
	{ "no field", "v=STSv1;", 0, INVALID, "", 0 },
	{ "no field but a blank", "v=STSv1; ", 0, INVALID, "", 0 },
	{ "empty field", "v=STSv1;; id=a;", 0, INVALID, "", 0 },
	{ "empty field with a blank", "v=STSv1; ; id=a;", 0, INVALID, "", 0 },
	{ "empty field at the end", "v=STSv1; id=a;;", 0, INVALID, "", 0 },
	{ "empty field at the end, with a blank", "v=STSv1; id=a; ;", 0, INVALID, "", 0 },
	{ "blank at the end without semicolon", "v=STSv1; id=a ", 0, INVALID, "", 0 },
	{ "tab at the end without semicolon", "v=STSv1; id=a\t", 0, INVALID, "", 0 },
	{ "field without =", "v=STSv1; id=a; x;", 0, INVALID, "", 0 },
	{ "word at the end", "v=STSv1; id=a; x", 0, INVALID, "", 0 },
	{ "comma for semicolon", "v=STSv1; id=a, x=1;", 0, INVALID, "", 0 },
	{ "two =", "v=STSv1; id=a; x==1;", 0, INVALID, "", 0 },
	{ "= inside a value", "v=STSv1; id=a; x=1=2;", 0, INVALID, "", 0 },
	{ "extension without value", "v=STSv1; id=a; x=;", 0, INVALID, "", 0 },
	{ "extension without name", "v=STSv1; id=a; =1;", 0, INVALID, "", 0 },
	{ "extension name of 33", "v=STSv1; id=a; " NAME32 "3=1;", 0, INVALID, "", 0 },
	{ "extension name begins with underscore", "v=STSv1; id=a; _x=1;", 0, INVALID, "", 0 },
	{ "extension name begins with hyphen", "v=STSv1; id=a; -x=1;", 0, INVALID, "", 0 },
	{ "extension name with +", "v=STSv1; id=a; x+=1;", 0, INVALID, "", 0 },
	{ "extension value with a blank", "v=STSv1; id=a; x=1 2;", 0, INVALID, "", 0 },
	{ "extension value not ASCII", "v=STSv1; id=a; x=\xc3\xa4;", 0, INVALID, "", 0 },
	{ "extension value with DEL", "v=STSv1; id=a; x=\x7f;", 0, INVALID, "", 0 },
	{ "line end", "v=STSv1; id=a;\n", 0, INVALID, "", 0 },
	{ "line end between", "v=STSv1;\r\n id=a;", 0, INVALID, "", 0 },
	{ "NUL in id", "v=STSv1; id=a\0;", 15, INVALID, "", 0 },
	{ "NUL at the end", "v=STSv1; id=a;\0", 15, INVALID, "", 0 },
	{ "quote at the end", "v=STSv1; id=a;\"", 0, INVALID, "", 0 },
	{ "no-break space", "v=STSv1;\xc2\xa0id=a;", 0, INVALID, "", 0 },
	{ "escaped semicolon", "v=STSv1;\\; id=a;", 0, INVALID, "", 0 },

	{ "blank before the first semicolon", "v=STSv1 ; id=a;", 0, NONE, "", 1 },
	{ "no semicolon", "v=STSv1", 0, NONE, "", 1 },
	{ "no semicolon but a field", "v=STSv1 id=a;", 0, NONE, "", 1 },
	{ "comma after the version", "v=STSv1, id=a", 0, NONE, "", 1 },
	{ "escaped semicolon after the version", "v=STSv1\\; id=a\\;", 0, NONE, "", 1 },
	{ "quotes in the data", "\"v=STSv1; id=a;\"", 0, NONE, "", 1 },
	{ "escaped quotes in the data", "\\\"v=STSv1; id=a;\\\"", 0, NONE, "", 1 },
	{ "curly quotes", "\xe2\x80\x9cv=STSv1; id=a;\xe2\x80\x9d", 0, NONE, "", 1 },
	{ "blank in front", " v=STSv1; id=a;", 0, NONE, "", 1 },
	{ "other case of the version", "v=STSV1; id=a;", 0, NONE, "", 1 },
	{ "other case of v", "V=STSv1; id=a;", 0, NONE, "", 1 },
	{ "other version", "v=STSv2; id=a;", 0, NONE, "", 1 },
	{ "version 10", "v=STSv10; id=a;", 0, NONE, "", 1 },
	{ "blank around =", "v = STSv1; id=a;", 0, NONE, "", 1 },
	{ "id first", "id=a; v=STSv1;", 0, NONE, "", 1 },
	{ "empty", "", 0, NONE, "", 0 },
	{ "one quote", "\"", 0, NONE, "", 0 },
	{ "SPF", "v=spf1 -all", 0, NONE, "", 0 },
	{ "TLSRPT", "v=TLSRPTv1; rua=mailto:a@b.test", 0, NONE, "", 0 },
	{ "some verification token", "google-site-verification=x", 0, NONE, "", 0 },
	{ "DKIM", "v=DKIM1; p=", 0, NONE, "", 0 },
};

static struct sts_txt
txt_of(const char *s, size_t len)
{
	struct sts_txt txt = { s, len > 0 ? len : strlen(s) };

	return txt;
}

static void
test_single_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct sts_txt txt = txt_of(r->record, r->len);
		char id[STS_ID_CAP] = "stale";
		struct sts_diag diag;
		int result;

		sts_diag_init(&diag);
		result = (int)sts_record_select(&txt, 1, id, &diag);
		if (result != r->result || strcmp(id, r->id) != 0)
			fail_msg("%s: got %d \"%s\", want %d \"%s\"", r->name, result, id, r->result, r->id);
		if (diag.warning_count != r->warnings)
			fail_msg("%s: got %zu warnings (%s), want %zu", r->name, diag.warning_count, diag.warnings[0].text,
			    r->warnings);
		if ((diag.error.text[0] == '\0') != (result == VALID))
			fail_msg("%s: result %d with error \"%s\"", r->name, result, diag.error.text);
	}
}

/* Without a struct sts_diag the results are the same. */
static void
test_without_diag(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_txt txt = txt_of(rows[i].record, rows[i].len);
		char id[STS_ID_CAP];

		if ((int)sts_record_select(&txt, 1, id, NULL) != rows[i].result)
			fail_msg("%s: another result without diag", rows[i].name);
	}
}

#define GOOD "v=STSv1; id=a;"
#define GOOD_TOO "v=STSv1; id=b;"
#define BAD "v=STSv1; id=-;"
#define SPF "v=spf1 -all"

static const struct {
	const char *name;
	const char *records[4];	/* ends with NULL */
	int result;
	const char *id;
} sets[] = {
	{ "none at all", { NULL }, NONE, "" },
	{ "one good", { GOOD, NULL }, VALID, "a" },
	{ "others are discarded", { SPF, GOOD, "x", NULL }, VALID, "a" },
	{ "a quoted one is discarded", { "\"" GOOD "\"", GOOD_TOO, NULL }, VALID, "b" },
	{ "one with a blank before the semicolon is discarded", { "v=STSv1 ; id=x;", GOOD, NULL }, VALID, "a" },
	{ "two good", { GOOD, GOOD_TOO, NULL }, NONE, "" },
	{ "the same twice", { GOOD, GOOD, NULL }, NONE, "" },
	{ "good and bad", { GOOD, BAD, NULL }, NONE, "" },
	{ "bad and good", { BAD, GOOD, NULL }, NONE, "" },
	{ "two bad", { BAD, BAD, NULL }, NONE, "" },
	{ "one bad among others", { SPF, BAD, NULL }, INVALID, "" },
	{ "three, one discarded", { GOOD, SPF, GOOD_TOO, NULL }, NONE, "" },
	{ "only others", { SPF, "x", NULL }, NONE, "" },
};

static void
test_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct sts_txt txt[4] = { { 0 } };
		char id[STS_ID_CAP] = "stale";
		size_t count = 0;
		int result;

		for (; sets[i].records[count] != NULL; count++)
			txt[count] = txt_of(sets[i].records[count], 0);
		result = (int)sts_record_select(txt, count, id, NULL);
		if (result != sets[i].result || strcmp(id, sets[i].id) != 0)
			fail_msg("%s: got %d \"%s\", want %d \"%s\"", sets[i].name, result, id, sets[i].result, sets[i].id);
	}
}

static void
test_empty_record_without_data(void **state)
{
	struct sts_txt txt[2] = { { NULL, 0 }, { GOOD, sizeof(GOOD) - 1 } };
	char id[STS_ID_CAP];

	(void)state;
	assert_int_equal(sts_record_select(txt, 2, id, NULL), STS_RECORD_VALID);
}

/* Messages are shown in terminals and logs. */
static void
test_messages_are_printable(void **state)
{
	struct sts_diag diag;
	char id[STS_ID_CAP];

	(void)state;
	for (int c = 1; c < 256; c++) {
		char record[] = "v=STSv1; id=x?;";
		struct sts_txt txt = txt_of(record, 0);

		record[13] = (char)c;
		sts_diag_init(&diag);
		sts_record_select(&txt, 1, id, &diag);
		for (const char *p = diag.error.text; *p != '\0'; p++)
			assert_in_range((unsigned char)*p, 0x20, 0x7e);
	}
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(sts_record_result_name(STS_RECORD_VALID), "valid");
	assert_string_equal(sts_record_result_name(STS_RECORD_NONE), "none");
	assert_string_equal(sts_record_result_name(STS_RECORD_INVALID), "invalid");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single_records),
		cmocka_unit_test(test_without_diag),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_empty_record_without_data),
		cmocka_unit_test(test_messages_are_printable),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

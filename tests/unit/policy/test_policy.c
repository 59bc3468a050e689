/* SPDX-License-Identifier: ISC */
/* test_policy.c - RFC 8461 section 3.2, byte by byte, and the MX matching of section 4.1. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/policy/policy.h"

#define V "version: STSv1\n"
#define E "mode: enforce\n"
#define T "mode: testing\n"
#define N "mode: none\n"
#define MX "mx: a.example\n"
#define AGE "max_age: 86400\n"
#define GOOD V E MX AGE
#define NAME32 "a1_b-c.d901234567890123456789012"

enum { ENFORCE = STS_MODE_ENFORCE, TESTING = STS_MODE_TESTING, NONE = STS_MODE_NONE };

struct valid_row {
	const char *name;
	const char *text;
	int mode;
	unsigned max_age;
	const char *mx;		/* joined by spaces */
	size_t warnings;
};

static const struct valid_row valid[] = {
	{ "plain", GOOD, ENFORCE, 86400, "a.example", 0 },
	{ "testing", V T MX AGE, TESTING, 86400, "a.example", 0 },
	{ "none without mx", V N AGE, NONE, 86400, "", 0 },
	{ "none with mx", V N MX AGE, NONE, 86400, "a.example", 0 },
	{ "CRLF", "version: STSv1\r\nmode: enforce\r\nmx: a.example\r\nmax_age: 86400\r\n", ENFORCE, 86400, "a.example", 0 },
	{ "LF and CRLF", "version: STSv1\nmode: enforce\r\nmx: a.example\nmax_age: 86400\r\n", ENFORCE, 86400, "a.example", 0 },
	{ "no line end at the end", V E MX "max_age: 86400", ENFORCE, 86400, "a.example", 0 },
	{ "version last", E MX AGE V, ENFORCE, 86400, "a.example", 0 },
	{ "any order", AGE MX V E, ENFORCE, 86400, "a.example", 0 },
	{ "no blank after the colon", "version:STSv1\nmode:enforce\nmx:a.example\nmax_age:86400\n", ENFORCE, 86400, "a.example",
	    0 },
	{ "many blanks after the colon", "version: \t  STSv1\nmode:\tenforce\nmx:   a.example\n" AGE, ENFORCE, 86400,
	    "a.example", 0 },
	{ "blanks at the end of lines", "version: STSv1 \nmode: enforce\t\nmx: a.example \t \nmax_age: 86400  ", ENFORCE, 86400,
	    "a.example", 0 },
	{ "blanks before CRLF", "version: STSv1 \r\nmode: enforce \r\nmx: a.example \r\n" AGE, ENFORCE, 86400, "a.example", 0 },
	{ "several mx", V E "mx: a.example\nmx: *.b.example\nmx: c\n" AGE, ENFORCE, 86400, "a.example *.b.example c", 0 },
	{ "mx between other fields", V MX E "mx: b.example\n" AGE MX, ENFORCE, 86400, "a.example b.example a.example", 0 },
	{ "mx in upper case", V E "mx: *.A.Example\n" AGE, ENFORCE, 86400, "*.a.example", 0 },
	{ "mx is an A-label", V E "mx: xn--bcher-kva.example\n" AGE, ENFORCE, 86400, "xn--bcher-kva.example", 0 },
	{ "max_age 0", V E MX "max_age: 0\n", ENFORCE, 0, "a.example", 0 },
	{ "max_age with zeros in front", V E MX "max_age: 0000086400\n", ENFORCE, 86400, "a.example", 0 },
	{ "max_age at the limit", V E MX "max_age: 31557600\n", ENFORCE, 31557600, "a.example", 0 },
	{ "max_age above the limit", V E MX "max_age: 31557601\n", ENFORCE, 31557600, "a.example", 1 },
	{ "max_age of 10 digits", V E MX "max_age: 9999999999\n", ENFORCE, 31557600, "a.example", 1 },
	{ "unknown field", GOOD "x: 1\n", ENFORCE, 86400, "a.example", 0 },
	{ "unknown field, again", GOOD "x: 1\nx: 2\n", ENFORCE, 86400, "a.example", 0 },
	{ "unknown field in front", "x: 1\n" GOOD, ENFORCE, 86400, "a.example", 0 },
	{ "unknown field with colons", GOOD "x: a:b: c ::\n", ENFORCE, 86400, "a.example", 0 },
	{ "unknown field with a URL", GOOD "contact: https://a.example:8443/x?y=z\n", ENFORCE, 86400, "a.example", 0 },
	{ "unknown field with UTF-8", GOOD "x: \xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7\n", ENFORCE, 86400, "a.example", 0 },
	{ "unknown field with inner blanks", GOOD "x: a  b   c\n", ENFORCE, 86400, "a.example", 0 },
	{ "line separator U+2028 ends no line", GOOD "x: a\xe2\x80\xa8mode: none\n", ENFORCE, 86400, "a.example", 0 },
	{ "next line U+0085 ends no line", GOOD "x: a\xc2\x85mode: none\n", ENFORCE, 86400, "a.example", 0 },
	{ "first and last UTF-8 of each length", GOOD "x: \xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\n",
	    ENFORCE, 86400, "a.example", 0 },
	{ "around the surrogates", GOOD "x: \xed\x9f\xbf\xee\x80\x80\n", ENFORCE, 86400, "a.example", 0 },
	{ "name of 32", GOOD NAME32 ": 1\n", ENFORCE, 86400, "a.example", 0 },
	{ "name of a digit", GOOD "0: 1\n", ENFORCE, 86400, "a.example", 0 },
	{ "Mode is not mode", GOOD "Mode: none\n", ENFORCE, 86400, "a.example", 1 },
	{ "MX is not mx", V N "MX: 192.0.2.1\n" AGE, NONE, 86400, "", 1 },
	{ "version again", GOOD "version: STSv2\n", ENFORCE, 86400, "a.example", 1 },
	{ "mode again", GOOD "mode: none\n", ENFORCE, 86400, "a.example", 1 },
	{ "mode again, bad", GOOD "mode: what\n", ENFORCE, 86400, "a.example", 1 },
	{ "max_age again", GOOD "max_age: 1\n", ENFORCE, 86400, "a.example", 1 },
	{ "max_age again, bad", GOOD "max_age: -1\n", ENFORCE, 86400, "a.example", 1 },
	{ "all again", GOOD V N "max_age: 1\n", ENFORCE, 86400, "a.example", 3 },
	{ "blank line at the end", GOOD "\n", ENFORCE, 86400, "a.example", 1 },
	{ "blank lines at the end", GOOD "\n\r\n\n", ENFORCE, 86400, "a.example", 1 },
	{ "blank CRLF lines at the end", V E MX "max_age: 86400\r\n\r\n\r\n", ENFORCE, 86400, "a.example", 1 },
};

static void
join(const struct sts_policy *p, char *out, size_t cap)
{
	out[0] = '\0';
	for (size_t i = 0; i < p->mx_count; i++) {
		size_t len = strlen(out);

		snprintf(out + len, cap - len, "%s%s", i > 0 ? " " : "", p->mx[i]);
	}
}

static void
test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		const struct valid_row *r = &valid[i];
		struct sts_policy *p;
		struct sts_diag diag;
		char mx[256];

		sts_diag_init(&diag);
		if (sts_policy_parse(r->text, strlen(r->text), &p, &diag) != STS_OK)
			fail_msg("%s: invalid, line %u: %s", r->name, diag.error.line, diag.error.text);
		join(p, mx, sizeof(mx));
		if ((int)p->mode != r->mode || p->max_age_s != r->max_age || strcmp(mx, r->mx) != 0)
			fail_msg("%s: got %d %u \"%s\", want %d %u \"%s\"", r->name, (int)p->mode, p->max_age_s, mx, r->mode,
			    r->max_age, r->mx);
		if (diag.warning_count != r->warnings || diag.error.text[0] != '\0')
			fail_msg("%s: got %zu warnings (%s), want %zu", r->name, diag.warning_count, diag.warnings[0].text,
			    r->warnings);
		sts_policy_free(&p);
		assert_null(p);
	}
}

struct invalid_row {
	const char *name;
	const char *text;
	unsigned line;
	size_t len;		/* 0: up to the NUL */
};

static const struct invalid_row invalid[] = {
	{ "empty", "", 0, 0 },
	{ "one line end", "\n", 1, 0 },
	{ "only line ends", "\r\n\r\n\n", 1, 0 },
	{ "no version", E MX AGE, 0, 0 },
	{ "no mode", V MX AGE, 0, 0 },
	{ "no max_age", V E MX, 0, 0 },
	{ "no mx", V E AGE, 0, 0 },
	{ "testing without mx", V T AGE, 0, 0 },
	{ "other version", "version: STSv2\n" E MX AGE, 1, 0 },
	{ "version in another case", "version: stsv1\n" E MX AGE, 1, 0 },
	{ "version quoted", "version: \"STSv1\"\n" E MX AGE, 1, 0 },
	{ "version's name in another case", "Version: STSv1\n" E MX AGE, 0, 0 },
	{ "first version bad, second good", "version: x\n" GOOD, 1, 0 },
	{ "mode in another case", V "mode: Enforce\n" MX AGE, 2, 0 },
	{ "mode unknown", V "mode: report\n" MX AGE, 2, 0 },
	{ "mode longer", V "mode: enforced\n" MX AGE, 2, 0 },
	{ "mode shorter", V "mode: enforc\n" MX AGE, 2, 0 },
	{ "mode with a word behind", V "mode: enforce now\n" MX AGE, 2, 0 },
	{ "mode empty", V "mode:\n" MX AGE, 2, 0 },
	{ "mode blank", V "mode: \t\n" MX AGE, 2, 0 },
	{ "first mode bad, second good", V "mode: what\n" E MX AGE, 2, 0 },
	{ "mode again, empty", GOOD "mode:\n", 5, 0 },
	{ "max_age negative", V E MX "max_age: -1\n", 4, 0 },
	{ "max_age with a plus", V E MX "max_age: +5\n", 4, 0 },
	{ "max_age with an underscore", V E MX "max_age: 1_000\n", 4, 0 },
	{ "max_age hexadecimal", V E MX "max_age: 0x10\n", 4, 0 },
	{ "max_age with a fraction", V E MX "max_age: 1.5\n", 4, 0 },
	{ "max_age with a unit", V E MX "max_age: 1d\n", 4, 0 },
	{ "max_age of 11 digits", V E MX "max_age: 00000086400\n", 4, 0 },
	{ "max_age with a blank inside", V E MX "max_age: 86 400\n", 4, 0 },
	{ "max_age empty", V E MX "max_age:\n", 4, 0 },
	{ "max_age in other digits", V E MX "max_age: \xd9\xa1\n", 4, 0 },
	{ "first max_age bad, second good", V E MX "max_age: x\n" AGE, 4, 0 },
	{ "mx empty", V E "mx:\n" AGE, 3, 0 },
	{ "mx is an asterisk", V E "mx: *\n" AGE, 3, 0 },
	{ "mx is an asterisk and a dot", V E "mx: *.\n" AGE, 3, 0 },
	{ "mx with an asterisk inside", V E "mx: a.*.example\n" AGE, 3, 0 },
	{ "mx with an asterisk in a label", V E "mx: a*.example\n" AGE, 3, 0 },
	{ "mx with two asterisks", V E "mx: *.*.example\n" AGE, 3, 0 },
	{ "mx with a dot in front", V E "mx: .example\n" AGE, 3, 0 },
	{ "mx with a trailing dot", V E "mx: a.example.\n" AGE, 3, 0 },
	{ "mx with an empty label", V E "mx: a..example\n" AGE, 3, 0 },
	{ "mx with an underscore", V E "mx: a_b.example\n" AGE, 3, 0 },
	{ "mx with a hyphen in front", V E "mx: -a.example\n" AGE, 3, 0 },
	{ "mx is an IPv4 address", V E "mx: 192.0.2.1\n" AGE, 3, 0 },
	{ "mx is an IPv4 literal", V E "mx: [192.0.2.1]\n" AGE, 3, 0 },
	{ "mx is an IPv6 address", V E "mx: 2001:db8::1\n" AGE, 3, 0 },
	{ "mx ends in digits", V E "mx: a.1\n" AGE, 3, 0 },
	{ "mx is a U-label", V E "mx: b\xc3\xbc" "cher.example\n" AGE, 3, 0 },
	{ "mx with a port", V E "mx: a.example:25\n" AGE, 3, 0 },
	{ "mx is two names", V E "mx: a.example b.example\n" AGE, 3, 0 },
	{ "mx is a list", V E "mx: a.example,b.example\n" AGE, 3, 0 },
	{ "mx is a list with a blank", V E "mx: a.example, b.example\n" AGE, 3, 0 },
	{ "mx is a URL", V E "mx: https://a.example\n" AGE, 3, 0 },
	{ "one bad mx among good ones", V E MX "mx: 192.0.2.1\n" MX AGE, 4, 0 },
	{ "bad mx with mode none", V N "mx: 192.0.2.1\n" AGE, 3, 0 },
	{ "no colon", V E MX "max_age 86400\n", 4, 0 },
	{ "no colon, a word", GOOD "word\n", 5, 0 },
	{ "equals sign", "version=STSv1\n" E MX AGE, 1, 0 },
	{ "comment", "# policy\n" GOOD, 1, 0 },
	{ "blank before the colon", "version : STSv1\n" E MX AGE, 1, 0 },
	{ "tab before the colon", V "mode\t: enforce\n" MX AGE, 2, 0 },
	{ "blank before the colon of an unknown field", GOOD "x : 1\n", 5, 0 },
	{ "blank at the line's beginning", V " mode: enforce\n" MX AGE, 2, 0 },
	{ "tab at the line's beginning", V "\tmode: enforce\n" MX AGE, 2, 0 },
	{ "folded value", V "mode:\n enforce\n" MX AGE, 2, 0 },
	{ "blank line in front", "\n" GOOD, 1, 0 },
	{ "blank line in the middle", V E "\n" MX AGE, 3, 0 },
	{ "blank CRLF line in the middle", V E "\r\n" MX AGE, 3, 0 },
	{ "line of blanks in the middle", V E "  \n" MX AGE, 3, 0 },
	{ "line of blanks at the end", GOOD "  \n", 5, 0 },
	{ "two bytes of a byte order mark", "\xef\xbb", 1, 0 },
	{ "byte order mark", "\xef\xbb\xbf" GOOD, 1, 0 },
	{ "UTF-16", "\xff\xfev\0e\0", 1, 6 },
	{ "NUL at the end", GOOD "\0", 5, sizeof(GOOD) },
	{ "NUL in a value", V E "mx: a\0.example\n" AGE, 3, sizeof(V E "mx: a\0.example\n" AGE) - 1 },
	{ "NUL in a name", GOOD "x\0: 1\n", 5, sizeof(GOOD "x\0: 1\n") - 1 },
	{ "CR alone as line end", "version: STSv1\rmode: enforce\rmx: a.example\rmax_age: 86400\r", 1, 0 },
	{ "CR at the very end", V E MX "max_age: 86400\r", 4, 0 },
	{ "CR CR LF", V "mode: enforce\r\r\n" MX AGE, 2, 0 },
	{ "LF CR", "version: STSv1\n\rmode: enforce\n" MX AGE, 2, 0 },
	{ "vertical tab", V "mode: enforce\v\n" MX AGE, 2, 0 },
	{ "form feed", GOOD "\f\n", 5, 0 },
	{ "escape byte in an unknown field", GOOD "x: \x1b[31m\n", 5, 0 },
	{ "DEL in an unknown field", GOOD "x: \x7f\n", 5, 0 },
	{ "tab inside a value", GOOD "x: a\tb\n", 5, 0 },
	{ "no-break space after the colon", V "mode:\xc2\xa0" "enforce\n" MX AGE, 2, 0 },
	{ "unknown field without value", GOOD "x:\n", 5, 0 },
	{ "name of 33", GOOD NAME32 "3: 1\n", 5, 0 },
	{ "name begins with underscore", GOOD "_x: 1\n", 5, 0 },
	{ "name begins with hyphen", GOOD "-x: 1\n", 5, 0 },
	{ "name begins with a dot", GOOD ".x: 1\n", 5, 0 },
	{ "name empty", GOOD ": 1\n", 5, 0 },
	{ "name with a slash", GOOD "a/b: 1\n", 5, 0 },
	{ "name not ASCII", GOOD "\xc3\xa9: 1\n", 5, 0 },
	{ "lone continuation byte", GOOD "x: \x80\n", 5, 0 },
	{ "overlong of two", GOOD "x: \xc0\xaf\n", 5, 0 },
	{ "overlong of two, C1", GOOD "x: \xc1\xbf\n", 5, 0 },
	{ "overlong of three", GOOD "x: \xe0\x9f\xbf\n", 5, 0 },
	{ "overlong of four", GOOD "x: \xf0\x8f\xbf\xbf\n", 5, 0 },
	{ "surrogate", GOOD "x: \xed\xa0\x80\n", 5, 0 },
	{ "last surrogate", GOOD "x: \xed\xbf\xbf\n", 5, 0 },
	{ "above U+10FFFF", GOOD "x: \xf4\x90\x80\x80\n", 5, 0 },
	{ "F5", GOOD "x: \xf5\x80\x80\x80\n", 5, 0 },
	{ "cut sequence of two", GOOD "x: \xc3\n", 5, 0 },
	{ "cut sequence of three", GOOD "x: \xe2\x82\n", 5, 0 },
	{ "cut sequence of four at the end", GOOD "x: \xf0\x9f\x93", 5, 0 },
	{ "Latin-1", GOOD "x: \xe9t\xe9\n", 5, 0 },
	{ "HTML", "<!DOCTYPE html>\n<html>\n", 1, 0 },
	{ "RFC 8461's record for a policy", "v=STSv1; id=a;\n", 1, 0 },
};

static void
test_invalid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		const struct invalid_row *r = &invalid[i];
		size_t len = r->len > 0 ? r->len : strlen(r->text);
		struct sts_policy *p;
		struct sts_diag diag;

		sts_diag_init(&diag);
		if (sts_policy_parse(r->text, len, &p, &diag) != STS_EINVAL)
			fail_msg("%s: valid", r->name);
		assert_null(p);
		if (diag.error.text[0] == '\0' || diag.error.line != r->line)
			fail_msg("%s: got line %u \"%s\", want line %u", r->name, diag.error.line, diag.error.text, r->line);
		for (const char *c = diag.error.text; *c != '\0'; c++)
			if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
				fail_msg("%s: raw byte %#x in the message", r->name, (unsigned)(unsigned char)*c);
		assert_int_equal(sts_policy_parse(r->text, len, &p, NULL), STS_EINVAL);
	}
}

/* A valid policy, padded to size with an unknown field. */
static char *
padded(size_t size)
{
	static const char head[] = GOOD "x: ";
	char *text = malloc(size + 1);

	assert_non_null(text);
	memcpy(text, head, sizeof(head) - 1);
	memset(text + sizeof(head) - 1, 'y', size - (sizeof(head) - 1));
	text[size] = '\0';
	return text;
}

static void
test_size(void **state)
{
	char *text = padded(STS_POLICY_TEXT_MAX + 1);
	struct sts_policy *p;
	struct sts_diag diag;

	(void)state;
	sts_diag_init(&diag);
	assert_int_equal(sts_policy_parse(text, STS_POLICY_TEXT_MAX, &p, &diag), STS_OK);
	sts_policy_free(&p);
	assert_int_equal(sts_policy_parse(text, STS_POLICY_TEXT_MAX + 1, &p, &diag), STS_EINVAL);
	assert_string_equal(diag.error.text, "more than 65536 bytes");
	assert_int_equal(diag.error.line, 0);
	free(text);
}

/* Appends an mx; returns the new length. */
static size_t
add_mx(char *text, size_t len, char name)
{
	const char line[] = { 'm', 'x', ':', name, '\n' };

	memcpy(text + len, line, sizeof(line));
	return len + sizeof(line);
}

/* As many mx as 64 KiB can hold: all are kept, because mail to a host left out would wait. */
static void
test_many_mx(void **state)
{
	static const char head[] = V E AGE;
	char *text = malloc(STS_POLICY_TEXT_MAX);
	size_t len = sizeof(head) - 1, count = 0;
	struct sts_policy *p;
	struct sts_diag diag;

	(void)state;
	assert_non_null(text);
	memcpy(text, head, len);
	for (; count < STS_POLICY_ORGS_MAX; count++)
		len = add_mx(text, len, count == 0 ? 'a' : 'b');
	sts_diag_init(&diag);
	assert_int_equal(sts_policy_parse(text, len, &p, &diag), STS_OK);
	assert_int_equal(diag.warning_count, 0);
	sts_policy_free(&p);
	for (; len + 5 <= STS_POLICY_TEXT_MAX; count++)
		len = add_mx(text, len, 'b');
	sts_diag_init(&diag);
	assert_int_equal(sts_policy_parse(text, len, &p, &diag), STS_OK);
	assert_int_equal(p->mx_count, count);
	assert_string_equal(p->mx[0], "a");
	assert_string_equal(p->mx[count - 1], "b");
	assert_int_equal(diag.warning_count, 1);
	assert_string_equal(diag.warnings[0].text, "more than 100 mx; inbound mail is compared with at most 100 organisations");
	assert_int_equal(diag.warnings[0].line, 3 + STS_POLICY_ORGS_MAX + 1);
	sts_policy_free(&p);
	free(text);
}

/* Alignment looks at the first organisations only, because they are compared one by one. */
static void
test_many_organisations(void **state)
{
	char text[64 * STS_POLICY_ORGS_MAX];
	size_t len = (size_t)sprintf(text, V E AGE);
	struct sts_policy *p;

	(void)state;
	for (unsigned i = 0; i < STS_POLICY_ORGS_MAX + 50; i++)
		len += (size_t)sprintf(text + len, "mx:mx.org%u.example\n", i);
	assert_int_equal(sts_policy_parse(text, len, &p, NULL), STS_OK);
	sts_policy_find_orgs(p, NULL);
	assert_int_equal(p->mx_count, STS_POLICY_ORGS_MAX + 50);
	assert_int_equal(p->org_count, STS_POLICY_ORGS_MAX);
	sts_policy_free(&p);
}

/* More warnings than a struct sts_diag holds. */
static void
test_many_warnings(void **state)
{
	static const char text[] = GOOD V V V V V V V V V V V V;
	struct sts_policy *p;
	struct sts_diag diag;

	(void)state;
	sts_diag_init(&diag);
	assert_int_equal(sts_policy_parse(text, sizeof(text) - 1, &p, &diag), STS_OK);
	assert_int_equal(diag.warning_count, STS_DIAG_WARNINGS);
	assert_string_equal(diag.warnings[STS_DIAG_WARNINGS - 1].text, "there are more warnings than these");
	assert_int_equal(diag.warnings[0].line, 5);
	sts_policy_free(&p);
}

static const struct {
	const char *pattern;
	const char *host;
	bool match;
} matches[] = {
	{ "mail.example.com", "mail.example.com", true },
	{ "mail.example.com", "MAIL.Example.COM", true },
	{ "Mail.Example.com", "mail.example.com", true },
	{ "mail.example.com", "mail.example.com.", true },
	{ "mail.example.com", "mail.example.com..", false },
	{ "mail.example.com", "example.com", false },
	{ "mail.example.com", "mail.example.net", false },
	{ "mail.example.com", "xmail.example.com", false },
	{ "example.com", "mail.example.com", false },
	{ "mail.example.com", "mail.example.co", false },
	{ "*.example.com", "mail.example.com", true },
	{ "*.example.com", "MAIL.EXAMPLE.COM.", true },
	{ "*.EXAMPLE.com", "mail.example.com", true },
	{ "*.example.com", "a-b.example.com", true },
	{ "*.example.com", "a.b.example.com", false },
	{ "*.example.com", "example.com", false },
	{ "*.example.com", ".example.com", false },
	{ "*.example.com", "mail.xexample.com", false },
	{ "*.example.com", "mailexample.com", false },
	{ "*.example.com", "*.example.com", false },
	{ "*.com", "example.com", true },
	{ "*.com", "a.example.com", false },
	{ "*.com", "com", false },
	{ "com", "com", true },
	{ "*.example.com", "mail_1.example.com", true },
	{ "*.xn--bcher-kva.example", "mx.b\xc3\xbc" "cher.example", true },
	{ "*", "mail", false },
	{ "*.", "mail.", false },
	{ "m*.example.com", "mail.example.com", false },
	{ "*.*.com", "a.b.com", false },
	{ "mail.*.com", "mail.example.com", false },
	{ "mail.example.com.", "mail.example.com", false },
	{ "", "", false },
	{ "mail.example.com", "", false },
	{ "", "mail.example.com", false },
	{ "192.0.2.1", "192.0.2.1", false },
	{ "*.0.2.1", "192.0.2.1", false },
	{ "b\xc3\xbc" "cher.example", "xn--bcher-kva.example", false },
};

static void
test_mx_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++)
		if (sts_policy_mx_matches(matches[i].pattern, matches[i].host) != matches[i].match)
			fail_msg("\"%s\" against \"%s\": want %d", matches[i].pattern, matches[i].host, (int)matches[i].match);
}

static void
test_mode_names(void **state)
{
	static const enum sts_mode modes[] = { STS_MODE_NONE, STS_MODE_TESTING, STS_MODE_ENFORCE };
	enum sts_mode mode;

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const char *name = sts_mode_name(modes[i]);

		assert_true(sts_mode_parse(name, strlen(name), &mode));
		assert_int_equal(mode, modes[i]);
	}
	assert_false(sts_mode_parse("", 0, &mode));
	assert_false(sts_mode_parse("nonee", 5, &mode));
	assert_true(sts_mode_parse("nonee", 4, &mode));
	assert_string_equal(sts_mode_name((enum sts_mode)99), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_many_mx),
		cmocka_unit_test(test_many_organisations),
		cmocka_unit_test(test_many_warnings),
		cmocka_unit_test(test_mx_matches),
		cmocka_unit_test(test_mode_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_domain.c - valid and invalid names in all forms. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/names/domain.h"

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10
#define L63 L60 "abc"
#define D252 L63 "." L63 "." L63 "." L60	/* 63 * 3 + 3 + 60 */

struct row {
	const char *name;
	const char *input;
	size_t len;		/* 0: up to the NUL */
	enum sts_domain_fault fault;
	const char *want;
};

static const struct row rows[] = {
	{ "plain", "example.com", 0, STS_DOMAIN_OK, "example.com" },
	{ "upper case", "Good.Example.TEST", 0, STS_DOMAIN_OK, "good.example.test" },
	{ "trailing dot", "example.com.", 0, STS_DOMAIN_OK, "example.com" },
	{ "two trailing dots", "example.com..", 0, STS_DOMAIN_BAD_LABEL, "" },
	{ "one label", "localhost", 0, STS_DOMAIN_OK, "localhost" },
	{ "one byte", "a", 0, STS_DOMAIN_OK, "a" },
	{ "underscore", "under_score.test", 0, STS_DOMAIN_OK, "under_score.test" },
	{ "leading underscore", "_mta-sts.test", 0, STS_DOMAIN_OK, "_mta-sts.test" },
	{ "digits in front", "0.1.example", 0, STS_DOMAIN_OK, "0.1.example" },
	{ "label of digits in the middle", "a.123.example", 0, STS_DOMAIN_OK, "a.123.example" },
	{ "hyphens inside", "a-b--c.example", 0, STS_DOMAIN_OK, "a-b--c.example" },
	{ "hyphens in third and fourth place", "r3---sn.example", 0, STS_DOMAIN_OK, "r3---sn.example" },
	{ "A-label", "XN--BCHER-KVA.example", 0, STS_DOMAIN_OK, "xn--bcher-kva.example" },
	{ "A-label that decodes to nothing", "xn--zzzzzzz.example", 0, STS_DOMAIN_OK, "xn--zzzzzzz.example" },
	{ "U-label", "b\xc3\xbc" "cher.example", 0, STS_DOMAIN_OK, "xn--bcher-kva.example" },
	{ "U-label in upper case", "B\xc3\x9c" "CHER.example", 0, STS_DOMAIN_OK, "xn--bcher-kva.example" },
	{ "U-label, decomposed", "bu\xcc\x88" "cher.example", 0, STS_DOMAIN_OK, "xn--bcher-kva.example" },
	{ "U-label with trailing dot", "b\xc3\xbc" "cher.example.", 0, STS_DOMAIN_OK, "xn--bcher-kva.example" },
	{ "sharp s stays (non-transitional)", "fa\xc3\x9f.de", 0, STS_DOMAIN_OK, "xn--fa-hia.de" },
	{ "ideographic full stops", "example\xe3\x80\x82" "com\xe3\x80\x82", 0, STS_DOMAIN_OK, "example.com" },
	{ "two ideographic full stops", "example\xe3\x80\x82\xe3\x80\x82" "com", 0, STS_DOMAIN_BAD_LABEL, "" },
	{ "fullwidth letters", "\xef\xbd\x81.example", 0, STS_DOMAIN_OK, "a.example" },
	{ "U-label beside an underscore", "_x.b\xc3\xbc" "cher.example", 0, STS_DOMAIN_OK, "_x.xn--bcher-kva.example" },
	{ "fullwidth slash becomes a slash", "a\xef\xbc\x8f" "b.example", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "soft hyphen alone maps to nothing", "\xc2\xad", 0, STS_DOMAIN_EMPTY, "" },
	{ "fullwidth digits at the end", "a.\xef\xbc\x91", 0, STS_DOMAIN_ADDRESS, "" },
	{ "not UTF-8", "\xff.example", 0, STS_DOMAIN_BAD_IDN, "" },
	{ "cut UTF-8", "b\xc3", 0, STS_DOMAIN_BAD_IDN, "" },
	{ "overlong UTF-8", "\xc0\xae.example", 0, STS_DOMAIN_BAD_IDN, "" },
	{ "U-label with hyphens in third and fourth place", "ab--\xc3\xbc.example", 0, STS_DOMAIN_BAD_IDN, "" },
	{ "right-to-left mixed", "a\xd7\x90.example", 0, STS_DOMAIN_BAD_IDN, "" },
	{ "U-label longer than 63 as A-label", "\xc3\xbc" L60 ".example", 0, STS_DOMAIN_TOO_LONG, "" },
	{ "empty", "", 0, STS_DOMAIN_EMPTY, "" },
	{ "dot alone", ".", 0, STS_DOMAIN_BAD_LABEL, "" },
	{ "leading dot", ".test", 0, STS_DOMAIN_BAD_LABEL, "" },
	{ "empty label", "a..b", 0, STS_DOMAIN_BAD_LABEL, "" },
	{ "leading hyphen", "-bad.example", 0, STS_DOMAIN_BAD_LABEL, "" },
	{ "trailing hyphen", "bad-.example", 0, STS_DOMAIN_BAD_LABEL, "" },
	{ "hyphen alone", "a.-.b", 0, STS_DOMAIN_BAD_LABEL, "" },
	{ "NUL inside", "a\0b.example", 11, STS_DOMAIN_BAD_BYTE, "" },
	{ "NUL at the end", "a.example\0", 10, STS_DOMAIN_BAD_BYTE, "" },
	{ "NUL behind UTF-8", "\xc3\xbc\0.example", 11, STS_DOMAIN_BAD_BYTE, "" },
	{ "space", "a b.example", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "line end", "a.example\n", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "slash", "a/b.example", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "asterisk", "*.example", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "at sign", "a@b.example", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "brace", "a}.example", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "port", "a.example:443", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "IPv4 address", "192.0.2.1", 0, STS_DOMAIN_ADDRESS, "" },
	{ "IPv4 address, trailing dot", "192.0.2.1.", 0, STS_DOMAIN_ADDRESS, "" },
	{ "number", "2130706433", 0, STS_DOMAIN_ADDRESS, "" },
	{ "last label of digits", "a.b.1", 0, STS_DOMAIN_ADDRESS, "" },
	{ "IPv6 address", "2001:db8::1", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "literal", "[192.0.2.1]", 0, STS_DOMAIN_BAD_BYTE, "" },
	{ "label of 63", L63 ".example", 0, STS_DOMAIN_OK, L63 ".example" },
	{ "label of 64", L63 "d.example", 0, STS_DOMAIN_TOO_LONG, "" },
	{ "last label of 64", "example." L63 "d", 0, STS_DOMAIN_TOO_LONG, "" },
	{ "name of 253", D252 "a", 0, STS_DOMAIN_OK, D252 "a" },
	{ "name of 253 and a dot", D252 "a.", 0, STS_DOMAIN_OK, D252 "a" },
	{ "name of 254", D252 "ab", 0, STS_DOMAIN_TOO_LONG, "" },
	{ "only the first len bytes count", "example.com/x", 11, STS_DOMAIN_OK, "example.com" },
};

static void
test_normalise(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		char out[STS_DOMAIN_CAP] = "stale";
		enum sts_domain_fault fault = sts_domain_normalise(r->input, r->len > 0 ? r->len : strlen(r->input), out);

		if (fault != r->fault || strcmp(out, r->want) != 0)
			fail_msg("%s: got %d \"%s\", want %d \"%s\"", r->name, (int)fault, out, (int)r->fault, r->want);
	}
}

/* Normalising a normalised name changes nothing. */
static void
test_normal_form_is_stable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char again[STS_DOMAIN_CAP];

		if (rows[i].fault != STS_DOMAIN_OK)
			continue;
		if (sts_domain_normalise(rows[i].want, strlen(rows[i].want), again) != STS_DOMAIN_OK ||
		    strcmp(again, rows[i].want) != 0)
			fail_msg("%s: \"%s\" became \"%s\"", rows[i].name, rows[i].want, again);
	}
}

static void
test_huge_input(void **state)
{
	char huge[5000], out[STS_DOMAIN_CAP];

	(void)state;
	memset(huge, 'a', sizeof(huge));
	assert_int_equal(sts_domain_normalise(huge, sizeof(huge), out), STS_DOMAIN_TOO_LONG);
	memset(huge, 0xc3, sizeof(huge));
	assert_int_equal(sts_domain_normalise(huge, sizeof(huge), out), STS_DOMAIN_TOO_LONG);
	memset(huge, 0xc3, sizeof(huge));
	assert_int_equal(sts_domain_normalise(huge, 1012, out), STS_DOMAIN_BAD_IDN);
	assert_string_equal(out, "");
}

/* Names that exceed 255 bytes only as A-labels. */
static void
test_long_names(void **state)
{
	char name[300] = "", out[STS_DOMAIN_CAP];

	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(name, "\xc3\xbc.");
	strcat(name, "example");
	assert_int_equal(sts_domain_normalise(name, strlen(name), out), STS_DOMAIN_TOO_LONG);
	assert_string_equal(out, "");
}

static void
test_texts(void **state)
{
	(void)state;
	for (enum sts_domain_fault i = STS_DOMAIN_OK; i <= STS_DOMAIN_ADDRESS; i++) {
		assert_string_not_equal(sts_domain_fault_text(i), "");
		for (enum sts_domain_fault k = STS_DOMAIN_OK; k < i; k++)
			assert_string_not_equal(sts_domain_fault_text(i), sts_domain_fault_text(k));
	}
	assert_string_equal(sts_domain_fault_text((enum sts_domain_fault)99), "invalid");
}

static const struct row hosts[] = {
	{ "plain", "mail.example.com", 0, STS_DOMAIN_OK, NULL },
	{ "any case", "Mail.EXAMPLE.com", 0, STS_DOMAIN_OK, NULL },
	{ "one label", "mail", 0, STS_DOMAIN_OK, NULL },
	{ "A-label", "xn--bcher-kva.example", 0, STS_DOMAIN_OK, NULL },
	{ "name of 253", D252 "a", 0, STS_DOMAIN_OK, NULL },
	{ "name of 254", D252 "ab", 0, STS_DOMAIN_TOO_LONG, NULL },
	{ "empty", "", 0, STS_DOMAIN_EMPTY, NULL },
	{ "trailing dot", "mail.example.com.", 0, STS_DOMAIN_BAD_LABEL, NULL },
	{ "underscore", "mail_1.example.com", 0, STS_DOMAIN_BAD_BYTE, NULL },
	{ "U-label", "b\xc3\xbc" "cher.example", 0, STS_DOMAIN_BAD_BYTE, NULL },
	{ "IPv4 address", "192.0.2.1", 0, STS_DOMAIN_ADDRESS, NULL },
	{ "IPv6 address", "::1", 0, STS_DOMAIN_BAD_BYTE, NULL },
	{ "NUL", "a\0b", 3, STS_DOMAIN_BAD_BYTE, NULL },
};

static void
test_check_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		const struct row *r = &hosts[i];
		enum sts_domain_fault fault = sts_domain_check_host(r->input, r->len > 0 ? r->len : strlen(r->input));

		if (fault != r->fault)
			fail_msg("%s: got %d, want %d", r->name, (int)fault, (int)r->fault);
	}
}

static void
test_every_fault_has_a_text(void **state)
{
	(void)state;
	for (int i = STS_DOMAIN_OK; i <= STS_DOMAIN_ADDRESS; i++)
		assert_string_not_equal(sts_domain_fault_text((enum sts_domain_fault)i), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_normal_form_is_stable),
		cmocka_unit_test(test_huge_input),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_check_host),
		cmocka_unit_test(test_every_fault_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

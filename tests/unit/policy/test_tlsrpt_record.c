/* SPDX-License-Identifier: ISC */
/* test_tlsrpt_record.c - TLSRPTv1 records, by RFC 8460 section 3. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/policy/tlsrpt_record.h"

enum { VALID = STS_RECORD_VALID, NONE = STS_RECORD_NONE, INVALID = STS_RECORD_INVALID };
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define V "v=TLSRPTv1; "

static const struct row {
	const char *name, *record;
	int result;
	const char *rua;	/* separated by spaces; "" for none */
	size_t warnings, foreign;
} rows[] = {
	{ "the RFC's first example", V "rua=mailto:reports@example.com", VALID, "mailto:reports@example.com", 0, 0 },
	{ "the RFC's second example", V "rua=https://reporting.example.com/v1/tlsrpt", VALID,
	    "https://reporting.example.com/v1/tlsrpt", 0, 0 },
	{ "semicolon at the end", V "rua=mailto:a@b.test;", VALID, "mailto:a@b.test", 0, 0 },
	{ "no blank", "v=TLSRPTv1;rua=mailto:a@b.test", VALID, "mailto:a@b.test", 0, 0 },
	{ "blanks around the semicolons", "v=TLSRPTv1;\t rua=mailto:a@b.test \t; ", VALID, "mailto:a@b.test", 0, 0 },
	{ "two addresses", V "rua=mailto:a@b.test,https://c.test/", VALID, "mailto:a@b.test https://c.test/", 0, 0 },
	{ "blanks around the comma", V "rua=mailto:a@b.test \t,\t https://c.test/ ;", VALID,
	    "mailto:a@b.test https://c.test/", 0, 0 },
	{ "scheme of any case", V "rua=MailTo:a@b.test,HTTPS://c.test/", VALID, "MailTo:a@b.test HTTPS://c.test/", 0, 0 },
	{ "escapes stay", V "rua=mailto:a%21b%2Cc@d.test", VALID, "mailto:a%21b%2Cc@d.test", 0, 0 },
	{ "header fields of mailto", V "rua=mailto:a@b.test?subject=x%3By", VALID, "mailto:a@b.test?subject=x%3By", 0, 0 },
	{ "equals sign in an address", V "rua=https://c.test/?a=b", VALID, "https://c.test/?a=b", 0, 0 },
	{ "port and IPv6 literal", V "rua=https://[2001:db8::1]:8443/x", VALID, "https://[2001:db8::1]:8443/x", 0, 0 },
	{ "extension", V "rua=mailto:a@b.test; x-y.z_0=1", VALID, "mailto:a@b.test", 0, 0 },
	{ "extension in front", V "x=1; rua=mailto:a@b.test", VALID, "mailto:a@b.test", 0, 0 },
	{ "rua twice", V "rua=mailto:a@b.test; rua=mailto:c@d.test", VALID, "mailto:a@b.test", 1, 0 },
	{ "version again", V "v=1; rua=mailto:a@b.test", VALID, "mailto:a@b.test", 1, 0 },
	{ "another scheme, too", V "rua=ftp://c.test/,mailto:a@b.test", VALID, "mailto:a@b.test", 1, 1 },
	{ "another extension of three letters", V "xyz=1; rua=mailto:a@b.test", VALID, "mailto:a@b.test", 0, 0 },
	{ "IPv4 address", V "rua=https://192.0.2.1/", VALID, "https://192.0.2.1/", 0, 0 },
	{ "IPv6 literal without a port", V "rua=https://[2001:db8::1]/", VALID, "https://[2001:db8::1]/", 0, 0 },
	{ "https with a hyphen first", V "rua=https://-c.test/", INVALID, "", 0, 0 },
	{ "tab within", V "rua=mailto:a\t@b.test", INVALID, "", 0, 0 },
	{ "colon first", V "rua=:a@b.test", INVALID, "", 0, 0 },
	{ "a scheme that begins with a digit", V "rua=1a:b", INVALID, "", 0, 0 },
	{ "RUA is an extension", V "RUA=mailto:c@d.test; rua=mailto:a@b.test", VALID, "mailto:a@b.test", 1, 0 },
	{ "only another scheme", V "rua=ftp://c.test/", INVALID, "", 1, 1 },
	{ "http is another scheme", V "rua=http://c.test/", INVALID, "", 1, 1 },
	{ "no field at all", "v=TLSRPTv1;", INVALID, "", 0, 0 },
	{ "no rua", V "x=1", INVALID, "", 0, 0 },
	{ "empty rua", V "rua=;", INVALID, "", 0, 0 },
	{ "blank after =", V "rua= mailto:a@b.test", INVALID, "", 0, 0 },
	{ "blank at the end", V "rua=mailto:a@b.test ", INVALID, "", 0, 0 },
	{ "blank within", V "rua=mailto:a @b.test", INVALID, "", 0, 0 },
	{ "blank instead of a comma", V "rua=mailto:a@b.test mailto:c@d.test", INVALID, "", 0, 0 },
	{ "nothing between commas", V "rua=mailto:a@b.test,,mailto:c@d.test", INVALID, "", 0, 0 },
	{ "comma at the end", V "rua=mailto:a@b.test,", INVALID, "", 0, 0 },
	{ "exclamation mark", V "rua=mailto:a@b.test!10m", INVALID, "", 0, 0 },
	{ "mail address without a scheme", V "rua=a@b.test", INVALID, "", 0, 0 },
	{ "mailto without a domain", V "rua=mailto:reports", INVALID, "", 0, 0 },
	{ "mailto without a local part", V "rua=mailto:@b.test", INVALID, "", 0, 0 },
	{ "mailto with slashes", V "rua=mailto://a@b_.test..", INVALID, "", 0, 0 },
	{ "mailto with half an escape", V "rua=mailto:a%4@b.test", INVALID, "", 0, 0 },
	{ "mailto that ends in an escape", V "rua=mailto:a@b%", INVALID, "", 0, 0 },
	{ "https with no hex digits", V "rua=https://c.test/a%zz", INVALID, "", 0, 0 },
	{ "https with half an escape", V "rua=https://c.test/%4", INVALID, "", 0, 0 },
	{ "https that ends in an escape", V "rua=https://c.test/%", INVALID, "", 0, 0 },
	{ "an escape that a comma cuts", V "rua=https://c.test/%4,mailto:a@b.test", INVALID, "", 0, 0 },
	{ "mailto's fields with no hex digits", V "rua=mailto:a@b.test?subject=%zz", INVALID, "", 0, 0 },
	{ "another scheme with no hex digits", V "rua=ftp://c.test/%zz,mailto:a@b.test", INVALID, "", 0, 0 },
	{ "a percent sign, escaped", V "rua=https://c.test/%25zz", VALID, "https://c.test/%25zz", 0, 0 },
	{ "braces", V "rua=https://c.test/{x}", INVALID, "", 0, 0 },
	{ "brackets in a path", V "rua=https://c.test/[x]", INVALID, "", 0, 0 },
	{ "brackets in a query", V "rua=https://c.test?x[]=1", INVALID, "", 0, 0 },
	{ "brackets in a name", V "rua=https://c[1].test/", INVALID, "", 0, 0 },
	{ "a literal without an end", V "rua=https://[2001:db8::1/", INVALID, "", 0, 0 },
	{ "a literal, and more", V "rua=https://[2001:db8::1]x/", INVALID, "", 0, 0 },
	{ "a port of letters", V "rua=https://c.test:https/", INVALID, "", 0, 0 },
	{ "a port without digits", V "rua=https://c.test:/", VALID, "https://c.test:/", 0, 0 },	/* RFC 3986 section 3.2.3 */
	{ "a user", V "rua=https://u:p@c.test:8443?x", VALID, "https://u:p@c.test:8443?x", 0, 0 },
	{ "a fragment", V "rua=https://c.test/a#b", VALID, "https://c.test/a#b", 0, 0 },
	{ "two fragments", V "rua=https://c.test/a#b#c", INVALID, "", 0, 0 },
	{ "a quote at the end", V "rua=mailto:a@b.test\"", INVALID, "", 0, 0 },
	{ "https without a host", V "rua=https:", INVALID, "", 0, 0 },
	{ "https, and the record ends", V "rua=https:=", INVALID, "", 0, 0 },
	{ "https without slashes", V "rua=https:c.test", INVALID, "", 0, 0 },
	{ "https with slashes alone", V "rua=https://", INVALID, "", 0, 0 },
	{ "https with a path alone", V "rua=https:///x", INVALID, "", 0, 0 },
	{ "byte beyond ASCII", V "rua=mailto:\xc3\xa4@b.test", INVALID, "", 0, 0 },
	{ "two semicolons", V "; rua=mailto:a@b.test", INVALID, "", 0, 0 },
	{ "no =", V "rua mailto:a@b.test", INVALID, "", 0, 0 },
	{ "bad extension after a good rua", V "rua=mailto:a@b.test; x=a=b", INVALID, "", 0, 0 },
	/* ---- not a TLSRPTv1 record ---- */
	{ "quoted", "\"" V "rua=mailto:a@b.test\"", NONE, "", 1, 0 },
	{ "escaped quotes", "\\\"" V "rua=mailto:a@b.test\\\"", NONE, "", 1, 0 },
	{ "curly quotes", "\xe2\x80\x9c" V "rua=mailto:a@b.test\xe2\x80\x9d", NONE, "", 1, 0 },
	{ "no semicolon", "v=TLSRPTv1 rua=mailto:a@b.test", NONE, "", 1, 0 },
	{ "nothing but the version", "v=TLSRPTv1", NONE, "", 1, 0 },
	{ "blank before the semicolon", "v=TLSRPTv1 ; rua=mailto:a@b.test", NONE, "", 1, 0 },
	{ "other case", "v=tlsrptv1; rua=mailto:a@b.test", NONE, "", 1, 0 },
	{ "other version", "v=TLSRPTv2; rua=mailto:a@b.test", NONE, "", 1, 0 },
	{ "rua first", "rua=mailto:a@b.test; v=TLSRPTv1", NONE, "", 1, 0 },
	{ "SPF", "v=spf1 -all", NONE, "", 0, 0 },
	{ "MTA-STS", "v=STSv1; id=a;", NONE, "", 0, 0 },
	{ "empty", "", NONE, "", 0, 0 },
};

static const char *
rua_of(const struct sts_tlsrpt *tlsrpt, char out[1024])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < tlsrpt->rua_count; i++)
		len += (size_t)snprintf(out + len, 1024 - len, "%s%.*s", i > 0 ? " " : "", (int)tlsrpt->rua[i].len,
		    tlsrpt->rua[i].s);
	return out;
}

static void
test_single_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct sts_txt txt = { r->record, strlen(r->record) };
		struct sts_tlsrpt tlsrpt, again;
		char rua[1024];
		struct sts_diag diag;
		int result;

		sts_diag_init(&diag);
		result = (int)sts_tlsrpt_select(&txt, 1, &tlsrpt, &diag);
		if (result != r->result || strcmp(rua_of(&tlsrpt, rua), r->rua) != 0 || tlsrpt.foreign_count != r->foreign)
			fail_msg("%s: got %d '%s' and %zu foreign (%s), want %d '%s'", r->name, result, rua, tlsrpt.foreign_count,
			    diag.error.text, r->result, r->rua);
		if (diag.warning_count != r->warnings)
			fail_msg("%s: got %zu warnings (%s)", r->name, diag.warning_count, diag.warnings[0].text);
		if ((diag.error.text[0] == '\0') != (result == VALID))
			fail_msg("%s: result %d with error \"%s\"", r->name, result, diag.error.text);
		if ((int)sts_tlsrpt_select(&txt, 1, &again, NULL) != result)
			fail_msg("%s: another result without diag", r->name);
	}
}

#define GOOD V "rua=mailto:a@b.test"
#define BAD V "rua=x"

static const struct {
	const char *name, *records[4];
	int result;
} sets[] = {
	{ "none at all", { NULL }, NONE },
	{ "one among others", { "v=spf1 -all", GOOD, "x", NULL }, VALID },
	{ "two", { GOOD, GOOD, NULL }, NONE },
	{ "good and bad", { GOOD, BAD, NULL }, NONE },
	{ "quoted and good", { "\"" GOOD "\"", GOOD, NULL }, VALID },
	{ "bad among others", { "x", BAD, NULL }, INVALID },
};

static void
test_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sets); i++) {
		struct sts_txt txt[4] = { { 0 } };
		struct sts_tlsrpt tlsrpt;
		size_t count = 0;
		int result;

		for (; sets[i].records[count] != NULL; count++)
			txt[count] = (struct sts_txt){ sets[i].records[count], strlen(sets[i].records[count]) };
		result = (int)sts_tlsrpt_select(txt, count, &tlsrpt, NULL);
		if (result != sets[i].result)
			fail_msg("%s: got %d, want %d", sets[i].name, result, sets[i].result);
	}
}

static const struct {
	const char *uri, *domain;
} mails[] = {
	{ "mailto:a@Example.COM", "example.com" },
	{ "MAILTO:a@b.test?subject=x@y", "b.test" },
	{ "mailto:a%40c.test@b.test", "b.test" },
	{ "mailto:a@b%2Etest", "b.test" },
	{ "mailto:a@b%00.test", "" },
	{ "mailto:a@", "" },
	{ "mailto:", "" },
	{ "https://b.test/", "" },
	{ "", "" },
};

static void
test_mail_domains(void **state)
{
	static const char *const halves[] = { "mailto:a@b.test%", "mailto:a@b.test%7", "mailto:a@b.test%z7", "mailto:a@b.test%7z" };
	char domain[STS_DOMAIN_CAP], local[400] = "mailto:";

	(void)state;
	for (size_t i = 0; i < COUNT(mails); i++) {
		struct sts_slice uri = { mails[i].uri, strlen(mails[i].uri) };
		bool is_mail = sts_tlsrpt_mail_domain(uri, domain);

		if (strcmp(domain, mails[i].domain) != 0 || is_mail != (mails[i].domain[0] != '\0'))
			fail_msg("%s: got '%s', want '%s'", mails[i].uri, domain, mails[i].domain);
	}
	for (size_t i = 0; i < COUNT(halves); i++)
		assert_false(sts_tlsrpt_mail_domain((struct sts_slice){ halves[i], strlen(halves[i]) }, domain));
	memset(local + strlen(local), 'x', 330);
	memcpy(local + 337, "@b.test", 8);
	assert_false(sts_tlsrpt_mail_domain((struct sts_slice){ local, strlen(local) }, domain));
}

/* Long lists: all addresses, or a warning about those left out. */
static void
test_many_addresses(void **state)
{
	static const struct { size_t count, taken, dropped; } lists[] = {
		{ 17, 17, 0 }, { 60, 60, 0 }, { STS_TLSRPT_RUA_MAX, STS_TLSRPT_RUA_MAX, 0 },
		{ STS_TLSRPT_RUA_MAX + 3, STS_TLSRPT_RUA_MAX, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char text[4096];
		struct sts_txt txt = { text, 0 };
		struct sts_tlsrpt tlsrpt;
		struct sts_diag diag;

		txt.len = (size_t)snprintf(text, sizeof(text), V "rua=");
		for (size_t k = 0; k < lists[i].count; k++)
			txt.len += (size_t)snprintf(text + txt.len, sizeof(text) - txt.len, "%smailto:a%zu@b.test", k > 0 ? "," : "", k);
		sts_diag_init(&diag);
		assert_int_equal(sts_tlsrpt_select(&txt, 1, &tlsrpt, &diag), STS_RECORD_VALID);
		assert_int_equal(tlsrpt.rua_count, lists[i].taken);
		assert_int_equal(tlsrpt.dropped_count, lists[i].dropped);
		assert_int_equal(diag.warning_count, lists[i].dropped > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_addresses),
		cmocka_unit_test(test_single_records),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_mail_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

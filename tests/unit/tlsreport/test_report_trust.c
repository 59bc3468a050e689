/* SPDX-License-Identifier: ISC */
/* test_report_trust.c - Authentication-Results of real servers, and which reports count as verified. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/tlsreport/auth_results.h"
#include "shared-cache/tlsreport/report_origin.h"
#include "shared-cache/tlsreport/report_trust.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- the grammar ---- */

static const struct {
	const char *name, *value, *id;
	size_t dkim;
	const char *result, *domain, *selector, *b;	/* of the first result */
	const char *spf, *mail_from;
} fields[] = {
	{ "rspamd", "mx1.example.net;\r\n\tdkim=pass header.d=google.com header.s=20230601 header.b=AbCdEfGh;\r\n"
	    "\tdmarc=pass (policy=reject) header.from=google.com;\r\n"
	    "\tspf=pass (mx1.example.net: domain of noreply-smtp-tls-reporting@google.com designates 192.0.2.1 as permitted "
	    "sender) smtp.mailfrom=noreply-smtp-tls-reporting@google.com", "mx1.example.net", 1, "pass", "google.com", "20230601",
	    "AbCdEfGh", "pass", "google.com" },
	{ "OpenDKIM", "mx1.example.net;\n\tdkim=pass (2048-bit key; unprotected) header.d=mail.ru header.i=@mail.ru "
	    "header.a=rsa-sha256 header.s=mail4 header.b=\"x/y+z\";\n\tdkim-atps=neutral", "mx1.example.net", 1, "pass", "mail.ru",
	    "mail4", "x/y+z", "", "" },
	{ "rspamd, unsigned", "mx1.example.net; dkim=none; spf=none (mx1.example.net: domain of a@b.test) smtp.mailfrom=a@b.test",
	    "mx1.example.net", 1, "none", "", "", "", "none", "b.test" },
	{ "header.i alone", "mx; dkim=pass header.i=@sub.example.org", "mx", 1, "pass", "sub.example.org", "", "", "", "" },
	{ "version and none", "MX1.Example.Net 1; none", "mx1.example.net", 0, "", "", "", "", "", "" },
	{ "a quoted id", "\"mx1.example.net\" 1; dkim=fail header.d=a.test", "mx1.example.net", 1, "fail", "a.test", "", "", "", "" },
	{ "method version", "mx.test; DKIM/1=PASS header.d=A.Test", "mx.test", 1, "pass", "a.test", "", "", "", "" },
	{ "RFC 8601, appendix B.7", "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) pass\r\n"
	    " header (A dot can go here) . (like that) d\r\n (this surprised me) = (as I wasn't expecting it) a.test", "foo.example.net", 1,
	    "pass", "a.test", "", "", "", "" },
	{ "words that are no name", "mx.test; x. y dkim .d dkim=pass z /header.d= b.test header.d=a.test", "mx.test", 1, "pass", "a.test", "", "",
	    "", "" },
	{ "a comment with a nested lie", "mx.test; dkim=fail (x (; dkim=pass header.d=google.com) \\) y) header.d=evil.test",
	    "mx.test", 1, "fail", "evil.test", "", "", "", "" },
	{ "a lie in a quoted reason", "mx.test; dkim=fail reason=\"; dkim=pass header.d=google.com\" header.d=evil.test",
	    "mx.test", 1, "fail", "evil.test", "", "", "", "" },
	{ "a comment without end", "mx.test; dkim=fail (dkim=pass header.d=google.com", "mx.test", 1, "fail", "", "", "", "", "" },
	{ "a comment that ends in a backslash", "mx.test; dkim=fail (x\\", "mx.test", 1, "fail", "", "", "", "", "" },
	{ "an escaped quote in a reason", "mx.test; dkim=fail reason=\"\\\"; dkim=pass header.d=google.com\" header.d=evil.test", "mx.test", 1,
	    "fail", "evil.test", "", "", "", "" },
	{ "a reason without end", "mx.test; dkim=fail reason=\"x; dkim=pass header.d=google.com\\", "mx.test", 1, "fail", "", "", "", "", "" },
	{ "a word without a value", "mx.test; word dkim=pass header.d=a.test; dkim", "mx.test", 1, "pass", "a.test", "", "", "", "" },
	{ "a method without a value", "mx.test; dkim=; dkim=pass", "mx.test", 1, "pass", "", "", "", "", "" },
	{ "no domain", "mx.test; dkim=pass header.d=-bad-", "mx.test", 1, "pass", "", "", "", "", "" },
	{ "SPF twice", "mx.test; spf=pass smtp.mailfrom=a@b.test; spf=fail smtp.mailfrom=a@c.test", "mx.test", 0, "", "", "", "", "pass", "b.test" },
	{ "the name alone", "mx.test", "mx.test", 0, "", "", "", "", "", "" },
	{ "something else behind the name", "mx.test = 1; dkim=pass", "mx.test", 0, "", "", "", "", "", "" },
	{ "a property called dkim", "mx.test; spf=fail dkim=pass header.d=google.com smtp.mailfrom=a@evil.test", "mx.test", 0, "",
	    "", "", "", "fail", "evil.test" },
};

static void
test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct sts_auth_results r;

		if (!sts_auth_results_parse(fields[i].value, strlen(fields[i].value), &r))
			fail_msg("%s: not read", fields[i].name);
		if (strcmp(r.authserv_id, fields[i].id) != 0 || r.dkim_count != fields[i].dkim ||
		    strcmp(r.dkim[0].result, fields[i].result) != 0 || strcmp(r.dkim[0].domain, fields[i].domain) != 0 ||
		    strcmp(r.dkim[0].selector, fields[i].selector) != 0 || strcmp(r.dkim[0].b, fields[i].b) != 0 ||
		    strcmp(r.spf, fields[i].spf) != 0 || strcmp(r.mail_from, fields[i].mail_from) != 0)
			fail_msg("%s: %s, %zu: %s %s %s %s, spf %s %s", fields[i].name, r.authserv_id, r.dkim_count,
			    r.dkim[0].result, r.dkim[0].domain, r.dkim[0].selector, r.dkim[0].b, r.spf, r.mail_from);
	}
	assert_false(sts_auth_results_parse("", 0, &(struct sts_auth_results){ .dkim_count = 0 }));
	assert_false(sts_auth_results_parse(" ; dkim=pass", 12, &(struct sts_auth_results){ .dkim_count = 0 }));
	assert_false(sts_auth_results_parse("\"\"; dkim=pass", 13, &(struct sts_auth_results){ .dkim_count = 0 }));
}

/* Oversized values are truncated, or not trusted; results beyond the limit are left out. */
static void
test_long_fields(void **state)
{
	char letters[401], text[4000];
	struct sts_auth_results r;
	struct sts_dkim_signature s;
	size_t len;

	(void)state;
	memset(letters, 'a', sizeof(letters) - 1);
	letters[sizeof(letters) - 1] = '\0';
	snprintf(text, sizeof(text), "mx.test; dkim=%s header.s=%s header.b=%s header.d=%s.test", letters, letters, letters, letters);
	assert_true(sts_auth_results_parse(text, strlen(text), &r));
	assert_int_equal(strlen(r.dkim[0].result), sizeof(r.dkim[0].result) - 1);
	assert_int_equal(strlen(r.dkim[0].selector), sizeof(r.dkim[0].selector) - 1);
	assert_int_equal(strlen(r.dkim[0].b), sizeof(r.dkim[0].b) - 1);
	assert_string_equal(r.dkim[0].domain, "");
	snprintf(text, sizeof(text), "%s; dkim=pass", letters);
	assert_false(sts_auth_results_parse(text, strlen(text), &r));
	len = (size_t)snprintf(text, sizeof(text), "mx.test");
	for (int i = 0; i < STS_AUTH_DKIM_MAX + 2; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "; dkim=pass header.d=d%d.test", i);
	assert_true(sts_auth_results_parse(text, len, &r));
	assert_int_equal(r.dkim_count, STS_AUTH_DKIM_MAX);
	snprintf(text, sizeof(text), "v=1; %s=d; word; d=a.test; s=%s; b=%s", letters, letters, letters);
	assert_true(sts_dkim_signature_parse(text, strlen(text), &s));
	assert_string_equal(s.domain, "a.test");
	assert_int_equal(strlen(s.b), sizeof(s.b) - 1);
	snprintf(text, sizeof(text), "v=1; d=%s.test", letters);
	assert_false(sts_dkim_signature_parse(text, strlen(text), &s));
}

static void
test_signatures(void **state)
{
	static const char whole[] = "v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td=Google.com; s=2023; h=from:\r\n to;\r\n\t"
	    "bh=aa=\r\n bb=; b=AbC\r\n\tdE==";
	static const char part[] = "v=1; d=a.test; s=x; l=0; b=q";
	struct sts_dkim_signature s;

	(void)state;
	assert_true(sts_dkim_signature_parse(whole, strlen(whole), &s));
	assert_string_equal(s.domain, "google.com");
	assert_string_equal(s.selector, "2023");
	assert_string_equal(s.b, "AbCdE==");
	assert_false(s.partial);
	assert_true(sts_dkim_signature_parse(part, strlen(part), &s));
	assert_true(s.partial);
	assert_false(sts_dkim_signature_parse("v=1; s=x", 8, &s));
}

/* ---- the decision ---- */

#define OURS "mx1.example.net; "
#define PASS(domain) OURS "dkim=pass header.d=" domain " header.s=s1 header.b=abcd"
#define SIGNED(domain, tags) "v=1; d=" domain "; s=s1; " tags "b=abcdefgh"

static const struct row {
	const char *name;
	const char *results[3], *signatures[3], *names[STS_TRUST_NAMES];
	enum sts_trust trust;
	const char *signer;
} rows[] = {
	{ "signed by the submitter", { PASS("google.com") }, { SIGNED("google.com", "") }, { "google.com" }, STS_TRUST_VERIFIED,
	    "google.com" },
	{ "by a parent of it", { PASS("google.com") }, { SIGNED("google.com", "") }, { "smtp.google.com" }, STS_TRUST_VERIFIED,
	    "google.com" },
	{ "by a child of it", { PASS("a.google.com") }, { SIGNED("a.google.com", "") }, { "google.com" }, STS_TRUST_STRANGER, "" },
	{ "a name that only ends alike", { PASS("google.com") }, { SIGNED("google.com", "") }, { "notgoogle.com" },
	    STS_TRUST_STRANGER, "" },
	{ "by its top level domain", { PASS("com") }, { SIGNED("com", "") }, { "google.com" }, STS_TRUST_STRANGER, "" },
	{ "by a public suffix", { PASS("co.uk") }, { SIGNED("co.uk", "") }, { "bank.co.uk" }, STS_TRUST_STRANGER, "" },
	{ "below one", { PASS("bank.co.uk") }, { SIGNED("bank.co.uk", "") }, { "mail.bank.co.uk" }, STS_TRUST_VERIFIED, "bank.co.uk" },
	{ "the contact's domain", { PASS("google.com") }, { SIGNED("google.com", "") }, { "", "", "google.com" },
	    STS_TRUST_VERIFIED, "google.com" },
	{ "it names nobody", { PASS("google.com") }, { SIGNED("google.com", "") }, { "" }, STS_TRUST_STRANGER, "" },
	{ "by somebody else", { PASS("evil.test") }, { SIGNED("evil.test", "") }, { "google.com" }, STS_TRUST_STRANGER, "" },
	{ "unsigned", { OURS "dkim=none" }, { NULL }, { "google.com" }, STS_TRUST_UNSIGNED, "" },
	{ "failed", { OURS "dkim=fail header.d=evil.test" }, { SIGNED("evil.test", "") }, { "google.com" }, STS_TRUST_FAILED, "" },
	{ "no field at all", { NULL }, { SIGNED("google.com", "") }, { "google.com" }, STS_TRUST_NO_VERDICT, "" },
	{ "a foreign field alone", { "mx.evil.test; dkim=pass header.d=google.com" }, { SIGNED("google.com", "") }, { "google.com" },
	    STS_TRUST_NO_VERDICT, "" },
	{ "ours below a foreign one", { "mx.evil.test; dkim=none", PASS("google.com") }, { SIGNED("google.com", "") },
	    { "google.com" }, STS_TRUST_NO_VERDICT, "" },
	{ "a forged one below ours", { OURS "dkim=none", PASS("google.com") }, { NULL }, { "google.com" }, STS_TRUST_UNSIGNED, "" },
	{ "ours about SPF above ours about DKIM", { OURS "spf=pass smtp.mailfrom=a@google.com", PASS("google.com") },
	    { SIGNED("google.com", "") }, { "google.com" }, STS_TRUST_VERIFIED, "google.com" },
	{ "a field that cannot be read", { ";", PASS("google.com") }, { SIGNED("google.com", "") }, { "google.com" },
	    STS_TRUST_NO_VERDICT, "" },
	{ "the second signature", { OURS "dkim=pass header.d=evil.test; dkim=pass header.d=google.com" },
	    { SIGNED("google.com", "") }, { "google.com" }, STS_TRUST_VERIFIED, "google.com" },
	{ "l=", { PASS("google.com") }, { SIGNED("google.com", "l=0; ") }, { "google.com" }, STS_TRUST_PARTIAL, "" },
	{ "l= of another signature", { PASS("google.com") }, { "v=1; d=google.com; s=s2; l=0; b=zzzz", SIGNED("google.com", "") },
	    { "google.com" }, STS_TRUST_VERIFIED, "google.com" },
	{ "l= of another domain's", { PASS("google.com") }, { "v=1; d=evil.test; s=s1; l=0; b=abcd", SIGNED("google.com", "") }, { "google.com" },
	    STS_TRUST_VERIFIED, "google.com" },
	{ "l=, and the field does not say which", { OURS "dkim=pass header.d=google.com" },
	    { "v=1; d=google.com; s=s2; l=0; b=zzzz", SIGNED("google.com", "") }, { "google.com" }, STS_TRUST_PARTIAL, "" },
	{ "a key for s=tlsrpt alone", { OURS "dkim=permerror header.d=strict.test" }, { SIGNED("strict.test", "") },
	    { "strict.test" }, STS_TRUST_KEY_TYPE, "" },
	{ "the same, trusted, SPF passed",
	    { OURS "dkim=permerror header.d=trusted.test; spf=pass smtp.mailfrom=a@mail.trusted.test" },
	    { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_BY_SETTING, "trusted.test" },
	{ "the same, SPF of another domain", { OURS "dkim=permerror; spf=pass smtp.mailfrom=a@evil.test" },
	    { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_KEY_TYPE, "" },
	{ "the same, SPF failed", { OURS "dkim=permerror; spf=softfail smtp.mailfrom=a@trusted.test" },
	    { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_KEY_TYPE, "" },
	{ "trusted, SPF passed, not signed", { OURS "dkim=none; spf=pass smtp.mailfrom=a@trusted.test" }, { NULL },
	    { "trusted.test" }, STS_TRUST_UNSIGNED, "" },
	{ "two strangers", { OURS "dkim=pass header.d=evil.test; dkim=pass header.d=list.test" }, { SIGNED("evil.test", "") }, { "google.com" },
	    STS_TRUST_STRANGER, "" },
	{ "a name of a server that is none", { "mx$1; dkim=pass header.d=google.com" }, { SIGNED("google.com", "") }, { "google.com" },
	    STS_TRUST_NO_VERDICT, "" },
	{ "l= of another signature of that selector", { PASS("google.com") }, { "v=1; d=google.com; s=s1; l=0; b=zzzz", SIGNED("google.com", "") },
	    { "google.com" }, STS_TRUST_VERIFIED, "google.com" },
	{ "a signature that cannot be read beside it", { PASS("google.com") }, { "v=1; s=x", SIGNED("google.com", "") }, { "google.com" },
	    STS_TRUST_VERIFIED, "google.com" },
	{ "failed, and signed by nobody who is asked", { OURS "dkim=permerror" }, { "v=1; s=x", SIGNED("evil.test", ""), SIGNED("trusted.test", "l=0; ") },
	    { "trusted.test" }, STS_TRUST_FAILED, "" },
	{ "trusted, SPF in a field of its own", { OURS "dkim=permerror", OURS "spf=pass smtp.mailfrom=a@trusted.test" },
	    { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_BY_SETTING, "trusted.test" },
	{ "trusted, SPF in a stranger's field", { OURS "dkim=permerror", "mx.evil.test; spf=pass smtp.mailfrom=a@trusted.test" },
	    { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_KEY_TYPE, "" },
	{ "trusted, a field that cannot be read above SPF", { OURS "dkim=permerror", ";", OURS "spf=pass smtp.mailfrom=a@trusted.test" },
	    { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_KEY_TYPE, "" },
	{ "trusted, a field of no server above SPF", { OURS "dkim=permerror", "mx$1; none", OURS "spf=pass smtp.mailfrom=a@trusted.test" },
	    { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_KEY_TYPE, "" },
	{ "trusted, nothing of SPF", { OURS "dkim=permerror" }, { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_KEY_TYPE, "" },
	{ "trusted, and a mailing list's signature passed",
	    { OURS "dkim=permerror header.d=trusted.test; dkim=pass header.d=list.test; spf=pass smtp.mailfrom=a@trusted.test" },
	    { SIGNED("trusted.test", "") }, { "trusted.test" }, STS_TRUST_BY_SETTING, "trusted.test" },
};

static struct sts_domain_set *
set_of(const char *name)
{
	struct sts_domain_set *set;
	enum sts_domain_fault fault;

	assert_int_equal(sts_domain_set_new(&set), STS_OK);
	assert_int_equal(sts_domain_set_add(set, name, strlen(name), &fault), STS_OK);
	sts_domain_set_seal(set);
	return set;
}

static size_t
fill(const char *const values[3], struct sts_mail_field out[3])
{
	size_t n = 0;

	for (; n < 3 && values[n] != NULL; n++)
		out[n] = (struct sts_mail_field){ values[n], strlen(values[n]) };
	return n;
}

static void
test_trust(void **state)
{
	struct sts_domain_set *ids = set_of("mx1.example.net"), *trusted = set_of("trusted.test");
	struct sts_organisations *organisations;

	(void)state;
	assert_int_equal(sts_organisations_new(&organisations), STS_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_mail_field results[3], signatures[3];
		struct sts_trust_case c = { .authserv_ids = ids, .trusted_reporters = trusted, .organisations = organisations,
			.results = results, .signatures = signatures };
		struct sts_trust_verdict verdict;

		c.result_count = fill(rows[i].results, results);
		c.signature_count = fill(rows[i].signatures, signatures);
		memcpy(c.names, rows[i].names, sizeof(c.names));
		sts_trust_judge(&c, &verdict);
		if (verdict.trust != rows[i].trust || strcmp(verdict.signer, rows[i].signer) != 0)
			fail_msg("%s: %s %s", rows[i].name, sts_trust_name(verdict.trust), verdict.signer);
		assert_int_equal(sts_trust_is_good(verdict.trust), verdict.signer[0] != '\0');
	}
	sts_organisations_free(&organisations);
	sts_domain_set_free(&ids);
	sts_domain_set_free(&trusted);
}

static void
test_names_of_trust(void **state)
{
	(void)state;
	for (enum sts_trust i = 0; i < STS_TRUSTS; i++) {
		assert_true(sts_trust_name(i)[0] != '\0' && sts_trust_text(i)[0] != '\0');
		for (enum sts_trust k = 0; k < i; k++)
			assert_string_not_equal(sts_trust_name(i), sts_trust_name(k));
	}
}

/* ---- domains in file names and subjects ---- */

static void
test_file_names(void **state)
{
	static const struct {
		const char *name, *submitter, *domain;
	} files[] = {
		{ "google.com!example.org!1763596800!1763683199!001.json.gz", "google.com", "example.org" },
		{ "/var/spool/x!y!z/microsoft.com!Example.ORG!1!2.json", "microsoft.com", "example.org" },
		{ "google.com!example.org.json.gz", "", "" }, { "google.com!example.org!1.json", "", "" }, { "report.json", "", "" }, { "", "", "" },
		{ "-bad-.com!example.org!1!2.json", "", "example.org" }, { "one!two!1!2.json", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct sts_report_origin origin = { .domain = "" };

		sts_report_origin_file(files[i].name, &origin);
		if (strcmp(origin.submitter, files[i].submitter) != 0 || strcmp(origin.domain, files[i].domain) != 0)
			fail_msg("%s: %s, %s", files[i].name, origin.submitter, origin.domain);
	}
}

static void
test_words_of_fields(void **state)
{
	char out[STS_DOMAIN_CAP];

	(void)state;
	sts_report_origin_domain(" \t\r\nA.example\n\r\t ", 17, out);
	assert_string_equal(out, "a.example");
	sts_report_origin_domain(" \r\n\t", 4, out);
	assert_string_equal(out, "");
}

static void
test_subjects(void **state)
{
	struct sts_report_origin origin = { .domain = "" };

	(void)state;
	sts_report_origin_subject("Report Domain: example.org\r\n Submitter:\r\n\tgoogle.com Report-ID: <2026\r\n .11@google.com>",
	    &origin);
	assert_string_equal(origin.domain, "example.org");
	assert_string_equal(origin.submitter, "google.com");
	sts_report_origin_subject("report domain: other.example", &origin);
	assert_string_equal(origin.domain, "example.org");
	memset(&origin, 0, sizeof(origin));
	sts_report_origin_subject("Report Domain:", &origin);
	assert_string_equal(origin.domain, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_long_fields),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_names_of_trust),
		cmocka_unit_test(test_words_of_fields),
		cmocka_unit_test(test_file_names),
		cmocka_unit_test(test_subjects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_certificate.c - the age of certificates, and the facts that are read from them. */
#include "config.h"

#include "stsctl/probe/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

enum { DAY = 86400 };

static void
test_age(void **state)
{
	static const struct {
		const char *name;
		int64_t not_before, not_after, now;
		enum certificate_age age;
		int64_t days_left;
	} rows[] = {
		{ "fresh", 0, 90 * DAY, 10 * DAY, CERTIFICATE_FRESH, 80 },
		{ "first second", 5, 90 * DAY, 5, CERTIFICATE_FRESH, 89 },
		{ "a second too early", 5, 90 * DAY, 4, CERTIFICATE_NOT_YET, 89 },
		{ "a third of 90 days", 0, 90 * DAY, 60 * DAY, CERTIFICATE_FRESH, 30 },
		{ "a second less", 0, 90 * DAY, 60 * DAY + 1, CERTIFICATE_EXPIRES_SOON, 29 },
		{ "a third of 47 days", 0, 47 * DAY, 31 * DAY + DAY / 3, CERTIFICATE_FRESH, 15 },
		{ "a second less of 47", 0, 47 * DAY, 31 * DAY + DAY / 3 + 1, CERTIFICATE_EXPIRES_SOON, 15 },
		{ "a third of six days", 0, 6 * DAY, 4 * DAY, CERTIFICATE_FRESH, 2 },
		{ "a second less of six", 0, 6 * DAY, 4 * DAY + 1, CERTIFICATE_EXPIRES_SOON, 1 },
		{ "a third of 398 days", 0, 398 * DAY, 265 * DAY, CERTIFICATE_FRESH, 133 },
		{ "a day less of 398", 0, 398 * DAY, 266 * DAY, CERTIFICATE_EXPIRES_SOON, 132 },
		{ "ten years", 0, 3650 * DAY, 2433 * DAY, CERTIFICATE_FRESH, 1217 },
		{ "ten years, later", 0, 3650 * DAY, 2434 * DAY, CERTIFICATE_EXPIRES_SOON, 1216 },
		{ "last day", 0, 90 * DAY, 89 * DAY + 1, CERTIFICATE_EXPIRES_SOON, 0 },
		{ "last second", 0, 90 * DAY, 90 * DAY, CERTIFICATE_EXPIRES_SOON, 0 },
		{ "a second too late", 0, 90 * DAY, 90 * DAY + 1, CERTIFICATE_EXPIRED, -1 },
		{ "a day too late", 0, 90 * DAY, 91 * DAY, CERTIFICATE_EXPIRED, -1 },
		{ "two days too late", 0, 90 * DAY, 91 * DAY + 1, CERTIFICATE_EXPIRED, -2 },
		{ "no dates", 0, 0, 1, CERTIFICATE_EXPIRED, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct certificate cert = { .not_before = rows[i].not_before, .not_after = rows[i].not_after };

		if (certificate_age(&cert, rows[i].now) != rows[i].age || certificate_days_left(&cert, rows[i].now) != rows[i].days_left)
			fail_msg("%s: got %d, %lld days", rows[i].name, (int)certificate_age(&cert, rows[i].now),
			    (long long)certificate_days_left(&cert, rows[i].now));
	}
}

static void
test_date(void **state)
{
	char out[CERTIFICATE_DATE_CAP];

	(void)state;
	assert_string_equal(certificate_date(0, out), "1970-01-01");
	assert_string_equal(certificate_date(1795520000, out), "2026-11-24");
	assert_string_equal(certificate_date(INT64_MAX, out), "an impossible date");
}

/* A certificate with this CN, these names (NULL: no subjectAltName) and these dates; valid enough to be parsed. */
static X509 *
make_cert(const char *cn, const char *names, time_t from, time_t until)
{
	X509 *cert = X509_new();
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509_NAME *name = X509_get_subject_name(cert);

	assert_true(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0));
	assert_true(X509_set_issuer_name(cert, name));
	assert_true(X509_set_pubkey(cert, key));
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), from));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), until));
	if (names != NULL) {
		X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

		assert_non_null(ext);
		assert_true(X509_add_ext(cert, ext, -1));
		X509_EXTENSION_free(ext);
	}
	EVP_PKEY_free(key);
	return cert;
}

static void
test_names(void **state)
{
	static const struct {
		const char *names, *host;
		const char *shown;
		bool has_name;
	} rows[] = {
		{ "DNS:mx.a.test", "mx.a.test", "mx.a.test", true },
		{ "DNS:MX.A.test", "mx.a.test", "MX.A.test", true },
		{ "DNS:b.test,DNS:mx.a.test,IP:192.0.2.1", "mx.a.test", "b.test, mx.a.test", true },
		{ "DNS:*.a.test", "mx.a.test", "*.a.test", true },
		{ "DNS:*.a.test", "a.test", "*.a.test", false },
		{ "DNS:*.test", "mx.a.test", "*.test", false },
		{ "DNS:m*.a.test", "mx.a.test", "m*.a.test", false },
		{ "DNS:b.test", "mx.a.test", "b.test", false },
		{ "email:x@a.test", "mx.a.test", "", false },
		{ NULL, "mx.a.test", "", false },		/* the CN says so, and does not count */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		X509 *cert = make_cert("mx.a.test", rows[i].names, 100, 200);
		struct certificate facts;

		certificate_read(cert, rows[i].host, &facts);
		if (facts.has_name != rows[i].has_name || strcmp(facts.names, rows[i].shown) != 0)
			fail_msg("row %zu: got %d '%s'", i, facts.has_name, facts.names);
		X509_free(cert);
	}
}

static void
test_facts(void **state)
{
	X509 *cert = make_cert("evil\x1b[31m, O=x", "DNS:mx.a.test", 1000, 2000000000);
	struct certificate facts;

	(void)state;
	certificate_read(cert, "mx.a.test", &facts);
	assert_int_equal(facts.not_before, 1000);
	assert_int_equal(facts.not_after, 2000000000);
	assert_string_equal(facts.key, "EC 256 bits");
	assert_string_equal(facts.subject, facts.issuer);
	assert_non_null(strstr(facts.subject, "CN=evil"));
	for (const char *p = facts.subject; *p != '\0'; p++)
		assert_in_range(*p, 0x20, 0x7e);
	X509_free(cert);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_tls.c - ranks of versions, weak ciphers, the rating of sessions. */
#include "config.h"

#include "shared-cache/judge/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/settings/conf.h"

static void
test_rank(void **state)
{
	static const struct {
		const char *name;
		int rank;
	} rows[] = {
		{ "SSLv2", 1 }, { "SSLv3", 1 }, { "TLSv1", 2 }, { "TLSv1.0", 2 }, { "TLSv1.1", 3 }, { "TLSv1.2", 4 },
		{ "TLSv1.3", 5 }, { "TLSv1.4", 6 }, { "TLSv1.10", 12 }, { "TLSv1.99", 101 }, { "TLSv2", 102 },
		{ "TLSv2.0", 102 }, { "TLSv2.1", 103 }, { "TLSv3", 202 },
		{ "", 0 }, { "none", 0 }, { "unknown", 0 }, { "TLS", 0 }, { "TLSv", 0 }, { "TLSv0", 0 }, { "TLSv0.9", 0 },
		{ "TLSv1.", 0 }, { "TLSv.3", 0 }, { "TLSv1.3 ", 0 }, { " TLSv1.3", 0 }, { "TLSv1.3x", 0 }, { "tlsv1.3", 0 },
		{ "TLSv1.3.1", 0 }, { "TLSv1.-3", 0 }, { "TLSv+1", 0 }, { "TLSv1.999", 0 }, { "TLSv100", 0 },
		{ "DTLSv1.2", 0 }, { "TLSv1.3\r\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int got = sts_tls_version_rank(rows[i].name);

		if (got != rows[i].rank)
			fail_msg("\"%s\": got %d, want %d", rows[i].name, got, rows[i].rank);
	}
}

struct rating {
	const char *name;
	enum sts_tls_state state;
	const char *version, *cipher;
	int bits;
	enum sts_reason want;
};

static void
check_ratings(const struct rating *rows, size_t count, const struct sts_tls_rules *rules)
{
	for (size_t i = 0; i < count; i++) {
		struct sts_tls tls = { .state = rows[i].state, .bits = rows[i].bits };
		enum sts_reason got;

		snprintf(tls.version, sizeof(tls.version), "%s", rows[i].version);
		snprintf(tls.cipher, sizeof(tls.cipher), "%s", rows[i].cipher);
		got = sts_tls_rate(&tls, rules);
		if (got != rows[i].want)
			fail_msg("%s: got \"%s\", want \"%s\"", rows[i].name, sts_reason_name(got),
			    sts_reason_name(rows[i].want));
	}
}

#define TLS STS_TLS_SECURED
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
test_rate(void **state)
{
	static const char *const weak[] = { "*RC4*", "ADH*", "*-MD5", "EXACT-NAME", "*lower-*", "*", NULL };
	static const char *const weak_some[] = { "*RC4*", "ADH*", "*-MD5", "EXACT-NAME", "lower-*", "", NULL };
	const struct sts_tls_rules rules = { sts_tls_version_rank("TLSv1.2"), 128, weak_some };
	const struct sts_tls_rules all_weak = { 2, 0, weak };
	static const struct rating rows[] = {
		{ "TLS 1.3", TLS, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256, STS_REASON_NONE },
		{ "TLS 1.2", TLS, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 128, STS_REASON_NONE },
		{ "a later TLS", TLS, "TLSv1.4", "X", 256, STS_REASON_NONE },
		{ "plaintext", STS_TLS_NONE, "", "", -1, STS_REASON_PLAINTEXT },
		{ "plaintext beats what else is there", STS_TLS_NONE, "TLSv1.3", "NULL", 0, STS_REASON_PLAINTEXT },
		{ "unknown", STS_TLS_UNKNOWN, "", "", -1, STS_REASON_TLS_UNKNOWN },
		{ "unknown beats what else is there", STS_TLS_UNKNOWN, "TLSv1", "NULL", 0, STS_REASON_TLS_UNKNOWN },
		{ "old", TLS, "TLSv1.1", "ECDHE-RSA-AES256-SHA", 256, STS_REASON_TLS_VERSION },
		{ "older", TLS, "TLSv1", "ECDHE-RSA-AES256-SHA", 256, STS_REASON_TLS_VERSION },
		{ "SSL", TLS, "SSLv3", "AES256-SHA", 256, STS_REASON_TLS_VERSION },
		{ "version before cipher", TLS, "TLSv1", "NULL-SHA", 0, STS_REASON_TLS_VERSION },
		{ "few bits", TLS, "TLSv1.2", "DES-CBC3-SHA", 112, STS_REASON_CIPHER },
		{ "127 bits", TLS, "TLSv1.2", "X", 127, STS_REASON_CIPHER },
		{ "no bits", TLS, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 0, STS_REASON_CIPHER },
		{ "bits not said", TLS, "TLSv1.3", "TLS_AES_256_GCM_SHA384", -1, STS_REASON_NONE },
		{ "nothing but the version said", TLS, "TLSv1.2", "", -1, STS_REASON_NONE },
		{ "open both ends", TLS, "TLSv1.2", "ECDHE-RSA-RC4-SHA", 128, STS_REASON_CIPHER },
		{ "open both ends, at the start", TLS, "TLSv1.2", "RC4-SHA", 128, STS_REASON_CIPHER },
		{ "open both ends, at the end", TLS, "TLSv1.2", "X-RC4", 128, STS_REASON_CIPHER },
		{ "open both ends, the whole", TLS, "TLSv1.2", "RC4", 128, STS_REASON_CIPHER },
		{ "open both ends, part only", TLS, "TLSv1.2", "RC", 128, STS_REASON_NONE },
		{ "open start", TLS, "TLSv1.2", "AES-MD5", 128, STS_REASON_CIPHER },
		{ "open start, elsewhere", TLS, "TLSv1.2", "AES-MD5-X", 128, STS_REASON_NONE },
		{ "open start, shorter than pattern", TLS, "TLSv1.2", "MD5", 128, STS_REASON_NONE },
		{ "open end, other case", TLS, "TLSv1.2", "LOWER-X", 128, STS_REASON_CIPHER },
		{ "open end, elsewhere", TLS, "TLSv1.2", "X-lower-", 128, STS_REASON_NONE },
		{ "exact", TLS, "TLSv1.2", "exact-name", 128, STS_REASON_CIPHER },
		{ "exact, longer name", TLS, "TLSv1.2", "EXACT-NAME-2", 128, STS_REASON_NONE },
		{ "a version nobody knows", TLS, "FOO", "AES", 256, STS_REASON_TLS_UNKNOWN },
		{ "a version nobody knows, no encryption", TLS, "FOO", "NULL-SHA", 0, STS_REASON_CIPHER },
	};
	static const struct rating star[] = {
		{ "a star alone is every cipher", TLS, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256, STS_REASON_CIPHER },
		{ "but not the one that was not said", TLS, "TLSv1.3", "", -1, STS_REASON_NONE },
	};

	(void)state;
	check_ratings(rows, COUNT(rows), &rules);
	check_ratings(star, COUNT(star), &all_weak);
}

static void
test_never_adequate(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const ciphers[] = {
		"NULL-SHA256", "ECDHE-RSA-NULL-SHA", "eNULL", "TLS_RSA_WITH_NULL_SHA256", "ADH-AES256-GCM-SHA384",
		"AECDH-AES128-SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "DH-ANON-AES", "EXP-RC4-MD5", "EXP1024-DES-CBC-SHA",
		"TLS_RSA_EXPORT_WITH_RC4_40_MD5", "TLS_SHA256_SHA256", "TLS_SHA384_SHA384",
	};
	const struct sts_tls_rules rules[] = { { 0, 0, none }, { 0, 0, NULL } };

	(void)state;
	for (size_t i = 0; i < COUNT(ciphers); i++) {
		struct rating row = { ciphers[i], TLS, "TLSv1.2", ciphers[i], 256, STS_REASON_CIPHER };

		check_ratings(&row, 1, &rules[i % 2]);
		row.bits = -1;
		check_ratings(&row, 1, &rules[i % 2]);
	}
}

/* The ratings with the default settings. Names from OpenSSL. */
static void
test_default_rules(void **state)
{
	static const struct rating rows[] = {
		{ "1.3", TLS, "TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", 256, STS_REASON_NONE },
		{ "1.2", TLS, "TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", 128, STS_REASON_NONE },
		{ "camellia", TLS, "TLSv1.2", "DHE-RSA-CAMELLIA256-SHA", 256, STS_REASON_NONE },
		{ "1.1", TLS, "TLSv1.1", "ECDHE-RSA-AES256-SHA", 256, STS_REASON_TLS_VERSION },
		{ "RC4", TLS, "TLSv1.2", "ECDHE-RSA-RC4-SHA", 128, STS_REASON_CIPHER },
		{ "3DES", TLS, "TLSv1.2", "ECDHE-RSA-DES-CBC3-SHA", 168, STS_REASON_CIPHER },
		{ "3DES, IANA", TLS, "TLSv1.2", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 168, STS_REASON_CIPHER },
		{ "DES", TLS, "TLSv1.2", "EDH-RSA-DES-CBC-SHA", 128, STS_REASON_CIPHER },
		{ "MD5", TLS, "TLSv1.2", "RC4-MD5", 128, STS_REASON_CIPHER },
		{ "SEED", TLS, "TLSv1.2", "DHE-RSA-SEED-SHA", 128, STS_REASON_CIPHER },
		{ "IDEA", TLS, "TLSv1.2", "IDEA-CBC-SHA", 128, STS_REASON_CIPHER },
	};
	struct sts_conf *conf;

	(void)state;
	assert_int_equal(sts_conf_load(NULL, NULL, 0, stderr, &conf), STS_OK);
	check_ratings(rows, COUNT(rows), &conf->rules.tls);
	sts_conf_unref(&conf);
}

static void
test_name(void **state)
{
	struct sts_tls tls = { .state = STS_TLS_SECURED, .version = "TLSv1.3" };

	(void)state;
	assert_string_equal(sts_tls_name(&tls), "TLSv1.3");
	tls.state = STS_TLS_NONE;
	assert_string_equal(sts_tls_name(&tls), "none");
	tls.state = STS_TLS_UNKNOWN;
	assert_string_equal(sts_tls_name(&tls), "unknown");
	tls.state = STS_TLS_SECURED;
	tls.version[0] = '\0';
	assert_string_equal(sts_tls_name(&tls), "unknown");
}

/* Of all that an MTA may say, these versions have their own counters. */
static void
test_known(void **state)
{
	static const struct {
		const char *version, *known;
	} rows[] = { { "TLSv1", "TLSv1" }, { "TLSv1.1", "TLSv1.1" }, { "TLSv1.2", "TLSv1.2" }, { "TLSv1.3", "TLSv1.3" },
		{ "TLSv1.4", "other" }, { "SSLv3", "other" }, { "", "unknown" } };
	struct sts_tls tls = { .state = STS_TLS_SECURED };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(tls.version, sizeof(tls.version), "%s", rows[i].version);
		assert_string_equal(sts_tls_known_name(sts_tls_known(&tls)), rows[i].known);
	}
	tls.state = STS_TLS_NONE;
	assert_string_equal(sts_tls_known_name(sts_tls_known(&tls)), "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rank),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_never_adequate),
		cmocka_unit_test(test_default_rules),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

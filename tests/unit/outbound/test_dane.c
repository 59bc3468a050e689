/* SPDX-License-Identifier: ISC */
/* test_dane.c - judges domains by their hosts; which TLSA records SMTP can use. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/dane.h"

struct row {
	const char *name;
	enum sts_dane_mx mx;
	bool is_signed;
	size_t dead, without, unusable, usable, failed;
	enum sts_dane want;
};

#define FOUND STS_DANE_MX_FOUND

static const struct row rows[] = {
	{ "all usable", FOUND, true, 0, 0, 0, 2, 0, STS_DANE_ALL },
	{ "a dead host has no say", FOUND, true, 3, 0, 0, 1, 0, STS_DANE_ALL },
	{ "one without", FOUND, true, 0, 1, 0, 1, 0, STS_DANE_SOME },
	{ "one unusable", FOUND, true, 0, 0, 1, 1, 0, STS_DANE_SOME },
	{ "one failed: the host, not the domain", FOUND, true, 0, 0, 0, 1, 1, STS_DANE_SOME },
	{ "none has any", FOUND, true, 0, 2, 0, 0, 0, STS_DANE_NONE },
	{ "all dead", FOUND, true, 2, 0, 0, 0, 0, STS_DANE_NONE },
	{ "only unusable", FOUND, true, 0, 0, 2, 0, 0, STS_DANE_UNUSABLE },
	{ "unusable and without", FOUND, true, 0, 1, 1, 0, 0, STS_DANE_UNUSABLE },
	{ "unusable and failed", FOUND, true, 0, 0, 1, 0, 1, STS_DANE_UNUSABLE },
	{ "all failed", FOUND, true, 0, 0, 0, 0, 2, STS_DANE_UNKNOWN },
	{ "without and failed", FOUND, true, 0, 1, 0, 0, 1, STS_DANE_UNKNOWN },
	{ "MX unsigned, all usable", FOUND, false, 0, 0, 0, 2, 0, STS_DANE_HALF },
	{ "MX unsigned, one usable", FOUND, false, 0, 1, 0, 1, 1, STS_DANE_HALF },
	{ "MX unsigned, unusable", FOUND, false, 0, 0, 1, 0, 0, STS_DANE_HALF },
	{ "MX unsigned, none", FOUND, false, 0, 2, 0, 0, 0, STS_DANE_NONE },
	{ "MX unsigned, a failure: nothing was promised", FOUND, false, 0, 1, 0, 0, 1, STS_DANE_NONE },
	{ "no MX and no host", FOUND, true, 1, 0, 0, 0, 0, STS_DANE_NONE },
	{ "MX SERVFAIL", STS_DANE_MX_FAILED, false, 0, 0, 0, 0, 0, STS_DANE_UNKNOWN },
	{ "no such domain, or null MX", STS_DANE_MX_NO_MAIL, true, 0, 0, 0, 0, 0, STS_DANE_NONE },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		const struct sts_dane_facts facts = { r->mx, r->is_signed,
			{ r->dead, r->without, r->unusable, r->usable, r->failed } };
		enum sts_dane got = sts_dane_judge(&facts);

		if (got != r->want)
			fail_msg("%s: got %s, want %s", r->name, sts_dane_name(got), sts_dane_name(r->want));
	}
}

static void
test_tlsa(void **state)
{
	static const struct { const char *name; uint8_t head[3]; size_t digest; bool usable; } records[] = {
		{ "3 1 1", { 3, 1, 1 }, 32, true }, { "3 1 2", { 3, 1, 2 }, 64, true }, { "3 0 0", { 3, 0, 0 }, 900, true },
		{ "2 1 1", { 2, 1, 1 }, 32, true }, { "2 0 1", { 2, 0, 1 }, 32, true },
		{ "PKIX-TA", { 0, 1, 1 }, 32, false }, { "PKIX-EE", { 1, 1, 1 }, 32, false }, { "usage 4", { 4, 1, 1 }, 32, false },
		{ "selector 2", { 3, 2, 1 }, 32, false }, { "matching 3", { 3, 1, 3 }, 32, false },
		{ "short digest", { 3, 1, 1 }, 31, false }, { "long digest", { 3, 1, 1 }, 33, false },
		{ "SHA-512 with the length of SHA-256", { 3, 1, 2 }, 32, false }, { "no data", { 3, 0, 0 }, 0, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (sts_dane_tlsa_usable(records[i].head, records[i].digest) != records[i].usable)
			fail_msg("%s", records[i].name);
	}
}

/* Names are API, and all differ. */
static void
test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < STS_DANES; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(sts_dane_name(i), sts_dane_name(k));
	for (unsigned i = 0; i < STS_DANE_HOSTS; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(sts_dane_host_name(i), sts_dane_host_name(k));
	assert_string_equal(sts_dane_name(STS_DANE_HALF), "half");
	assert_string_equal(sts_dane_name(STS_DANES), "");
	assert_string_equal(sts_dane_host_name(STS_DANE_HOSTS), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_tlsa), cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

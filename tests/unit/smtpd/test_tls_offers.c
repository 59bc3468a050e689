/* SPDX-License-Identifier: ISC */
/* test_tls_offers.c - the findings about smtpd's certificates, and about the TLS that smtpd offers: tables of facts. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/doctor/doctor_facts.h"

enum { DAY = 86400, NOW = 1800000000 };

/* ---- certificates ---- */

static const struct doctor_chain good_chain = {
	.setting = "smtpd_tls_chain_files",
	.files = { { .path = "/k.pem", .keys = 1, .mode = 0600 }, { .path = "/c.pem", .certs = 2, .mode = 0644 } },
	.file_count = 2,
	.leaves = { { .name = "mx.example.net", .names_host = true, .from = NOW - DAY, .until = NOW + 60 * (int64_t)DAY } },
	.leaf_count = 1,
};

static void
expect_chain(const char *row, const struct doctor_chain *chain, const char *want, bool unsure)
{
	struct doctor_chains chains = { .count = 1 };
	struct findings f = { .list = NULL };
	struct doctor_postfix pf;

	chains.list[0] = *chain;
	facts_postfix(&pf, NULL, NULL, NULL);
	judge_certificate_files(&pf, &chains, NOW, &f);
	assert_int_equal(f.unsure, unsure);
	facts_expect(row, &f, want);
	facts_fini(&pf);
}

static void
test_certificates(void **state)
{
	struct doctor_chain c = good_chain;

	(void)state;
	expect_chain("good", &c, "", false);
	c.leaves[0].from = NOW - 77 * (int64_t)DAY;
	c.leaves[0].until = NOW + 13 * (int64_t)DAY;
	expect_chain("soon", &c, "warn postfix.tls-expires-soon", false);
	c.leaves[0].until = NOW;
	expect_chain("expired", &c, "fail postfix.tls-expired", false);
	c = good_chain;
	strcpy(c.leaves[0].untrusted, "self-signed certificate");
	c.leaves[0].names_host = false;
	expect_chain("untrusted, another name", &c, "warn postfix.tls-chain, info postfix.tls-name", false);
	c = good_chain;
	c.leaf_count = 0;
	c.unmatched_keys = 1;
	expect_chain("mismatch", &c, "fail postfix.tls-mismatch", false);
	c.unmatched_keys = 0;
	c.files[0].keys = 0;
	expect_chain("no key", &c, "fail postfix.tls-certificate", false);
	c = good_chain;
	c.leaf_count = 0;
	c.files[1].certs = 0;
	expect_chain("no certificate", &c, "fail postfix.tls-certificate", false);
	c = good_chain;
	c.files[0].mode = 0644;
	expect_chain("open key", &c, "warn postfix.tls-key-open", false);
	c = good_chain;
	c.leaf_count = 0;
	c.files[0].state = FILE_MISSING;
	expect_chain("missing file", &c, "fail postfix.tls-file", false);
	c.files[0].state = FILE_BAD;
	expect_chain("bad file", &c, "fail postfix.tls-file", false);
	c.files[0].state = FILE_DENIED;
	expect_chain("file for root", &c, "info postfix.tls-file", true);
}

static void
test_no_certificate(void **state)
{
	const struct doctor_chains none = { .count = 0 };
	struct findings f = { .list = NULL };
	struct doctor_postfix pf;

	(void)state;
	facts_postfix(&pf, NULL, NULL, NULL);
	judge_certificate_files(&pf, &none, NOW, &f);
	facts_expect("none", &f, "fail postfix.tls-certificate");
	facts_fini(&pf);
	facts_postfix(&pf, "smtpd_tls_security_level =\n", NULL, NULL);
	judge_certificate_files(&pf, &none, NOW, &f);
	facts_expect("none, and no TLS", &f, "");
	facts_fini(&pf);
}

/* ---- what smtpd offers ---- */

static void
test_offers(void **state)
{
	static const struct { enum tls_probe_outcome outcome; const char *want; bool unsure; } rows[] = {
		{ TLS_PROBE_OK, "", false },
		{ TLS_PROBE_NOT_OFFERED, "fail postfix.starttls", false },
		{ TLS_PROBE_NOT_GRANTED, "fail postfix.starttls", false },
		{ TLS_PROBE_NO_TLS, "fail postfix.starttls", false },
		{ TLS_PROBE_NO_END, "fail postfix.starttls", false },
		{ TLS_PROBE_NO_CONNECTION, "warn postfix.down", false },
		{ TLS_PROBE_NO_ROUTE, "warn postfix.down", false },
		{ TLS_PROBE_MUTE, "warn postfix.down", false },
		{ TLS_PROBE_NO_REPLY, "warn postfix.down", false },
		{ TLS_PROBE_REFUSED, "warn postfix.down", false },
		{ TLS_PROBE_GARBAGE, "warn postfix.down", false },
		{ TLS_PROBE_SPECIAL, "info postfix.starttls", true },
		{ TLS_PROBE_TROUBLE, "info postfix.starttls", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_tls_offers offers = { .list = { { .service = "smtp/inet", .result.outcome = rows[i].outcome } },
		    .count = 1 };
		struct findings f = { .list = NULL };

		judge_tls_offers(&offers, &f);
		assert_int_equal(f.unsure, rows[i].unsure);
		facts_expect("an offer", &f, rows[i].want);
	}
}

static void
test_places_of_services(void **state)
{
	static const struct { const char *service, *interfaces; bool known; const char *addr; unsigned port; } rows[] = {
		{ "smtp", "all", true, "127.0.0.1", 25 },
		{ "2525", "loopback-only", true, "127.0.0.1", 2525 },
		{ "2525", "192.0.2.1, 192.0.2.2", true, "192.0.2.1", 2525 },
		{ "2525", "mx.example.net 192.0.2.2", true, "192.0.2.2", 2525 },
		{ "2525", "mx.example.net", false, "", 0 },
		{ "192.0.2.3:26", "all", true, "192.0.2.3", 26 },
		{ "[::1]:26", "all", true, "::1", 26 },
		{ "mx.example.net:26", "all", false, "", 0 },
		{ "no-such-service", "all", false, "", 0 },
		{ "0", "all", false, "", 0 },
		{ "65536", "all", false, "", 0 },
		{ ":", "all", false, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char settings[100], services[100], text[46];
		struct doctor_postfix pf;
		struct sts_ipaddr addr;
		uint16_t port = 0;
		bool known;

		snprintf(settings, sizeof(settings), "inet_interfaces = %s\n", rows[i].interfaces);
		snprintf(services, sizeof(services), "%s inet n - n - - smtpd\n", rows[i].service);
		facts_postfix(&pf, settings, services, NULL);
		known = doctor_service_address(&pf, &pf.conf->services[0], &addr, &port);
		if (known)
			sts_ipaddr_format(&addr, text);
		if (known != rows[i].known || (known && (strcmp(text, rows[i].addr) != 0 || port != rows[i].port)))
			fail_msg("%s %s", rows[i].service, rows[i].interfaces);
		facts_fini(&pf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_no_certificate),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_places_of_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_certbot.c - certbot's renewal files, and the findings about keys that change. */
#include "config.h"

#include "stsctl/doctor/certbot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/diagnosis/found.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_paths(void **state)
{
	static const struct {
		const char *certificate, *want;		/* NULL: not one of certbot's */
	} rows[] = {
		{ "/etc/letsencrypt/live/mx.example.com/fullchain.pem", "/etc/letsencrypt/renewal/mx.example.com.conf" },
		{ "/etc/letsencrypt/live/mx.example.com/privkey.pem", "/etc/letsencrypt/renewal/mx.example.com.conf" },
		{ "/etc/letsencrypt/archive/mx.example.com/cert12.pem", "/etc/letsencrypt/renewal/mx.example.com.conf" },
		{ "/srv/live/acme/live/a/cert.pem", "/srv/live/acme/renewal/a.conf" },
		{ "/etc/ssl/certs/mx.pem", NULL },
		{ "/etc/letsencrypt/live/README", NULL },
		{ "/etc/letsencrypt/live//cert.pem", NULL },
		{ "/etc/letsencrypt/live/a/", NULL },
		{ "/etc/letsencrypt/live/a/b/cert.pem", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[POSTFIX_VALUE_CAP] = "";
		bool found = certbot_renewal_path(rows[i].certificate, got);

		if (found != (rows[i].want != NULL) || (found && strcmp(got, rows[i].want) != 0))
			fail_msg("'%s': got %d '%s'", rows[i].certificate, found, got);
	}
}

static void
test_texts(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{ "", false },
		{ "version = 2.1.0\n[renewalparams]\naccount = x\n", false },
		{ "[renewalparams]\nreuse_key = True\n", true },
		{ "[renewalparams]\nreuse_key=true", true },
		{ "[renewalparams]\r\nreuse_key = True\r\n", true },
		{ "  reuse_key\t=\tTRUE \n", true },
		{ "reuse-key = True\n", true },	/* in cli.ini */
		{ "reuse_key = False\n", false },
		{ "reuse_key = None\n", false },
		{ "reuse_key =\n", false },
		{ "reuse_key\n", false },
		{ "# reuse_key = True\n", false },
		{ "not_reuse_key = True\n", false },
		{ "reuse_key_too = True\n", false },
		{ "reuse_key = True\nreuse_key = False\n", false },
		{ "reuse_key\n= True\n", false },
		{ "reuse_key = Truest\n", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (certbot_text_reuses_key(rows[i].text) != rows[i].want)
			fail_msg("'%s'", rows[i].text);
}

#define NEW   { .path = "/etc/letsencrypt/renewal/a.conf" }
#define KEPT  { .path = "/etc/letsencrypt/renewal/a.conf", .reuses_key = true }
#define TLSA(u, s, m, l) { .list = { { .usage = (u), .selector = (s), .matching = (m), .len = (l) } }, .count = 1, .published = 1 }

static void
test_findings(void **state)
{
	static const struct {
		const char *name;
		struct doctor_certbot certbot;
		const char *found;
		bool unsure;
	} rows[] = {
		{ "no certbot", { .count = 0 }, "", false },
		{ "a new key, no records", { .list = { NEW }, .count = 1, .validation = VALIDATION_THERE }, "dane.resolver=pass", false },
		{ "a new key, 3 1 1", { .list = { NEW }, .count = 1, .validation = VALIDATION_THERE, .tlsa = TLSA(3, 1, 1, 32) },
		    "dane.reuse-key=warn dane.resolver=pass", false },
		{ "a new key, 3 1 1 of the certificate's name", { .list = { { .path = "/x/renewal/a.conf", .tlsa = TLSA(3, 1, 1, 32) } },
		    .count = 1 }, "dane.reuse-key=warn", false },
		{ "a new key, 3 0 1", { .list = { NEW }, .count = 1, .tlsa = TLSA(3, 0, 1, 32) }, "dane.reuse-key=warn", false },
		{ "a new key, 2 1 1", { .list = { NEW }, .count = 1, .tlsa = TLSA(2, 1, 1, 32) }, "", false },
		{ "a new key, 1 1 1", { .list = { NEW }, .count = 1, .tlsa = TLSA(1, 1, 1, 32) }, "", false },
		{ "a new key, nonsense", { .list = { NEW }, .count = 1, .tlsa = TLSA(3, 1, 1, 31) }, "", false },
		{ "the same key, 3 1 1", { .list = { KEPT }, .count = 1, .tlsa = TLSA(3, 1, 1, 32) }, "dane.reuse-key=pass", false },
		{ "one of two", { .list = { KEPT, NEW }, .count = 2, .tlsa = TLSA(3, 1, 1, 32) },
		    "dane.reuse-key=pass dane.reuse-key=warn", false },
		{ "denied", { .list = { { .path = "/x", .denied = true } }, .count = 1 }, "dane.reuse-key=info", true },
		{ "DNS is silent", { .list = { NEW }, .count = 1, .failed = "no answer in time", .validation = VALIDATION_UNKNOWN },
		    "dane.reuse-key=info dane.resolver=info", true },
		{ "no validation", { .count = 0, .validation = VALIDATION_NONE }, "dane.resolver=info", false },
		{ "no validation, 3 1 1", { .list = { NEW }, .count = 1, .validation = VALIDATION_NONE, .tlsa = TLSA(3, 1, 1, 32) },
		    "dane.reuse-key=warn dane.resolver=info", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct findings found;
		char got[300];

		findings_init(&found);
		judge_certbot(&rows[i].certbot, &found);
		found_line(&found, got, sizeof(got));
		if (strcmp(got, rows[i].found) != 0 || found.unsure != rows[i].unsure)
			fail_msg("%s: got '%s'%s, want '%s'", rows[i].name, got, found.unsure ? " unsure" : "", rows[i].found);
		findings_fini(&found);
	}
}

/* DNS is queried only if a key changes at renewal. */
static void
test_wants_dns(void **state)
{
	static const struct {
		struct doctor_certbot certbot;
		bool want;
	} rows[] = {
		{ { .count = 0 }, false },
		{ { .list = { KEPT }, .count = 1 }, false },
		{ { .list = { { .denied = true } }, .count = 1 }, false },
		{ { .list = { KEPT, NEW }, .count = 2 }, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (certbot_wants_dns(&rows[i].certbot) != rows[i].want)
			fail_msg("row %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_wants_dns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_dane_judge.c - the findings that follow from TLSA records and certificates. */
#include "config.h"

#include "stsctl/diagnosis/dane_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/diagnosis/found.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
enum { DAY = 86400, NOW = 1000 * DAY };

/* A letter stands for a certificate: all bytes of its key's digests are that letter, those of its own digests the next one. Its issuer is
 * the capital letter. */
static struct tls_probe_result
shows(const char *what)
{
	struct tls_probe_result r = { .outcome = TLS_PROBE_OK, .protocol = "TLSv1.3" };
	size_t lifetime = strchr(what, '+') != NULL ? 3000 : 90;	/* +: long-lived */

	snprintf(r.cert.subject, sizeof(r.cert.subject), "CN=%c", what[0]);
	snprintf(r.cert.key, sizeof(r.cert.key), "EC 256 bits");
	r.cert.has_name = strchr(what, '!') == NULL;		/* !: for another name */
	r.has_domain = strchr(what, '@') != NULL;		/* @: for the domain */
	r.cert.not_after = strchr(what, '-') != NULL ? NOW - 1 : NOW + 60 * DAY;	/* -: expired */
	r.cert.not_before = r.cert.not_after - (int64_t)lifetime * DAY;
	r.chain.count = strchr(what, '^') != NULL ? 2 : 1;	/* ^: sent with its issuer's */
	r.cert.chain_length = r.chain.count;
	for (size_t i = 0; i < r.chain.count; i++) {
		int letter = i == 0 ? what[0] : what[0] - 'a' + 'A';

		memset(r.chain.list[i].key_256, letter, CERTIFICATE_SHA256_LEN);
		memset(r.chain.list[i].key_512, letter, CERTIFICATE_SHA512_LEN);
		memset(r.chain.list[i].whole_256, letter + 1, CERTIFICATE_SHA256_LEN);
		memset(r.chain.list[i].whole_512, letter + 1, CERTIFICATE_SHA512_LEN);
	}
	return r;
}

/* "311a 201B": usage, selector, matching and the letter of the digest; x after it: a byte is missing. */
static void
read_records(const char *text, struct dane_records *out)
{
	*out = (struct dane_records){ .owner = "_25._tcp.mx.a.test" };
	for (const char *p = text; *p != '\0'; p += strcspn(p, " "), p += strspn(p, " ")) {
		struct dane_record *record = &out->list[out->count++];

		*record = (struct dane_record){ .usage = (unsigned)(p[0] - '0'), .selector = (unsigned)(p[1] - '0'),
			.matching = (unsigned)(p[2] - '0') };
		record->len = record->matching == DANE_SHA512 ? CERTIFICATE_SHA512_LEN : CERTIFICATE_SHA256_LEN;
		memset(record->digest, p[3], record->len);
		record->len -= p[4] == 'x';
		out->published++;
	}
}

static const struct row {
	const char *name;
	const char *records;
	const char *addresses[3];	/* the certificates of each, separated by blanks */
	const char *found;
} rows[] = {
	{ "match, and the next key", "311a 311n", { "a" }, "dane.match=pass dane.rollover=pass" },
	{ "match alone", "311a", { "a" }, "dane.match=pass dane.rollover=info" },
	{ "SHA-512", "312a", { "a" }, "dane.match=pass dane.rollover=info" },
	{ "match twice", "311a 312a", { "a" }, "dane.match=pass dane.rollover=info" },
	{ "mismatch", "311b", { "a" }, "dane.mismatch=fail" },
	{ "no usable record", "111a", { "a" }, "dane.pkix=warn" },
	{ "pkix beside", "111a 311a 311n", { "a" }, "dane.pkix=warn dane.match=pass dane.rollover=pass" },
	{ "malformed alone", "311ax", { "a" }, "dane.mismatch=warn" },
	{ "malformed beside", "311ax 311a", { "a" }, "dane.mismatch=warn dane.match=pass dane.rollover=info" },
	{ "unknown numbers", "911a 391a 319a 311a", { "a" }, "dane.mismatch=warn dane.match=pass dane.rollover=info" },
	{ "thirteen", "311a 311b 311c 311d 311e 311f 311g 311h 311i 311j 311k 311l 311m", { "a" },
	    "dane.too-many=warn dane.match=pass dane.rollover=pass" },
	{ "twelve", "311a 311b 311c 311d 311e 311f 311g 311h 311i 311j 311k 311l", { "a" }, "dane.match=pass dane.rollover=pass" },
	/* two certificates */
	{ "both match", "311a 311b", { "a b" }, "dane.match=pass dane.match=pass dane.rollover=info" },
	{ "the other does not", "311a", { "a b" }, "dane.match=pass dane.mismatch=fail dane.rollover=info" },
	{ "the first does not", "311b", { "a b" }, "dane.mismatch=fail dane.match=pass dane.rollover=info" },
	{ "the same twice", "311a 311n", { "a a" }, "dane.match=pass dane.rollover=pass" },
	/* several addresses */
	{ "one of two", "311a 311b", { "a", "c" }, "dane.match=pass dane.mismatch=fail dane.rollover=pass" },
	{ "each its own", "311a 311b", { "a", "b" }, "dane.match=pass dane.match=pass dane.rollover=info" },
	{ "one not seen", "311a 311n", { "a", "?" }, "dane.match=pass dane.rollover=pass" },
	{ "none seen", "311a 311n", { "?" }, "" },
	{ "no STARTTLS", "311a 311n", { "S" }, "dane.mismatch=fail" },
	{ "no TLS", "311a 311n", { "T" }, "dane.mismatch=fail" },
	{ "no STARTTLS at one", "311a 311n", { "a", "S" }, "dane.match=pass dane.mismatch=fail dane.rollover=pass" },
	{ "no STARTTLS, nothing usable", "111a", { "S" }, "dane.pkix=warn dane.mismatch=fail" },
	/* usage 3 checks nothing else */
	{ "expired", "311a 311n", { "a-" }, "dane.match=pass dane.rollover=pass" },
	{ "another name", "311a 311n", { "a!" }, "dane.match=pass dane.rollover=pass" },
	/* whole certificates */
	{ "whole", "301b 301n", { "a" }, "dane.match=pass dane.rollover=pass dane.full-cert=warn" },
	{ "whole, long-lived", "301b 301n", { "a+" }, "dane.match=pass dane.rollover=pass dane.full-cert=info" },
	{ "whole, and the key", "301b 311a", { "a" }, "dane.match=pass dane.rollover=info" },
	{ "whole, and its issuer", "301b 211A", { "a^" }, "dane.match=pass" },
	/* issuers */
	{ "issuer", "211A", { "a^" }, "dane.match=pass" },
	{ "whole issuer", "201B", { "a^" }, "dane.match=pass" },
	{ "issuer and key", "211A 311a", { "a^" }, "dane.match=pass" },
	{ "issuer not sent", "211A", { "a" }, "dane.issuer=fail" },
	{ "issuer not sent, key", "211A 311a", { "a" }, "dane.match=pass dane.rollover=info dane.issuer=info" },
	{ "issuer not sent, other key", "211A 311b", { "a" }, "dane.mismatch=fail" },
	{ "issuer of another", "211B", { "a^" }, "dane.issuer=fail" },
	{ "issuer, another name", "211A", { "a^!" }, "dane.issuer=fail" },
	{ "issuer, the domain's name", "211A", { "a^!@" }, "dane.match=pass" },
	{ "issuer, expired", "211A", { "a^-" }, "dane.issuer=fail" },
	{ "issuer, expired, key", "211A 311a", { "a^-" }, "dane.match=pass dane.rollover=info dane.issuer=info" },
};

static void
judge(const struct row *row, struct findings *found)
{
	struct dane_records records;
	struct dane_seen seen = { .shown = false };

	read_records(row->records, &records);
	dane_judge_records("mx.a.test", &records, found);
	for (size_t i = 0; i < COUNT(row->addresses) && row->addresses[i] != NULL; i++) {
		const char *what = row->addresses[i], *second = strchr(what, ' ');
		struct tls_probe_result modern = shows(what), other = second != NULL ? shows(second + 1) : modern;
		const struct dane_case c = { .host = "mx.a.test", .subject = "mx.a.test [192.0.2.1]", .now = NOW, .records = &records,
			.modern = &modern, .other = second != NULL ? &other : NULL };

		if (what[0] == 'S')
			modern.outcome = TLS_PROBE_NOT_OFFERED;
		else if (what[0] == 'T')
			modern.outcome = TLS_PROBE_NO_TLS;
		else if (what[0] == '?')
			modern.outcome = TLS_PROBE_MUTE;
		dane_judge_address(&c, &seen, found);
	}
	dane_judge_host("mx.a.test", &records, &seen, found);
}

static void
test_findings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct findings found;
		char got[600];

		findings_init(&found);
		judge(&rows[i], &found);
		found_line(&found, got, sizeof(got));
		if (strcmp(got, rows[i].found) != 0)
			fail_msg("%s: got '%s', want '%s'", rows[i].name, got, rows[i].found);
		for (size_t k = 0; k < found.count; k++)
			if (found.list[k].level == FINDING_FAIL)
				assert_string_not_equal(found.list[k].fix, "");
		findings_fini(&found);
	}
}

/* The record to publish is that of the present key. */
static void
test_fix(void **state)
{
	static const struct row row = { "", "311b", { "a" }, "" };
	struct findings found;

	(void)state;
	findings_init(&found);
	judge(&row, &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].fix, "_25._tcp.mx.a.test. IN TLSA 3 1 1 "
	    "6161616161616161616161616161616161616161616161616161616161616161");
	assert_string_equal(found.list[0].seen, "CN=a, EC 256 bits; matches none of: 3 1 1 6262626262626262...");
	findings_fini(&found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_fix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

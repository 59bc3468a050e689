/* SPDX-License-Identifier: ISC */
/* test_delivery_outcome.c - the outcome for a reply, a host and a probe, by table; and the sum of several hosts. */
#include "config.h"

#include "stsctl/sendtest/delivery_outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
enum { NOW = 1000000, DAY = 86400 };

/* ---- one host ---- */

#define SECURE "OK secure match=mx.a.test servername=hostname"
#define REPORT SECURE " policy_type=sts policy_domain=a.test { policy_string = version: STSv1 } mx_host_pattern=mx.a.test"

/* Certificates. */
enum shown { GOOD, OTHER_NAME, EXPIRED, TOO_EARLY, UNTRUSTED };
/* TLSA records; RIGHT_TA is that of the issuer. */
enum tlsa { NO_TLSA, RIGHT, WRONG, RIGHT_TA };

#define WITHOUT STS_DANE_HOST_WITHOUT
#define USABLE STS_DANE_HOST_USABLE
#define UNUSABLE STS_DANE_HOST_UNUSABLE
#define FAILED STS_DANE_HOST_FAILED
#define DEAD STS_DANE_HOST_DEAD
#define TLS TLS_PROBE_OK
#define NO_STARTTLS TLS_PROBE_NOT_OFFERED

struct row {
	const char *reply;
	bool mx_signed;
	enum sts_dane_host dane;
	enum tlsa tlsa;
	enum tls_probe_outcome probe;
	enum shown shown;
	enum send_outcome want;
	bool unasked;		/* Postfix does not connect */
};

static const struct row rows[] = {
	/* secure */
	{ SECURE, false, WITHOUT, NO_TLSA, TLS, GOOD, SEND_PROTECTED, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS, OTHER_NAME, SEND_WAITS, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS, EXPIRED, SEND_WAITS, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS, TOO_EARLY, SEND_WAITS, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS, UNTRUSTED, SEND_WAITS, false },
	{ SECURE, false, WITHOUT, NO_TLSA, NO_STARTTLS, GOOD, SEND_WAITS, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS_PROBE_NOT_GRANTED, GOOD, SEND_WAITS, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS_PROBE_NO_TLS, GOOD, SEND_WAITS, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS_PROBE_NO_END, GOOD, SEND_WAITS, false },
	/* secure ignores TLSA records */
	{ SECURE, true, USABLE, RIGHT, TLS, UNTRUSTED, SEND_WAITS, false },
	{ SECURE, true, USABLE, WRONG, TLS, GOOD, SEND_PROTECTED, false },
	{ SECURE, true, FAILED, NO_TLSA, TLS, GOOD, SEND_PROTECTED, false },
	/* with the map name tlsrpt, hosts outside the policy are skipped */
	{ REPORT, false, WITHOUT, NO_TLSA, TLS, GOOD, SEND_PROTECTED, false },
	{ "OK secure match=b.test servername=hostname policy_type=sts mx_host_pattern=b.test", false, WITHOUT, NO_TLSA, TLS, GOOD,
	    SEND_WAITS, true },
	/* dane-only */
	{ "OK dane-only", true, USABLE, RIGHT, TLS, UNTRUSTED, SEND_PROTECTED, false },
	{ "OK dane-only", true, USABLE, RIGHT, TLS, EXPIRED, SEND_PROTECTED, false },
	{ "OK dane-only", true, USABLE, RIGHT, TLS, OTHER_NAME, SEND_PROTECTED, false },
	{ "OK dane-only", true, USABLE, RIGHT_TA, TLS, UNTRUSTED, SEND_PROTECTED, false },
	{ "OK dane-only", true, USABLE, RIGHT_TA, TLS, OTHER_NAME, SEND_WAITS, false },
	{ "OK dane-only", true, USABLE, RIGHT_TA, TLS, EXPIRED, SEND_WAITS, false },
	{ "OK dane-only", true, USABLE, WRONG, TLS, GOOD, SEND_WAITS, false },
	{ "OK dane-only", true, USABLE, RIGHT, NO_STARTTLS, GOOD, SEND_WAITS, false },
	{ "OK dane-only", true, WITHOUT, NO_TLSA, TLS, GOOD, SEND_WAITS, true },
	{ "OK dane-only", true, UNUSABLE, NO_TLSA, TLS, GOOD, SEND_WAITS, true },
	{ "OK dane-only", true, FAILED, NO_TLSA, TLS, GOOD, SEND_WAITS, true },
	{ "OK dane-only", false, USABLE, RIGHT, TLS, GOOD, SEND_WAITS, true },
	/* dane */
	{ "OK dane", true, USABLE, RIGHT, TLS, UNTRUSTED, SEND_PROTECTED, false },
	{ "OK dane", true, USABLE, WRONG, TLS, GOOD, SEND_WAITS, false },
	{ "OK dane", true, USABLE, RIGHT, NO_STARTTLS, GOOD, SEND_WAITS, false },
	{ "OK dane", true, UNUSABLE, NO_TLSA, TLS, GOOD, SEND_UNVERIFIED, false },
	{ "OK dane", true, UNUSABLE, NO_TLSA, NO_STARTTLS, GOOD, SEND_WAITS, false },
	{ "OK dane", true, WITHOUT, NO_TLSA, TLS, GOOD, SEND_UNVERIFIED, false },
	{ "OK dane", true, WITHOUT, NO_TLSA, NO_STARTTLS, GOOD, SEND_PLAINTEXT, false },
	{ "OK dane", true, FAILED, NO_TLSA, TLS, GOOD, SEND_WAITS, true },
	{ "OK dane", false, USABLE, RIGHT, TLS, GOOD, SEND_UNVERIFIED, false },
	{ "OK dane", false, USABLE, WRONG, TLS, GOOD, SEND_WAITS, false },
	/* encrypt, may, none */
	{ "OK encrypt", false, WITHOUT, NO_TLSA, TLS, UNTRUSTED, SEND_UNVERIFIED, false },
	{ "OK encrypt", false, WITHOUT, NO_TLSA, TLS, GOOD, SEND_UNVERIFIED, false },
	{ "OK encrypt", false, WITHOUT, NO_TLSA, NO_STARTTLS, GOOD, SEND_WAITS, false },
	{ "OK may", false, WITHOUT, NO_TLSA, TLS, GOOD, SEND_UNVERIFIED, false },
	{ "OK may", true, USABLE, WRONG, TLS, GOOD, SEND_UNVERIFIED, false },
	{ "OK may", false, WITHOUT, NO_TLSA, NO_STARTTLS, GOOD, SEND_PLAINTEXT, false },
	{ "OK may", false, WITHOUT, NO_TLSA, TLS_PROBE_NOT_GRANTED, GOOD, SEND_PLAINTEXT, false },
	{ "OK may", false, WITHOUT, NO_TLSA, TLS_PROBE_NO_TLS, GOOD, SEND_PLAINTEXT, false },
	{ "OK none", false, WITHOUT, NO_TLSA, TLS, GOOD, SEND_PLAINTEXT, false },
	{ "OK none", false, WITHOUT, NO_TLSA, NO_STARTTLS, GOOD, SEND_PLAINTEXT, false },
	/* no answer: the level of main.cf, here encrypt */
	{ "NOTFOUND ", false, WITHOUT, NO_TLSA, TLS, GOOD, SEND_UNVERIFIED, false },
	{ "NOTFOUND ", false, WITHOUT, NO_TLSA, NO_STARTTLS, GOOD, SEND_WAITS, false },
	{ "TEMP later", false, WITHOUT, NO_TLSA, TLS, GOOD, SEND_WAITS, true },
	/* at any level */
	{ SECURE, false, DEAD, NO_TLSA, TLS, GOOD, SEND_BOUNCES, true },
	{ "OK may", false, DEAD, NO_TLSA, TLS, GOOD, SEND_BOUNCES, true },
	{ "OK may", false, WITHOUT, NO_TLSA, TLS_PROBE_NO_CONNECTION, GOOD, SEND_WAITS, false },
	{ "OK may", false, WITHOUT, NO_TLSA, TLS_PROBE_MUTE, GOOD, SEND_WAITS, false },
	{ "OK may", false, WITHOUT, NO_TLSA, TLS_PROBE_NO_ROUTE, GOOD, SEND_WAITS, false },
	{ "OK none", false, WITHOUT, NO_TLSA, TLS_PROBE_NO_REPLY, GOOD, SEND_WAITS, false },
	{ "OK none", false, WITHOUT, NO_TLSA, TLS_PROBE_REFUSED, GOOD, SEND_WAITS, false },
	{ "OK none", false, WITHOUT, NO_TLSA, TLS_PROBE_GARBAGE, GOOD, SEND_WAITS, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS_PROBE_SPECIAL, GOOD, SEND_UNKNOWN, false },
	{ SECURE, false, WITHOUT, NO_TLSA, TLS_PROBE_TROUBLE, GOOD, SEND_UNKNOWN, false },
};

/* A chain of two: the server's key is all 1, its issuer's all 2. */
static void
make_probe(const struct row *row, struct tls_probe_result *out)
{
	memset(out, 0, sizeof(*out));
	out->outcome = row->probe;
	snprintf(out->protocol, sizeof(out->protocol), "TLSv1.3");
	out->cert.has_name = row->shown != OTHER_NAME;
	out->cert.not_before = row->shown == TOO_EARLY ? NOW + DAY : NOW - 30 * DAY;
	out->cert.not_after = row->shown == EXPIRED ? NOW - DAY : NOW + 60 * DAY;
	if (row->shown == UNTRUSTED)
		snprintf(out->chain_fault, sizeof(out->chain_fault), "self-signed certificate");
	out->chain.count = 2;
	memset(out->chain.list[0].key_256, 1, CERTIFICATE_SHA256_LEN);
	memset(out->chain.list[1].key_256, 2, CERTIFICATE_SHA256_LEN);
}

static void
make_tlsa(enum tlsa tlsa, struct dane_records *out)
{
	memset(out, 0, sizeof(*out));
	if (tlsa == NO_TLSA)
		return;
	out->count = 1;
	out->list[0] = (struct dane_record){ .usage = tlsa == RIGHT_TA ? DANE_TA : DANE_EE, .selector = DANE_KEY,
		.matching = DANE_SHA256, .len = CERTIFICATE_SHA256_LEN };
	memset(out->list[0].digest, tlsa == WRONG ? 9 : tlsa == RIGHT_TA ? 2 : 1, CERTIFICATE_SHA256_LEN);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct tls_probe_result probe;
		struct dane_records tlsa;
		struct required_tls required;
		struct send_verdict got;
		struct send_case c = { .required = &required, .host = "mx.a.test", .mx_signed = row->mx_signed, .dane = row->dane,
			.tlsa = &tlsa, .now = NOW, .probe = &probe, .name_fits = row->shown != OTHER_NAME };
		bool unasked;

		assert_true(required_tls_read(row->reply, "a.test", STS_SEND_ENCRYPT, &required));
		make_probe(row, &probe);
		make_tlsa(row->tlsa, &tlsa);
		unasked = send_judge_host(&c, &got);
		if (!unasked)
			send_judge_address(&c, &got);
		if (unasked != row->unasked || got.outcome != row->want)
			fail_msg("row %zu: %s: got %s (%s), want %s", i, row->reply, send_outcome_name(got.outcome), got.why,
			    send_outcome_name(row->want));
	}
}

/* ---- several ---- */

#define P SEND_PROTECTED
#define V SEND_UNVERIFIED
#define T SEND_PLAINTEXT
#define W SEND_WAITS
#define B SEND_BOUNCES
#define U SEND_UNKNOWN

static void
test_sums(void **state)
{
	static const struct {
		const char *name;
		enum sts_send_level level;
		size_t count;
		struct send_try tries[4];
		enum send_outcome want, weakest;
	} sums[] = {
		{ "one", STS_SEND_SECURE, 1, { { 10, P } }, P, P },
		{ "the second takes it", STS_SEND_SECURE, 2, { { 10, W }, { 20, P } }, P, P },
		{ "in any order", STS_SEND_DANE, 2, { { 20, V }, { 10, P } }, P, V },
		{ "the first takes it, unprotected", STS_SEND_DANE, 2, { { 10, T }, { 20, P } }, T, T },
		{ "chance decides among equals: the weakest", STS_SEND_DANE, 3, { { 10, P }, { 10, V }, { 20, T } }, V, T },
		{ "equals that wait are passed over", STS_SEND_DANE, 2, { { 10, W }, { 10, P } }, P, P },
		{ "nobody takes it", STS_SEND_SECURE, 2, { { 10, W }, { 20, W } }, W, W },
		{ "some day, somebody may", STS_SEND_SECURE, 2, { { 10, B }, { 20, W } }, W, W },
		{ "no host has an address", STS_SEND_MAY, 2, { { 10, B }, { 20, B } }, B, W },
		{ "a dead host has no say", STS_SEND_SECURE, 2, { { 10, B }, { 20, P } }, P, P },
		{ "unknown", STS_SEND_SECURE, 1, { { 10, U } }, U, W },
		{ "unknown, or waits", STS_SEND_SECURE, 2, { { 10, W }, { 20, U } }, U, W },
		{ "unknown, but protected or not at all", STS_SEND_SECURE, 2, { { 10, U }, { 20, P } }, P, P },
		{ "the same with dane-only", STS_SEND_DANE_ONLY, 2, { { 10, U }, { 20, P } }, P, P },
		{ "with dane it might go there, unprotected", STS_SEND_DANE, 2, { { 10, U }, { 20, P } }, U, P },
		{ "unknown comes later", STS_SEND_DANE, 2, { { 10, P }, { 20, U } }, P, P },
		{ "unprotected, whatever the unknown one does", STS_SEND_MAY, 2, { { 10, U }, { 20, V } }, V, V },
		{ "none at all", STS_SEND_MAY, 0, { { 0, P } }, B, W },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(sums); i++) {
		enum send_outcome got = send_sum(sums[i].tries, sums[i].count, sums[i].level);
		enum send_outcome weakest = send_weakest(sums[i].tries, sums[i].count);

		if (got != sums[i].want || weakest != sums[i].weakest)
			fail_msg("%s: got %s, %s, want %s, %s", sums[i].name, send_outcome_name(got), send_outcome_name(weakest),
			    send_outcome_name(sums[i].want), send_outcome_name(sums[i].weakest));
	}
	assert_string_equal(send_outcome_name(SEND_OUTCOMES), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_sums) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_dane_lookup.c - from a domain to its DANE state, with a table for DNS. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/dane/dane_lookup.h"

enum { RECORDS = 24, ASKED = 64, TTL = 7200 };

/* What DNS says. Hosts h0, h1, ... have an address each; those below with_tlsa also have TLSA records. */
struct world {
	size_t mx_count, with_tlsa;
	bool mx_signed;
	uint32_t no_mx_ttl_s, no_tlsa_ttl_s;
	enum sts_dns_type failing;	/* 0: none; for every name */
	struct {
		char name[STS_DOMAIN_CAP];
		enum sts_dns_type type;
		sts_dns_fn *fn;
		void *arg;
	} asked[ASKED];
	size_t count;
	struct sts_dane_result result;
	bool done;
};

static void
ask(void *self, const char *name, enum sts_dns_type type, int64_t deadline_ms, sts_dns_fn *fn, void *arg)
{
	struct world *w = self;

	assert_int_equal(deadline_ms, 1000 + 500);
	assert_true(w->count < ASKED);
	snprintf(w->asked[w->count].name, sizeof(w->asked[0].name), "%s", name);
	w->asked[w->count].type = type;
	w->asked[w->count].fn = fn;
	w->asked[w->count++].arg = arg;
}

static int64_t
mono_ms(void *self)
{
	(void)self;
	return 1000;
}

static void
say_mx(const struct world *w, struct sts_dns_reply *reply)
{
	reply->authentic = w->mx_signed;
	reply->count = w->mx_count;
	reply->negative_ttl_s = w->no_mx_ttl_s;
	for (size_t i = 0; i < w->mx_count; i++)
		snprintf(reply->records[i].target, sizeof(reply->records[i].target), "h%zu.test", i);
}

static void
say_tlsa(const struct world *w, const char *name, struct sts_dns_reply *reply)
{
	size_t host = strtoul(name + strlen("_25._tcp.h"), NULL, 10);

	reply->authentic = true;
	reply->count = host < w->with_tlsa;
	reply->negative_ttl_s = w->no_tlsa_ttl_s;
	reply->records[0].tlsa.usage = 3;
	reply->records[0].tlsa.selector = reply->records[0].tlsa.matching = 1;
	reply->records[0].tlsa.len = 32;
}

static void
say_address(enum sts_dns_type type, struct sts_dns_reply *reply)
{
	reply->authentic = true;
	reply->count = type == STS_DNS_A;
}

static void
answer(struct world *w, size_t i)
{
	struct sts_dns_record records[RECORDS] = { 0 };
	struct sts_dns_reply reply = { .outcome = STS_DNS_REPLY_ANSWER, .records = records };

	if (w->asked[i].type == w->failing)
		reply.outcome = STS_DNS_REPLY_FAILED;
	else if (w->asked[i].type == STS_DNS_MX)
		say_mx(w, &reply);
	else if (w->asked[i].type == STS_DNS_TLSA)
		say_tlsa(w, w->asked[i].name, &reply);
	else
		say_address(w->asked[i].type, &reply);
	if (reply.outcome == STS_DNS_REPLY_ANSWER && reply.count == 0)
		reply.outcome = STS_DNS_REPLY_NO_RECORD;
	for (size_t k = 0; k < reply.count; k++) {
		records[k].type = w->asked[i].type;
		records[k].ttl_s = TTL;
	}
	w->asked[i].fn(w->asked[i].arg, &reply);
}

static void
take(void *arg, const struct sts_dane_result *result)
{
	struct world *w = arg;

	assert_false(w->done);
	w->done = true;
	w->result = *result;
}

static void
look_up(struct world *w)
{
	const struct sts_dane_net net = { .self = w, .ask = ask, .mono_ms = mono_ms, .timeout_ms = 500, .port = 25 };

	assert_int_equal(sts_dane_lookup(&net, "example.test", take, w), STS_OK);
	for (size_t i = 0; i < w->count; i++)
		answer(w, i);
	assert_true(w->done);
}

static const struct {
	const char *name;
	size_t mx_count, with_tlsa;
	bool mx_signed;
	enum sts_dns_type failing;
	enum sts_dane dane;
	uint32_t ttl_s;
} rows[] = {
	{ "all", 2, 2, true, 0, STS_DANE_ALL, STS_DANE_TTL_MAX_S },
	{ "some", 2, 1, true, 0, STS_DANE_SOME, STS_DANE_TTL_MAX_S },
	{ "half", 1, 1, false, 0, STS_DANE_HALF, STS_DANE_TTL_MAX_S },
	{ "none", 2, 0, true, 0, STS_DANE_NONE, STS_DANE_TTL_MAX_S },
	{ "nothing of AAAA", 1, 1, true, STS_DNS_AAAA, STS_DANE_ALL, STS_DANE_TTL_MAX_S },
	{ "nothing of TLSA", 1, 1, true, STS_DNS_TLSA, STS_DANE_UNKNOWN, STS_DANE_TTL_UNKNOWN_S },
	{ "nothing of MX", 1, 1, true, STS_DNS_MX, STS_DANE_UNKNOWN, STS_DANE_TTL_UNKNOWN_S },
	{ "as many hosts as are looked at", STS_DANE_MX_MAX, STS_DANE_MX_MAX, true, 0, STS_DANE_ALL, STS_DANE_TTL_MAX_S },
	/* the host that was left out may have none: dane-only would skip it */
	{ "one more", STS_DANE_MX_MAX + 1, STS_DANE_MX_MAX + 1, true, 0, STS_DANE_SOME, STS_DANE_TTL_MAX_S },
	{ "one more, without MX records that are signed", STS_DANE_MX_MAX + 1, 1, false, 0, STS_DANE_HALF, STS_DANE_TTL_MAX_S },
};

static void
test_states(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w = { .mx_count = rows[i].mx_count, .with_tlsa = rows[i].with_tlsa, .mx_signed = rows[i].mx_signed,
			.failing = rows[i].failing };

		look_up(&w);
		if (w.result.dane != rows[i].dane || w.result.ttl_s != rows[i].ttl_s)
			fail_msg("%s: %s, for %u s", rows[i].name, sts_dane_name(w.result.dane), (unsigned)w.result.ttl_s);
	}
}

/* Negative results live as long as DNS says, but no longer than positive ones. */
static void
test_how_long_nothing_holds(void **state)
{
	static const struct {
		size_t mx_count;
		uint32_t no_mx_ttl_s, no_tlsa_ttl_s, ttl_s;
	} lives[] = { { 1, 0, 300, 300 }, { 1, 300, 0, STS_DANE_TTL_MAX_S }, { 1, 0, 5, STS_DANE_TTL_MIN_S }, { 0, 300, 900, 300 } };

	(void)state;
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		struct world w = { .mx_count = lives[i].mx_count, .mx_signed = true, .no_mx_ttl_s = lives[i].no_mx_ttl_s,
			.no_tlsa_ttl_s = lives[i].no_tlsa_ttl_s };

		look_up(&w);
		assert_int_equal(w.result.dane, STS_DANE_NONE);
		assert_int_equal(w.result.ttl_s, lives[i].ttl_s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_how_long_nothing_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

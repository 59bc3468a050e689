/* SPDX-License-Identifier: ISC */
/* test_refresh.c - the decisions of RFC 8461 about time, one per row. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "shared-cache/policy/refresh.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DOMAIN "d.example"
#define TEXT "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n"

enum { NOW = 1700000000, DAY = 86400 };

static const struct sts_refresh_rules rules = {
	.negative_ttl_min_s = 300,
	.negative_ttl_max_s = 3600,
	.failure_ttl_s = 300,
	.intervals = { .refresh_s = DAY / 2, .recheck_s = 3600, .salt = 7 },
};

/* ---- what was known before; all times are relative to NOW ---- */

enum before { NOTHING, POLICY, POLICY_DUE, POLICY_LAST_GASP, POLICY_FAILING, POLICY_FAILING_LAST_GASP,
	POLICY_DEAD, FAILED_300, FAILED_OLD };

struct known {
	enum sts_entry_state state;
	enum sts_reason reason;
	int fetched, checked, expires, retry;
};

static const struct known knowns[] = {
	[POLICY] = { STS_STATE_POLICY, STS_REASON_NONE, -4000, -4000, DAY - 4000, 0 },
	[POLICY_DUE] = { STS_STATE_POLICY, STS_REASON_NONE, -DAY / 2, -4000, DAY / 2, 0 },
	[POLICY_LAST_GASP] = { STS_STATE_POLICY, STS_REASON_NONE, 10 - DAY, -4000, 10, 0 },
	[POLICY_FAILING] = { STS_STATE_POLICY, STS_REASON_FETCH_TLS, -DAY / 2, -700, DAY / 2, -100 },
	[POLICY_FAILING_LAST_GASP] = { STS_STATE_POLICY, STS_REASON_FETCH_TLS, 700 - DAY, -700, 700, -100 },
	[POLICY_DEAD] = { STS_STATE_POLICY, STS_REASON_NONE, -DAY, -4000, 0, 0 },
	[FAILED_300] = { STS_STATE_FAILED, STS_REASON_FETCH_STATUS, 0, -300, 0, 0 },
	[FAILED_OLD] = { STS_STATE_FAILED, STS_REASON_FETCH_STATUS, 0, -9300, -9000, -9000 },
};

static struct sts_entry *
make(const struct known *k)
{
	struct sts_entry_spec spec = {
		.domain = DOMAIN,
		.state = k->state,
		.reason = k->reason,
		.checked = NOW + k->checked,
		.expires = NOW + k->expires,
		.retry = k->reason != STS_REASON_NONE || k->retry != 0 ? NOW + k->retry : 0,
	};
	struct sts_entry *entry;

	if (k->state == STS_STATE_POLICY) {
		spec.id = "1";
		spec.text = TEXT;
		spec.text_len = strlen(TEXT);
		spec.fetched = NOW + k->fetched;
	}
	assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
	return entry;
}

static struct sts_entry *
previous_of(enum before before)
{
	return before == NOTHING ? NULL : make(&knowns[before]);
}

/* ---- the result: state, reason, then fetched, checked, expires, retry relative to NOW; '-' for 0 ---- */

static void
describe_time(char *out, size_t cap, int64_t t)
{
	if (t == 0)
		snprintf(out, cap, "-");
	else
		snprintf(out, cap, "%+lld", (long long)(t - NOW));
}

static void
describe(const struct sts_entry_spec *spec, char out[160])
{
	char t[4][24];

	describe_time(t[0], sizeof(t[0]), spec->fetched);
	describe_time(t[1], sizeof(t[1]), spec->checked);
	describe_time(t[2], sizeof(t[2]), spec->expires);
	describe_time(t[3], sizeof(t[3]), spec->retry);
	snprintf(out, 160, "%s%s%s id=%s f=%s c=%s e=%s r=%s", sts_entry_state_name(spec->state),
	    spec->reason != STS_REASON_NONE ? " " : "", sts_reason_name(spec->reason), spec->id != NULL ? spec->id : "", t[0],
	    t[1], t[2], t[3]);
}

/* Every decision must be a valid entry. */
static void
check(const char *name, const struct sts_entry_spec *spec, const char *want)
{
	struct sts_entry *entry;
	char got[160];

	describe(spec, got);
	if (strcmp(got, want) != 0)
		fail_msg("%s: got \"%s\", want \"%s\"", name, got, want);
	if (sts_entry_new(spec, &entry) != STS_OK)
		fail_msg("%s: \"%s\" makes no entry", name, got);
	sts_entry_unref(&entry);
}

#define VALID(i) { STS_DNS_OK, STS_RECORD_VALID, (i), 0 }
#define NONE { STS_DNS_OK, STS_RECORD_NONE, "", 0 }
#define INVALID { STS_DNS_OK, STS_RECORD_INVALID, "", 0 }
#define NODATA(ttl) { STS_DNS_NODATA, STS_RECORD_NONE, "", (ttl) }
#define TIMEOUT { STS_DNS_TIMEOUT, STS_RECORD_NONE, "", 0 }
#define FAILURE { STS_DNS_FAILURE, STS_RECORD_NONE, "", 0 }
#define FETCH NULL

static const struct {
	const char *name;
	enum before before;
	struct sts_refresh_txt txt;
	const char *want;
} txt_rows[] = {
	{ "new domain", NOTHING, VALID("1"), FETCH },
	{ "same id", POLICY, VALID("1"), "policy id=1 f=-4000 c=+0 e=+82400 r=-" },
	{ "same id, refresh due", POLICY_DUE, VALID("1"), FETCH },
	{ "same id, refresh due and failing", POLICY_FAILING, VALID("1"), FETCH },
	{ "other id", POLICY, VALID("2"), FETCH },
	{ "id differs in case only", POLICY, VALID("1a"), FETCH },
	{ "same id as an expired policy", POLICY_DEAD, VALID("1"), FETCH },
	{ "same id as a failure", FAILED_300, VALID("1"), FETCH },
	{ "absent, no soa", NOTHING, NODATA(0), "absent id= f=- c=+0 e=+300 r=-" },
	{ "absent, soa", NOTHING, NODATA(1200), "absent id= f=- c=+0 e=+1200 r=-" },
	{ "absent, long soa", NOTHING, NODATA(UINT32_MAX), "absent id= f=- c=+0 e=+3600 r=-" },
	{ "not one record", NOTHING, NONE, "absent id= f=- c=+0 e=+300 r=-" },
	{ "absent after expiry", POLICY_DEAD, NODATA(0), "absent id= f=- c=+0 e=+300 r=-" },
	{ "lost record", POLICY, NODATA(600), "policy id=1 f=-4000 c=-4000 e=+82400 r=+600" },
	{ "lost record: two of them", POLICY, NONE, "policy id=1 f=-4000 c=-4000 e=+82400 r=+300" },
	{ "lost record, about to expire", POLICY_LAST_GASP, NODATA(600), "policy id=1 f=-86390 c=-4000 e=+10 r=+10" },
	{ "invalid record", NOTHING, INVALID, "failed record-invalid id= f=- c=+0 e=+300 r=+300" },
	{ "invalid record, live policy", POLICY, INVALID, "policy record-invalid id=1 f=-4000 c=-4000 e=+82400 r=+300" },
	{ "dns timeout", NOTHING, TIMEOUT, "failed dns-timeout id= f=- c=+0 e=+300 r=+300" },
	{ "dns timeout, live policy", POLICY, TIMEOUT, "policy dns-timeout id=1 f=-4000 c=-4000 e=+82400 r=+300" },
	{ "dns failure", NOTHING, FAILURE, "failed dns-failure id= f=- c=+0 e=+300 r=+300" },
	{ "dns failure does not double", FAILED_300, FAILURE, "failed dns-failure id= f=- c=+0 e=+300 r=+300" },
	{ "dns failure, live policy", POLICY, FAILURE, "policy dns-failure id=1 f=-4000 c=-4000 e=+82400 r=+300" },
	{ "dns failure again, live policy", POLICY_FAILING, FAILURE, "policy dns-failure id=1 f=-43200 c=-700 e=+43200 r=+1200" },
	{ "dns failure after expiry", POLICY_DEAD, FAILURE, "failed dns-failure id= f=- c=+0 e=+300 r=+300" },
};

static void
test_txt(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(txt_rows); i++) {
		struct sts_entry *previous = previous_of(txt_rows[i].before);
		struct sts_refresh_case c = { DOMAIN, previous, &rules, NOW };
		struct sts_entry_spec spec;
		bool fetch = sts_refresh_txt(&c, &txt_rows[i].txt, &spec);

		if (fetch != (txt_rows[i].want == FETCH))
			fail_msg("%s: fetch %d", txt_rows[i].name, fetch);
		if (!fetch)
			check(txt_rows[i].name, &spec, txt_rows[i].want);
		sts_entry_unref(&previous);
	}
}

#define GOT(age) { STS_REASON_NONE, "version: STSv1\nmode: none\nmax_age: " #age "\n", 0, (age) }
#define BAD(why) { STS_REASON_ ## why, NULL, 0, 0 }

static const struct {
	const char *name;
	enum before before;
	const char *id;
	struct sts_refresh_file file;
	const char *want;
} file_rows[] = {
	{ "first policy", NOTHING, "1", GOT(604800), "policy id=1 f=+0 c=+0 e=+604800 r=-" },
	{ "new policy", POLICY, "2", GOT(86400), "policy id=2 f=+0 c=+0 e=+86400 r=-" },
	{ "expiry may come closer", POLICY_DUE, "1", GOT(600), "policy id=1 f=+0 c=+0 e=+600 r=-" },
	{ "success forgets the failure", POLICY_FAILING, "1", GOT(86400), "policy id=1 f=+0 c=+0 e=+86400 r=-" },
	{ "max_age as short as the bar", NOTHING, "1", GOT(300), "policy id=1 f=+0 c=+0 e=+300 r=-" },
	{ "max_age shorter than the bar", NOTHING, "1", GOT(299), "policy id=1 f=+0 c=+0 e=+299 r=+300" },
	{ "max_age 0", NOTHING, "1", GOT(0), "policy id=1 f=+0 c=+0 e=+0 r=+300" },
	{ "failed", NOTHING, "1", BAD(FETCH_TLS), "failed fetch-tls id=1 f=- c=+0 e=+300 r=+300" },
	{ "failed again", FAILED_300, "1", BAD(FETCH_TLS), "failed fetch-tls id=1 f=- c=+0 e=+600 r=+600" },
	{ "failed long ago", FAILED_OLD, "1", BAD(FETCH_TLS), "failed fetch-tls id=1 f=- c=+0 e=+300 r=+300" },
	{ "failed after expiry", POLICY_DEAD, "1", BAD(FETCH_SIZE), "failed fetch-size id=1 f=- c=+0 e=+300 r=+300" },
	{ "invalid", NOTHING, "1", BAD(POLICY_INVALID), "failed policy-invalid id=1 f=- c=+0 e=+300 r=+300" },
	{ "failed, live, same id", POLICY_DUE, "1", BAD(FETCH_TYPE), "policy fetch-type id=1 f=-43200 c=+0 e=+43200 r=+300" },
	{ "failed, live, other id", POLICY_DUE, "2", BAD(FETCH_TYPE),
	    "policy fetch-type id=1 f=-43200 c=-4000 e=+43200 r=+300" },
	{ "failed again, live", POLICY_FAILING, "1", BAD(FETCH_TYPE),
	    "policy fetch-type id=1 f=-43200 c=+0 e=+43200 r=+1200" },
	{ "failed, about to expire", POLICY_LAST_GASP, "1", BAD(FETCH_TYPE),
	    "policy fetch-type id=1 f=-86390 c=+0 e=+10 r=+300" },
	{ "failed again, about to expire", POLICY_FAILING_LAST_GASP, "1", BAD(FETCH_TYPE),
	    "policy fetch-type id=1 f=-85700 c=+0 e=+700 r=+700" },
	{ "invalid, live", POLICY, "2", BAD(POLICY_INVALID), "policy policy-invalid id=1 f=-4000 c=-4000 e=+82400 r=+300" },
};

static void
test_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(file_rows); i++) {
		struct sts_entry *previous = previous_of(file_rows[i].before);
		struct sts_refresh_case c = { DOMAIN, previous, &rules, NOW };
		struct sts_refresh_file file = file_rows[i].file;
		struct sts_entry_spec spec;

		file.len = file.text != NULL ? strlen(file.text) : 0;
		sts_refresh_file(&c, file_rows[i].id, &file, &spec);
		check(file_rows[i].name, &spec, file_rows[i].want);
		sts_entry_unref(&previous);
	}
}

/* However short failure_ttl is, web servers get their five minutes, and DNS servers a few seconds. */
static void
test_failure_ttl(void **state)
{
	static const struct {
		int64_t failure_ttl_s;
		const char *dns, *fetch;
	} rows[] = {
		{ 0, "failed dns-timeout id= f=- c=+0 e=+10 r=+10", "failed fetch-tls id=1 f=- c=+0 e=+300 r=+300" },
		{ 60, "failed dns-timeout id= f=- c=+0 e=+60 r=+60", "failed fetch-tls id=1 f=- c=+0 e=+300 r=+300" },
		{ 7200, "failed dns-timeout id= f=- c=+0 e=+7200 r=+7200", "failed fetch-tls id=1 f=- c=+0 e=+7200 r=+7200" },
	};
	static const struct sts_refresh_txt txt = TIMEOUT;
	static const struct sts_refresh_file file = BAD(FETCH_TLS);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_refresh_rules other = rules;
		struct sts_refresh_case c = { DOMAIN, NULL, &other, NOW };
		struct sts_entry_spec spec;

		other.failure_ttl_s = rows[i].failure_ttl_s;
		assert_false(sts_refresh_txt(&c, &txt, &spec));
		check("dns", &spec, rows[i].dns);
		sts_refresh_file(&c, "1", &file, &spec);
		check("fetch", &spec, rows[i].fetch);
	}
}

static void
test_doubling(void **state)
{
	static const int waits[] = { 300, 600, 1200, 2400, 3600, 3600 };
	static const struct sts_refresh_file file = BAD(FETCH_CONNECT);
	struct sts_refresh_case c = { DOMAIN, NULL, &rules, NOW };
	struct sts_entry *entry = NULL;
	struct sts_entry_spec spec;

	(void)state;
	for (size_t i = 0; i < COUNT(waits); i++) {
		sts_refresh_file(&c, "1", &file, &spec);
		if (spec.retry != c.now + waits[i] || spec.expires != spec.retry)
			fail_msg("wait %zu: got %lld, want %d", i, (long long)(spec.retry - c.now), waits[i]);
		sts_entry_unref(&entry);
		assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
		c.previous = entry;
		c.now = entry->retry;
	}
	sts_entry_unref(&entry);
}

static void
test_barred(void **state)
{
	static const struct {
		const char *name;
		struct known known;
		bool barred, tells;
	} rows[] = {
		{ "no bar", { STS_STATE_POLICY, STS_REASON_NONE, -DAY, -DAY, 0, 0 }, false, false },
		{ "over", { STS_STATE_POLICY, STS_REASON_FETCH_TLS, -DAY, -DAY, -10, 0 }, false, false },
		{ "failed", { STS_STATE_POLICY, STS_REASON_FETCH_TLS, -DAY, -DAY, -10, 200 }, true, true },
		{ "short life", { STS_STATE_POLICY, STS_REASON_NONE, -100, -100, -100, 200 }, true, false },
		{ "too far ahead to be true", { STS_STATE_POLICY, STS_REASON_FETCH_TLS, -DAY, -DAY, -10, 3601 }, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_entry *previous = make(&rows[i].known);
		struct sts_refresh_case c = { DOMAIN, previous, &rules, NOW };
		struct sts_entry_spec spec;

		if (sts_refresh_is_barred(previous, &rules, NOW) != rows[i].barred)
			fail_msg("%s: not barred as it should", rows[i].name);
		if (rows[i].barred && sts_refresh_meanwhile(&c, &spec) != rows[i].tells)
			fail_msg("%s: tells not what it should", rows[i].name);
		if (rows[i].tells)
			check(rows[i].name, &spec, "failed fetch-tls id=1 f=- c=-86400 e=+200 r=+200");
		sts_entry_unref(&previous);
	}
	assert_false(sts_refresh_is_barred(NULL, &rules, NOW));
}

static void
test_better(void **state)
{
	/* in ascending order: each is better than all before it */
	static const struct known ladder[] = {
		{ STS_STATE_FAILED, STS_REASON_DNS_TIMEOUT, 0, -900, -1, -1 },
		{ STS_STATE_POLICY, STS_REASON_NONE, -DAY, -DAY, -1, 0 },
		{ STS_STATE_ABSENT, STS_REASON_NONE, 0, -200, 100, 0 },
		{ STS_STATE_FAILED, STS_REASON_DNS_TIMEOUT, 0, -100, 200, 200 },
		{ STS_STATE_POLICY, STS_REASON_NONE, -5000, -5000, 1, 0 },
		{ STS_STATE_POLICY, STS_REASON_NONE, -5000, -4000, 1, 0 },
		{ STS_STATE_POLICY, STS_REASON_FETCH_TLS, -5000, -4000, 1, 300 },
		{ STS_STATE_POLICY, STS_REASON_NONE, -4999, -4999, 1, 0 },
	};
	struct sts_entry *entries[COUNT(ladder)];

	(void)state;
	for (size_t i = 0; i < COUNT(ladder); i++)
		entries[i] = make(&ladder[i]);
	for (size_t i = 0; i < COUNT(ladder); i++) {
		for (size_t k = 0; k < COUNT(ladder); k++) {
			if (sts_refresh_better(entries[i], entries[k], NOW) != entries[i > k ? i : k])
				fail_msg("%zu against %zu", i, k);
		}
	}
	assert_ptr_equal(sts_refresh_better(NULL, entries[0], NOW), entries[0]);
	assert_ptr_equal(sts_refresh_better(entries[0], NULL, NOW), entries[0]);
	assert_null(sts_refresh_better(NULL, NULL, NOW));
	for (size_t i = 0; i < COUNT(ladder); i++)
		sts_entry_unref(&entries[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_txt),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_failure_ttl),
		cmocka_unit_test(test_doubling),
		cmocka_unit_test(test_barred),
		cmocka_unit_test(test_better),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_verdict.c - every combination of policy, reason and TLS has the right verdict. */
#include "config.h"

#include "shared-cache/judge/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct sts_verdict_rules rules = { .tls = { 4, 128, NULL } };

/* Sessions, with the reason of their rating. */
static const struct {
	struct sts_tls tls;
	enum sts_reason rated;
} sessions[] = {
	{ { STS_TLS_SECURED, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256 }, STS_REASON_NONE },
	{ { STS_TLS_SECURED, "TLSv1.2", "", -1 }, STS_REASON_NONE },
	{ { STS_TLS_SECURED, "TLSv1.1", "AES256-SHA", 256 }, STS_REASON_TLS_VERSION },
	{ { STS_TLS_SECURED, "TLSv1.2", "NULL-SHA256", 0 }, STS_REASON_CIPHER },
	{ { STS_TLS_NONE, "", "", -1 }, STS_REASON_PLAINTEXT },
	{ { STS_TLS_UNKNOWN, "", "", -1 }, STS_REASON_TLS_UNKNOWN },
	{ { STS_TLS_SECURED, "odd", "", -1 }, STS_REASON_TLS_UNKNOWN },
};

static struct sts_verdict
decide(enum sts_policy_known known, enum sts_reason reason, const struct sts_tls *tls)
{
	const struct sts_policy_view policy = { .known = known, .reason = reason };
	struct sts_evidence evidence = { .tls = *tls };
	struct sts_verdict verdict;

	memset(&verdict, 0xa5, sizeof(verdict));
	sts_verdict_decide(&evidence, &policy, &rules, &verdict);
	return verdict;
}

static enum sts_result
want_with_policy(enum sts_policy_known known, enum sts_reason rated)
{
	if (rated == STS_REASON_NONE)
		return STS_RESULT_PASS;
	if (rated == STS_REASON_TLS_UNKNOWN)
		return STS_RESULT_NEUTRAL;
	return known == STS_POLICY_ENFORCE ? STS_RESULT_FAIL : STS_RESULT_SOFTFAIL;
}

/* enforce and testing: the session decides, even if the view still has a reason. */
static void
test_with_policy(void **state)
{
	static const enum sts_policy_known known[] = { STS_POLICY_ENFORCE, STS_POLICY_TESTING };

	(void)state;
	for (size_t k = 0; k < COUNT(known); k++) {
		for (size_t s = 0; s < COUNT(sessions); s++) {
			for (unsigned r = 0; r < STS_REASON_COUNT; r++) {
				struct sts_verdict got = decide(known[k], (enum sts_reason)r, &sessions[s].tls);
				enum sts_result want = want_with_policy(known[k], sessions[s].rated);

				if (got.result != want || got.reason != sessions[s].rated ||
				    got.action != STS_ACTION_ACCEPT)
					fail_msg("%s, session %zu: got %s/%s, want %s/%s",
					    sts_policy_known_name(known[k]), s, sts_result_name(got.result),
					    sts_reason_name(got.reason), sts_result_name(want),
					    sts_reason_name(sessions[s].rated));
			}
		}
	}
}

/* no policy and mode none: nothing is expected of anybody. */
static void
test_without_policy(void **state)
{
	static const enum sts_policy_known known[] = { STS_POLICY_NONE, STS_POLICY_ABSENT };

	(void)state;
	for (size_t k = 0; k < COUNT(known); k++) {
		for (size_t s = 0; s < COUNT(sessions); s++) {
			struct sts_verdict got = decide(known[k], STS_REASON_NONE, &sessions[s].tls);

			if (got.result != STS_RESULT_NONE || got.reason != STS_REASON_NONE || got.action != STS_ACTION_ACCEPT)
				fail_msg("%s, session %zu: got %s", sts_policy_known_name(known[k]), s,
				    sts_result_name(got.result));
		}
	}
}

/* unknown: the reason is that of the lookup, never that of the session. */
static void
test_unknown_policy(void **state)
{
	static const struct {
		enum sts_reason reason;
		enum sts_result want;
	} rows[] = {
		{ STS_REASON_PENDING, STS_RESULT_TEMPERROR },
		{ STS_REASON_DNS_TIMEOUT, STS_RESULT_TEMPERROR },
		{ STS_REASON_DNS_FAILURE, STS_RESULT_TEMPERROR },
		{ STS_REASON_FETCH_TIMEOUT, STS_RESULT_TEMPERROR },
		{ STS_REASON_FETCH_CONNECT, STS_RESULT_TEMPERROR },
		{ STS_REASON_OVERLOAD, STS_RESULT_TEMPERROR },
		{ STS_REASON_RECORD_INVALID, STS_RESULT_PERMERROR },
		{ STS_REASON_FETCH_TLS, STS_RESULT_PERMERROR },
		{ STS_REASON_FETCH_STATUS, STS_RESULT_PERMERROR },
		{ STS_REASON_FETCH_TYPE, STS_RESULT_PERMERROR },
		{ STS_REASON_FETCH_SIZE, STS_RESULT_PERMERROR },
		{ STS_REASON_FETCH_REFUSED, STS_RESULT_PERMERROR },
		{ STS_REASON_POLICY_INVALID, STS_RESULT_PERMERROR },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t s = 0; s < COUNT(sessions); s++) {
			struct sts_verdict got = decide(STS_POLICY_UNKNOWN, rows[i].reason, &sessions[s].tls);

			if (got.result != rows[i].want || got.reason != rows[i].reason || got.action != STS_ACTION_ACCEPT)
				fail_msg("%s, session %zu: got %s/%s, want %s", sts_reason_name(rows[i].reason), s,
				    sts_result_name(got.result), sts_reason_name(got.reason), sts_result_name(rows[i].want));
		}
	}
	/* A temperror always has a reason. */
	assert_int_equal(decide(STS_POLICY_UNKNOWN, STS_REASON_NONE, &sessions[0].tls).reason, STS_REASON_PENDING);
	assert_int_equal(decide(STS_POLICY_UNKNOWN, STS_REASON_NONE, &sessions[0].tls).result, STS_RESULT_TEMPERROR);
}

static void
test_view(void **state)
{
	const struct sts_policy policies[] = { { .mode = STS_MODE_NONE }, { .mode = STS_MODE_TESTING },
		{ .mode = STS_MODE_ENFORCE } };
	const struct {
		const char *name;
		struct sts_entry entry;
		enum sts_policy_known known;
		enum sts_reason reason;
		const char *id;
	} rows[] = {
		{ "enforce", { .state = STS_STATE_POLICY, .id = "1a", .policy = &policies[2] }, STS_POLICY_ENFORCE,
		    STS_REASON_NONE, "1a" },
		{ "testing", { .state = STS_STATE_POLICY, .id = "2", .policy = &policies[1] }, STS_POLICY_TESTING,
		    STS_REASON_NONE, "2" },
		{ "none", { .state = STS_STATE_POLICY, .id = "3", .policy = &policies[0] }, STS_POLICY_NONE,
		    STS_REASON_NONE, "3" },
		{ "kept after a failed refresh", { .state = STS_STATE_POLICY, .id = "1", .policy = &policies[2],
		    .reason = STS_REASON_FETCH_CONNECT }, STS_POLICY_ENFORCE, STS_REASON_NONE, "1" },
		{ "absent", { .state = STS_STATE_ABSENT, .id = "" }, STS_POLICY_ABSENT, STS_REASON_NONE, "" },
		{ "failed", { .state = STS_STATE_FAILED, .reason = STS_REASON_FETCH_TLS, .id = "9" }, STS_POLICY_UNKNOWN,
		    STS_REASON_FETCH_TLS, "9" },
	};
	struct sts_policy_view view;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&view, 0xa5, sizeof(view));
		sts_policy_view_of(&rows[i].entry, STS_REASON_PENDING, &view);
		if (view.known != rows[i].known || view.reason != rows[i].reason || strcmp(view.id, rows[i].id) != 0)
			fail_msg("%s: got %s, \"%s\", id \"%s\"", rows[i].name, sts_policy_known_name(view.known),
			    sts_reason_name(view.reason), view.id);
	}
	sts_policy_view_of(NULL, STS_REASON_OVERLOAD, &view);
	assert_int_equal(view.known, STS_POLICY_UNKNOWN);
	assert_int_equal(view.reason, STS_REASON_OVERLOAD);
	assert_string_equal(view.id, "");
	sts_policy_view_absent(&view);
	assert_int_equal(view.known, STS_POLICY_ABSENT);
	assert_int_equal(view.reason, STS_REASON_NONE);
}

static void
test_stricter(void **state)
{
	static const enum sts_policy_known order[] = { STS_POLICY_ENFORCE, STS_POLICY_TESTING, STS_POLICY_UNKNOWN,
		STS_POLICY_NONE, STS_POLICY_ABSENT };

	(void)state;
	assert_int_equal(COUNT(order), STS_POLICY_KNOWN_COUNT);
	for (size_t a = 0; a < COUNT(order); a++) {
		for (size_t b = 0; b < COUNT(order); b++)
			assert_int_equal(sts_policy_stricter(order[a], order[b]), order[a < b ? a : b]);
	}
}

/* Names are API, so they are spelt out here again. */
static void
test_names(void **state)
{
	static const char *const results[] = { "pass", "fail", "softfail", "neutral", "none", "temperror", "permerror" };
	static const char *const known[] = { "enforce", "testing", "none", "absent", "unknown" };
	static const char *const aligned[] = { "yes", "no", "unknown" };
	static const char *const histories[] = { "", "always-tls", "downgrade" };
	static const char *const actions[] = { "accept", "quarantine", "tempfail", "reject" };

	(void)state;
	assert_int_equal(COUNT(results), STS_RESULT_COUNT);
	for (unsigned i = 0; i < STS_RESULT_COUNT; i++)
		assert_string_equal(sts_result_name((enum sts_result)i), results[i]);
	for (unsigned i = 0; i < STS_POLICY_KNOWN_COUNT; i++)
		assert_string_equal(sts_policy_known_name((enum sts_policy_known)i), known[i]);
	for (unsigned i = 0; i < STS_ALIGNED_COUNT; i++)
		assert_string_equal(sts_aligned_name((enum sts_aligned)i), aligned[i]);
	assert_int_equal(COUNT(histories), STS_HISTORY_COUNT);
	for (unsigned i = 0; i < STS_HISTORY_COUNT; i++)
		assert_string_equal(sts_history_name((enum sts_history)i), histories[i]);
	for (unsigned i = 0; i < STS_ACTION_COUNT; i++)
		assert_string_equal(sts_action_name((enum sts_action)i), actions[i]);
	assert_string_equal(sts_identity_name(STS_IDENTITY_MAILFROM), "mailfrom");
	assert_string_equal(sts_identity_name(STS_IDENTITY_HELO), "helo");
	assert_string_equal(sts_result_name(STS_RESULT_COUNT), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_policy),
		cmocka_unit_test(test_without_policy),
		cmocka_unit_test(test_unknown_policy),
		cmocka_unit_test(test_view),
		cmocka_unit_test(test_stricter),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

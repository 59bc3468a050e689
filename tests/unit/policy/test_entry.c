/* SPDX-License-Identifier: ISC */
/* test_entry.c - creation and ageing of cache entries. */
#include "config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared-cache/policy/entry.h"
#include "tests/unit/policy/entry_specs.h"

static void
test_new_copies(void **state)
{
	char domain[] = "example.com", id[] = "a1", text[] = TEXT;
	struct sts_entry_spec spec = policy_spec;
	struct sts_entry *e;

	(void)state;
	spec.domain = domain;
	spec.id = id;
	spec.text = text;
	e = make(&spec);
	domain[0] = id[0] = text[0] = 'X';
	assert_string_equal(e->domain, "example.com");
	assert_string_equal(e->id, "a1");
	assert_string_equal(e->text, TEXT);
	assert_int_equal(e->text_len, sizeof(TEXT) - 1);
	assert_int_equal(e->policy->mode, STS_MODE_ENFORCE);
	assert_int_equal(e->policy->mx_count, 2);
	assert_string_equal(e->policy->mx[0], "a.example");
	assert_true(sts_entry_size(e) > sizeof(*e) + e->text_len);
	sts_entry_unref(&e);
	assert_null(e);
	sts_entry_unref(&e);
}

static void
test_counting(void **state)
{
	struct sts_entry *e = make(&absent_spec), *second = sts_entry_ref(e);

	(void)state;
	assert_ptr_equal(second, e);
	sts_entry_unref(&e);
	assert_null(e);
	assert_string_equal(second->domain, "example.com");
	assert_null(second->policy);
	sts_entry_unref(&second);
}

static void *
borrow_often(void *arg)
{
	for (int i = 0; i < 20000; i++) {
		struct sts_entry *mine = sts_entry_ref(arg);

		sts_entry_unref(&mine);
	}
	return NULL;
}

/* Useful under a sanitizer: a lost reference is a use after free or a leak. */
static void
test_counting_by_threads(void **state)
{
	struct sts_entry *e = make(&policy_spec);
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, borrow_often, e), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_string_equal(e->text, TEXT);
	sts_entry_unref(&e);
}

/* Each row invalidates one field of a valid spec. */
#define SPOIL(name, statement)			\
	static void name(struct sts_entry_spec *s)	\
	{						\
		statement;				\
	}
SPOIL(spoil_domain_case, s->domain = "Example.com")
SPOIL(spoil_domain_dot, s->domain = "example.com.")
SPOIL(spoil_domain_empty, s->domain = "")
SPOIL(spoil_state, s->state = (enum sts_entry_state)7)
SPOIL(spoil_id_byte, s->id = "a-1")
SPOIL(spoil_id_long, s->id = "abcdefghijklmnopqrstuvwxyz0123456")
SPOIL(spoil_no_id, s->id = NULL)
SPOIL(spoil_text, s->text_len -= 2; s->text += 2)
SPOIL(spoil_no_text, s->text = NULL; s->text_len = 0)
SPOIL(spoil_expires, s->expires = s->fetched + 86401)
SPOIL(spoil_expires_zero, s->expires = 0)
SPOIL(spoil_fetched_zero, s->fetched = 0; s->expires = 86400)
SPOIL(spoil_fetched_set, s->fetched = NOW)
SPOIL(spoil_checked, s->checked = 0)
SPOIL(spoil_retry, s->retry = -1)
SPOIL(spoil_reason_session, s->reason = STS_REASON_PLAINTEXT)
SPOIL(spoil_reason_pending, s->reason = STS_REASON_PENDING)
SPOIL(spoil_reason_none, s->reason = STS_REASON_NONE)
SPOIL(spoil_reason_range, s->reason = STS_REASON_COUNT)
SPOIL(spoil_reason_any, s->reason = STS_REASON_FETCH_TLS)
SPOIL(spoil_text_set, s->text = TEXT; s->text_len = sizeof(TEXT) - 1)

static const struct {
	const char *name;
	const struct sts_entry_spec *from;
	void (*spoil)(struct sts_entry_spec *s);
} bad_specs[] = {
	{ "domain in upper case", &policy_spec, spoil_domain_case },
	{ "domain with a trailing dot", &policy_spec, spoil_domain_dot },
	{ "no domain", &absent_spec, spoil_domain_empty },
	{ "unknown state", &absent_spec, spoil_state },
	{ "byte in id", &policy_spec, spoil_id_byte },
	{ "id too long", &failed_spec, spoil_id_long },
	{ "policy without id", &policy_spec, spoil_no_id },
	{ "text does not parse", &policy_spec, spoil_text },
	{ "policy without text", &policy_spec, spoil_no_text },
	{ "longer than max_age", &policy_spec, spoil_expires },
	{ "no expiry", &absent_spec, spoil_expires_zero },
	{ "policy never fetched", &policy_spec, spoil_fetched_zero },
	{ "absent but fetched", &absent_spec, spoil_fetched_set },
	{ "failed but fetched", &failed_spec, spoil_fetched_set },
	{ "never checked", &absent_spec, spoil_checked },
	{ "negative retry", &policy_spec, spoil_retry },
	{ "a session's reason", &failed_spec, spoil_reason_session },
	{ "a session's reason with a policy", &policy_spec, spoil_reason_session },
	{ "pending", &failed_spec, spoil_reason_pending },
	{ "failed without reason", &failed_spec, spoil_reason_none },
	{ "reason out of range", &failed_spec, spoil_reason_range },
	{ "absent with a reason", &absent_spec, spoil_reason_any },
	{ "absent with a text", &absent_spec, spoil_text_set },
	{ "failed with a text", &failed_spec, spoil_text_set },
};

static void
test_bad_specs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_specs) / sizeof(bad_specs[0]); i++) {
		struct sts_entry_spec spec = *bad_specs[i].from;
		struct sts_entry *e;

		bad_specs[i].spoil(&spec);
		if (sts_entry_new(&spec, &e) != STS_EINVAL || e != NULL)
			fail_msg("%s: accepted", bad_specs[i].name);
	}
}

static void
test_refreshed_policy_with_reason(void **state)
{
	struct sts_entry_spec spec = policy_spec;
	struct sts_entry *e;

	(void)state;
	spec.reason = STS_REASON_FETCH_TIMEOUT;
	spec.retry = NOW + 300;
	spec.expires = spec.fetched + 10;	/* shorter than max_age is allowed */
	e = make(&spec);
	assert_int_equal(e->reason, STS_REASON_FETCH_TIMEOUT);
	sts_entry_unref(&e);
}

static void
test_is_live(void **state)
{
	struct sts_entry_spec spec = policy_spec;
	struct sts_entry *e = make(&policy_spec);

	(void)state;
	assert_true(sts_entry_is_live(e, NOW));
	assert_true(sts_entry_is_live(e, e->expires - 1));
	assert_false(sts_entry_is_live(e, e->expires));
	assert_true(sts_entry_is_live(e, e->checked - 300));
	assert_false(sts_entry_is_live(e, e->checked - 301));
	sts_entry_unref(&e);
	/* fetched later than checked: somebody's clock went back in between */
	spec.checked = spec.fetched - 1000;
	e = make(&spec);
	assert_true(sts_entry_is_live(e, e->fetched - 300));
	assert_false(sts_entry_is_live(e, e->fetched - 301));
	sts_entry_unref(&e);
}

static const struct sts_entry_intervals daily = { .refresh_s = 86400, .recheck_s = 3600, .salt = 1 };

static void
test_due(void **state)
{
	struct sts_entry *e = make(&policy_spec);
	struct sts_entry_intervals i = daily;
	int64_t due = sts_entry_due(e, &i);

	(void)state;
	/* the id re-check comes first */
	assert_true(due <= e->checked + 3600 && due > e->checked + 3600 - 361);
	assert_int_equal(due, sts_entry_due(e, &i));
	/* with rare re-checks, 3/4 of max_age comes before refresh_s */
	i.recheck_s = 1000000;
	due = sts_entry_due(e, &i);
	assert_true(due <= e->fetched + 64800 && due > e->fetched + 64800 - 6481);
	assert_false(sts_entry_fetch_due(e, &i, due - 1));
	assert_true(sts_entry_fetch_due(e, &i, due));
	/* and refresh_s when it is sooner */
	i.refresh_s = 1000;
	due = sts_entry_due(e, &i);
	assert_true(due <= e->fetched + 1000 && due > e->fetched + 1000 - 101);
	sts_entry_unref(&e);
}

static void
test_due_not_before_retry(void **state)
{
	struct sts_entry_spec spec = policy_spec;
	struct sts_entry *e;

	(void)state;
	spec.retry = NOW + 50000;
	e = make(&spec);
	assert_int_equal(sts_entry_due(e, &daily), NOW + 50000);
	sts_entry_unref(&e);
	e = make(&failed_spec);
	assert_int_equal(sts_entry_due(e, &daily), failed_spec.expires);
	assert_true(sts_entry_fetch_due(e, &daily, NOW));
	sts_entry_unref(&e);
	spec = failed_spec;
	spec.retry = spec.expires + 7;
	e = make(&spec);
	assert_int_equal(sts_entry_due(e, &daily), spec.retry);
	sts_entry_unref(&e);
}

/* The jitter of nodes and domains covers the whole tenth, and never exceeds it. */
static void
test_jitter_spreads(void **state)
{
	struct sts_entry *e = make(&policy_spec);
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint32_t salt = 0; salt < 500; salt++) {
		struct sts_entry_intervals i = { .refresh_s = 10000, .recheck_s = 10000000, .salt = salt };
		int64_t age = sts_entry_due(e, &i) - e->fetched;

		least = age < least ? age : least;
		most = age > most ? age : most;
	}
	assert_true(least >= 9000 && least < 9050);
	assert_true(most <= 10000 && most > 9950);
	sts_entry_unref(&e);
}

static void
test_names_of_states(void **state)
{
	(void)state;
	assert_string_equal(sts_entry_state_name(STS_STATE_FAILED), "failed");
	assert_string_equal(sts_entry_state_name((enum sts_entry_state)99), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_copies),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_counting_by_threads),
		cmocka_unit_test(test_bad_specs),
		cmocka_unit_test(test_refreshed_policy_with_reason),
		cmocka_unit_test(test_is_live),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_due_not_before_retry),
		cmocka_unit_test(test_jitter_spreads),
		cmocka_unit_test(test_names_of_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_entry.c - making, ageing and encoding of cache entries; what decoding must not believe. */
#include "config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/policy/entry.h"

#define TEXT "version: STSv1\nmode: enforce\nmx: A.example\nmx: *.b.example\nmax_age: 86400\n"
#define NOW 1800000000

static const struct sts_entry_spec policy_spec = {
	.domain = "example.com", .state = STS_STATE_POLICY, .id = "a1", .text = TEXT, .text_len = sizeof(TEXT) - 1,
	.fetched = NOW - 100, .checked = NOW - 50, .expires = NOW - 100 + 86400,
};
static const struct sts_entry_spec absent_spec = {
	.domain = "example.com", .state = STS_STATE_ABSENT, .checked = NOW - 50, .expires = NOW + 3600,
};
static const struct sts_entry_spec failed_spec = {
	.domain = "example.com", .state = STS_STATE_FAILED, .reason = STS_REASON_FETCH_TLS, .id = "a1",
	.checked = NOW - 50, .expires = NOW + 300, .retry = NOW + 250,
};

static struct sts_entry *
make(const struct sts_entry_spec *spec)
{
	struct sts_entry *e;

	assert_int_equal(sts_entry_new(spec, &e), STS_OK);
	return e;
}

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

/* Says something under a sanitizer: a lost count is a use after free or a leak. */
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

/* Each row spoils one thing in a good spec. */
#define SPOIL(name, statement)			\
	static void name(struct sts_entry_spec *s)	\
	{						\
		statement;				\
	}
SPOIL(spoil_domain_case, s->domain = "Example.com")
SPOIL(spoil_domain_dot, s->domain = "example.com.")
SPOIL(spoil_domain_empty, s->domain = "")
SPOIL(spoil_state, s->state = (enum sts_state)7)
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
	/* fetched after it was last looked at: somebody's clock went back in between */
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

/* Nodes and domains spread over the whole tenth, and never beyond it. */
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

/* ---- encoding ---- */

static const char *const names[STS_ENTRY_FIELDS] = {
	"schema", "state", "id", "mode", "mx", "max_age", "fetched", "checked", "expires", "text", "reason", "retry",
};

static void
assert_same(const struct sts_entry *a, const struct sts_entry *b)
{
	assert_string_equal(a->domain, b->domain);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->reason, b->reason);
	assert_string_equal(a->id, b->id);
	assert_int_equal(a->fetched, b->fetched);
	assert_int_equal(a->checked, b->checked);
	assert_int_equal(a->expires, b->expires);
	assert_int_equal(a->retry, b->retry);
	assert_int_equal(a->text_len, b->text_len);
	if (a->text_len > 0)
		assert_memory_equal(a->text, b->text, a->text_len);
	assert_int_equal(a->policy != NULL, b->policy != NULL);
}

static void
test_round_trip(void **state)
{
	static const struct sts_entry_spec *const specs[] = { &policy_spec, &absent_spec, &failed_spec };

	(void)state;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct sts_entry *e = make(specs[i]), *back;
		struct sts_field fields[STS_ENTRY_FIELDS];
		struct sts_entry_scratch scratch;

		assert_int_equal(sts_entry_encode(e, fields, &scratch), STS_OK);
		for (size_t k = 0; k < STS_ENTRY_FIELDS; k++)
			assert_string_equal(fields[k].name, names[k]);
		assert_int_equal(sts_entry_decode("example.com", fields, STS_ENTRY_FIELDS, NOW, &back), STS_OK);
		assert_same(e, back);
		sts_entry_scratch_fini(&scratch);
		sts_entry_unref(&back);
		sts_entry_unref(&e);
	}
}

static void
test_encoded_values(void **state)
{
	static const char *const want[STS_ENTRY_FIELDS] = {
		"1", "policy", "a1", "enforce", "a.example *.b.example", "86400", "1799999900", "1799999950", "1800086300", TEXT,
		"", "0",
	};
	struct sts_entry *e = make(&policy_spec);
	struct sts_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;

	(void)state;
	assert_int_equal(sts_entry_encode(e, fields, &scratch), STS_OK);
	for (size_t k = 0; k < STS_ENTRY_FIELDS; k++) {
		assert_int_equal(fields[k].len, strlen(want[k]));
		assert_memory_equal(fields[k].value, want[k], fields[k].len);
	}
	sts_entry_scratch_fini(&scratch);
	sts_entry_unref(&e);
}

/* Decodes spec's encoding with one field replaced (value NULL: left out) and one more, unknown one. */
static enum sts_status
decode_with(const struct sts_entry_spec *spec, const char *name, const char *value, size_t len)
{
	struct sts_entry *e = make(spec), *back = NULL;
	struct sts_field fields[STS_ENTRY_FIELDS + 1];
	struct sts_entry_scratch scratch;
	enum sts_status status;
	size_t count = STS_ENTRY_FIELDS + 1;

	assert_int_equal(sts_entry_encode(e, fields, &scratch), STS_OK);
	fields[STS_ENTRY_FIELDS] = (struct sts_field){ "future", "x", 1 };
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		if (value == NULL)
			fields[i] = fields[--count];
		else
			fields[i] = (struct sts_field){ fields[i].name, value, len };
		break;
	}
	status = sts_entry_decode("example.com", fields, count, NOW, &back);
	assert_int_equal(back != NULL, status == STS_OK);
	sts_entry_scratch_fini(&scratch);
	sts_entry_unref(&back);
	sts_entry_unref(&e);
	return status;
}

static void
test_each_field_missing(void **state)
{
	static const struct sts_entry_spec *const specs[] = { &policy_spec, &absent_spec, &failed_spec };

	(void)state;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		assert_int_equal(decode_with(specs[i], "future", NULL, 0), STS_OK);
		for (size_t k = 0; k < STS_ENTRY_FIELDS; k++)
			if (decode_with(specs[i], names[k], NULL, 0) != STS_EINVAL)
				fail_msg("%s without %s: accepted", sts_state_name(specs[i]->state), names[k]);
	}
}

static const struct {
	const char *name;
	const struct sts_entry_spec *from;
	const char *field;
	const char *value;
	size_t len;		/* 0: up to the NUL */
} garbled[] = {
	{ "schema of the future", &policy_spec, "schema", "2", 0 },
	{ "schema empty", &policy_spec, "schema", "", 0 },
	{ "schema with zeros", &policy_spec, "schema", "01", 0 },
	{ "schema with a NUL", &policy_spec, "schema", "1\0", 2 },
	{ "state unknown", &policy_spec, "state", "POLICY", 0 },
	{ "state empty", &policy_spec, "state", "", 0 },
	{ "state cut", &policy_spec, "state", "polic", 0 },
	{ "state says absent", &policy_spec, "state", "absent", 0 },
	{ "state says failed", &policy_spec, "state", "failed", 0 },
	{ "state says policy", &failed_spec, "state", "policy", 0 },
	{ "id empty", &policy_spec, "id", "", 0 },
	{ "id with a hyphen", &policy_spec, "id", "a-1", 0 },
	{ "id with a NUL", &policy_spec, "id", "a\0b", 3 },
	{ "id too long", &policy_spec, "id", "abcdefghijklmnopqrstuvwxyz0123456", 0 },
	{ "mode differs from the text", &policy_spec, "mode", "testing", 0 },
	{ "mode empty", &policy_spec, "mode", "", 0 },
	{ "mode where there is no policy", &absent_spec, "mode", "enforce", 0 },
	{ "mx differs from the text", &policy_spec, "mx", "a.example *.c.example", 0 },
	{ "mx cut", &policy_spec, "mx", "a.example", 0 },
	{ "mx where there is no policy", &failed_spec, "mx", "a.example", 0 },
	{ "max_age differs from the text", &policy_spec, "max_age", "86401", 0 },
	{ "max_age empty", &policy_spec, "max_age", "", 0 },
	{ "max_age where there is no policy", &absent_spec, "max_age", "1", 0 },
	{ "fetched empty", &policy_spec, "fetched", "", 0 },
	{ "fetched negative", &policy_spec, "fetched", "-1", 0 },
	{ "fetched is a word", &policy_spec, "fetched", "now", 0 },
	{ "fetched with a blank", &policy_spec, "fetched", " 1799999900", 0 },
	{ "fetched zero", &policy_spec, "fetched", "0", 0 },
	{ "fetched in the future", &policy_spec, "fetched", "1800000301", 0 },
	{ "fetched earlier than max_age allows", &policy_spec, "fetched", "1799999899", 0 },
	{ "fetched where there is no policy", &absent_spec, "fetched", "1799999900", 0 },
	{ "checked empty", &policy_spec, "checked", "", 0 },
	{ "checked zero", &policy_spec, "checked", "0", 0 },
	{ "checked in the future", &policy_spec, "checked", "1800000301", 0 },
	{ "checked of 13 digits", &policy_spec, "checked", "0001799999950", 0 },
	{ "expires empty", &policy_spec, "expires", "", 0 },
	{ "expires zero", &policy_spec, "expires", "0", 0 },
	{ "expires beyond max_age", &policy_spec, "expires", "1800086301", 0 },
	{ "expires far beyond", &policy_spec, "expires", "999999999999", 0 },
	{ "expires overflows", &policy_spec, "expires", "99999999999999999999", 0 },
	{ "negative expires beyond a day", &absent_spec, "expires", "1800086401", 0 },
	{ "failure expires beyond a day", &failed_spec, "expires", "1800086401", 0 },
	{ "text empty", &policy_spec, "text", "", 0 },
	{ "text is no policy", &policy_spec, "text", "hello", 0 },
	{ "text with a NUL", &policy_spec, "text", TEXT "\0", sizeof(TEXT) },
	{ "text of another policy", &policy_spec, "text", "version: STSv1\nmode: none\nmax_age: 86400\n", 0 },
	{ "text where there is no policy", &absent_spec, "text", TEXT, 0 },
	{ "reason unknown", &failed_spec, "reason", "weather", 0 },
	{ "reason of a session", &failed_spec, "reason", "plaintext", 0 },
	{ "reason pending", &failed_spec, "reason", "pending", 0 },
	{ "reason empty", &failed_spec, "reason", "", 0 },
	{ "reason where nothing is published", &absent_spec, "reason", "fetch-tls", 0 },
	{ "retry empty", &policy_spec, "retry", "", 0 },
	{ "retry negative", &policy_spec, "retry", "-5", 0 },
	{ "retry beyond a day", &policy_spec, "retry", "1800086401", 0 },
};

static void
test_each_field_garbled(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(garbled) / sizeof(garbled[0]); i++) {
		size_t len = garbled[i].len > 0 ? garbled[i].len : strlen(garbled[i].value);

		if (decode_with(garbled[i].from, garbled[i].field, garbled[i].value, len) != STS_EINVAL)
			fail_msg("%s: accepted", garbled[i].name);
	}
}

static void
test_tolerated(void **state)
{
	(void)state;
	assert_int_equal(decode_with(&policy_spec, "checked", "1800000300", 10), STS_OK);
	assert_int_equal(decode_with(&policy_spec, "expires", "1799999950", 10), STS_OK);
	assert_int_equal(decode_with(&policy_spec, "reason", "fetch-timeout", 13), STS_OK);
	assert_int_equal(decode_with(&policy_spec, "retry", "1800086400", 10), STS_OK);
	assert_int_equal(decode_with(&absent_spec, "expires", "1800086400", 10), STS_OK);
	assert_int_equal(decode_with(&absent_spec, "id", "a1", 2), STS_OK);
	assert_int_equal(decode_with(&failed_spec, "id", "", 0), STS_OK);
}

static void
test_decode_other_domains(void **state)
{
	struct sts_entry *e = make(&absent_spec), *back;
	struct sts_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;

	(void)state;
	assert_int_equal(sts_entry_encode(e, fields, &scratch), STS_OK);
	assert_int_equal(sts_entry_decode("Not.Normal", fields, STS_ENTRY_FIELDS, NOW, &back), STS_EINVAL);
	assert_int_equal(sts_entry_decode("example.com", fields, 0, NOW, &back), STS_EINVAL);
	assert_int_equal(sts_entry_decode("example.com", NULL, 0, NOW, &back), STS_EINVAL);
	sts_entry_scratch_fini(&scratch);
	sts_entry_unref(&e);
}

static void
test_names_of_states(void **state)
{
	(void)state;
	assert_string_equal(sts_state_name(STS_STATE_FAILED), "failed");
	assert_string_equal(sts_state_name((enum sts_state)99), "");
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
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_encoded_values),
		cmocka_unit_test(test_each_field_missing),
		cmocka_unit_test(test_each_field_garbled),
		cmocka_unit_test(test_tolerated),
		cmocka_unit_test(test_decode_other_domains),
		cmocka_unit_test(test_names_of_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

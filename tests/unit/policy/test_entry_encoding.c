/* SPDX-License-Identifier: ISC */
/* test_entry_encoding.c - encoding of cache entries, and what decoding must reject. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/policy/entry.h"
#include "tests/unit/policy/entry_specs.h"

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
		struct sts_entry_field fields[STS_ENTRY_FIELDS];
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
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
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

/* Decodes the encoding of spec with one field replaced (value NULL: removed), and with one unknown field added. */
static enum sts_status
decode_with(const struct sts_entry_spec *spec, const char *name, const char *value, size_t len)
{
	struct sts_entry *e = make(spec), *back = NULL;
	struct sts_entry_field fields[STS_ENTRY_FIELDS + 1];
	struct sts_entry_scratch scratch;
	enum sts_status status;
	size_t count = STS_ENTRY_FIELDS + 1;

	assert_int_equal(sts_entry_encode(e, fields, &scratch), STS_OK);
	fields[STS_ENTRY_FIELDS] = (struct sts_entry_field){ "future", "x", 1 };
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		if (value == NULL)
			fields[i] = fields[--count];
		else
			fields[i] = (struct sts_entry_field){ fields[i].name, value, len };
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
				fail_msg("%s without %s: accepted", sts_entry_state_name(specs[i]->state), names[k]);
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
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;

	(void)state;
	assert_int_equal(sts_entry_encode(e, fields, &scratch), STS_OK);
	assert_int_equal(sts_entry_decode("Not.Normal", fields, STS_ENTRY_FIELDS, NOW, &back), STS_EINVAL);
	assert_int_equal(sts_entry_decode("example.com", fields, 0, NOW, &back), STS_EINVAL);
	assert_int_equal(sts_entry_decode("example.com", NULL, 0, NOW, &back), STS_EINVAL);
	sts_entry_scratch_fini(&scratch);
	sts_entry_unref(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_encoded_values),
		cmocka_unit_test(test_each_field_missing),
		cmocka_unit_test(test_each_field_garbled),
		cmocka_unit_test(test_tolerated),
		cmocka_unit_test(test_decode_other_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

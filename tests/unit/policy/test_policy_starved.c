/* SPDX-License-Identifier: ISC */
/*
 * test_policy_starved.c - policies and cache entries while memory fails. The status must be STS_ENOMEM: an entry reported as damaged
 * would be thrown away, a policy reported as invalid would not be enforced.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/names/organisation.h"
#include "shared-cache/policy/entry.h"
#include "shared-cache/policy/policy_text.h"
#include "tests/fake/starve.h"

#define TEXT "version: STSv1\nmode: enforce\nmx: A.example\nmx: *.b.example\nmx: mail.b.example\nmax_age: 86400\n"
enum { NOW = 1800000000 };

static const struct sts_entry_spec policy_spec = {
	.domain = "example.com", .state = STS_STATE_POLICY, .id = "a1", .text = TEXT, .text_len = sizeof(TEXT) - 1,
	.fetched = NOW - 100, .checked = NOW - 50, .expires = NOW - 100 + 86400,
};

static enum sts_status
make_entry(void *arg)
{
	struct sts_entry *entry;
	enum sts_status status = sts_entry_new(&policy_spec, &entry);

	(void)arg;
	assert_int_equal(entry == NULL, status != STS_OK);
	sts_entry_unref(&entry);
	return status;
}

static enum sts_status
encode(void *arg)
{
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;
	enum sts_status status = sts_entry_encode(arg, fields, &scratch);

	sts_entry_scratch_fini(&scratch);
	return status;
}

static enum sts_status
decode(void *arg)
{
	struct sts_entry *entry;
	enum sts_status status = sts_entry_decode("example.com", arg, STS_ENTRY_FIELDS, NOW, &entry);

	assert_int_equal(entry == NULL, status != STS_OK);
	sts_entry_unref(&entry);
	return status;
}

static void
test_entries(void **state)
{
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;
	struct sts_entry *entry;

	(void)state;
	assert_int_equal(starve(STARVE_ALL, make_entry, NULL), 4);
	assert_int_equal(sts_entry_new(&policy_spec, &entry), STS_OK);
	assert_int_equal(starve(STARVE_ALL, encode, entry), 1);
	assert_int_equal(sts_entry_encode(entry, fields, &scratch), STS_OK);
	assert_true(starve(STARVE_ALL, decode, fields) >= 3);
	sts_entry_scratch_fini(&scratch);
	sts_entry_unref(&entry);
}

/* An entry that shares its text with others, and one without a text. */
static enum sts_status
share_text(void *arg)
{
	const struct sts_entry_spec spec = { .domain = "b.example", .state = STS_STATE_POLICY, .fetched = 1, .checked = 2, .expires = 3 };
	struct sts_entry *bare = sts_entry_again(&spec), *with;

	if (bare == NULL)
		return STS_ENOMEM;
	assert_null(sts_entry_policy_text(bare));
	with = sts_entry_with_text(bare, arg);
	if (with != NULL) {
		assert_ptr_equal(sts_entry_policy_text(with), arg);
		assert_string_equal(with->domain, "b.example");
		assert_string_equal(with->id, "");
		assert_int_equal(with->expires, 3);
		assert_int_equal(with->policy->org_count, 2);	/* A.example; b.example, once */
		assert_string_equal(with->policy->orgs[1], "b.example");
	}
	sts_entry_unref(&bare);
	if (with == NULL)
		return STS_ENOMEM;
	sts_entry_unref(&with);
	return STS_OK;
}

static enum sts_status
make_text(void *arg)
{
	struct sts_policy_text *text;
	enum sts_status status = sts_policy_text_new(TEXT, sizeof(TEXT) - 1, arg, &text);

	assert_int_equal(text == NULL, status != STS_OK);
	sts_policy_text_unref(&text);
	return status;
}

static void
test_texts(void **state)
{
	struct sts_organisations *list;
	struct sts_policy_text *text;

	(void)state;
	if (sts_organisations_new(&list) != STS_OK)
		skip();
	assert_int_equal(starve(STARVE_ALL, make_text, list), 3);
	assert_int_equal(sts_policy_text_new(TEXT, sizeof(TEXT) - 1, list, &text), STS_OK);
	assert_int_equal(starve(STARVE_ALL, share_text, text), 2);
	sts_policy_text_unref(&text);
	sts_organisations_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_texts),
	};

	if (!starve_can())
		return 77;	/* skipped */
	return cmocka_run_group_tests_name("policy_starved", tests, NULL, NULL);
}

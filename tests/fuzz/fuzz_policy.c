/* SPDX-License-Identifier: ISC */
/* fuzz_policy.c - any policy text; a valid one must survive the cache's encoding. */
#include "config.h"

#include <string.h>

#include "shared-cache/policy/entry.h"
#include "shared-cache/policy/policy.h"
#include "tests/fuzz/fuzz.h"

enum { NOW = 1800000000 };

static void
check_policy(const struct sts_policy *p)
{
	MUST(p->max_age_s <= STS_POLICY_MAX_AGE_S);
	MUST(p->mx_count > 0 || p->mode == STS_MODE_NONE);
	for (size_t i = 0; i < p->mx_count; i++) {
		MUST(sts_policy_mx_valid(p->mx[i], strlen(p->mx[i]), 0, NULL));
		if (p->mx[i][0] != '*')
			MUST(sts_policy_mx_matches(p->mx[i], p->mx[i]));
	}
}

static void
check_same(const struct sts_policy *a, const struct sts_policy *b)
{
	MUST(a->mode == b->mode && a->max_age_s == b->max_age_s && a->mx_count == b->mx_count);
	for (size_t i = 0; i < a->mx_count; i++)
		MUST(strcmp(a->mx[i], b->mx[i]) == 0);
}

static void
check_round_trip(const struct sts_policy *p, const char *text, size_t size)
{
	struct sts_entry_spec spec = {
		.domain = "example.com", .state = STS_STATE_POLICY, .id = "a1", .text = text, .text_len = size,
		.fetched = NOW, .checked = NOW, .expires = NOW + (int64_t)p->max_age_s,
	};
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;
	struct sts_entry *e, *back;

	MUST(sts_entry_new(&spec, &e) == STS_OK);
	MUST(sts_entry_encode(e, fields, &scratch) == STS_OK);
	MUST(sts_entry_decode("example.com", fields, STS_ENTRY_FIELDS, NOW, &back) == STS_OK);
	check_same(p, back->policy);
	MUST(back->text_len == size && memcmp(back->text, text, size) == 0);
	sts_entry_scratch_fini(&scratch);
	sts_entry_unref(&back);
	sts_entry_unref(&e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct sts_policy *p;
	struct sts_diag diag;
	enum sts_status status;

	sts_diag_init(&diag);
	status = sts_policy_parse(text, size, &p, &diag);
	MUST(status == STS_OK || status == STS_EINVAL);
	MUST((p != NULL) == (status == STS_OK) && (diag.error.text[0] == '\0') == (status == STS_OK));
	for (const char *c = diag.error.text; *c != '\0'; c++)
		MUST((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f);
	if (status == STS_OK) {
		check_policy(p);
		check_round_trip(p, text, size);
	}
	sts_policy_free(&p);
	return 0;
}

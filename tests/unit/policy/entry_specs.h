/* SPDX-License-Identifier: ISC */
/* entry_specs.h - a valid entry of each state. */
#ifndef ENTRY_SPECS_H
#define ENTRY_SPECS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

/* Release the result with sts_entry_unref. */
static inline struct sts_entry *
make(const struct sts_entry_spec *spec)
{
	struct sts_entry *e;

	assert_int_equal(sts_entry_new(spec, &e), STS_OK);
	return e;
}

#endif

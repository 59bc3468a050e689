/* SPDX-License-Identifier: ISC */
/* l1_world.c - see l1_world.h. */
#include "config.h"

#include "tests/unit/memory/l1_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct sts_entry *
make(enum sts_entry_state state, const char *domain, int64_t checked, int64_t expires)
{
	struct sts_entry_spec spec = { .domain = domain, .state = state, .checked = checked, .expires = expires };
	struct sts_entry *entry;

	if (state == STS_STATE_POLICY) {
		spec.id = "1";
		spec.text = TEXT;
		spec.text_len = strlen(TEXT);
		spec.fetched = checked;
	}
	assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
	return entry;
}

void
put(struct sts_l1 *l1, const char *domain, int64_t life, int64_t due, int64_t now)
{
	struct sts_entry *entry = make(STS_STATE_POLICY, domain, now, now + life);

	assert_int_equal(sts_l1_put(l1, entry, due, now), STS_OK);
	sts_entry_unref(&entry);
}

bool
has(struct sts_l1 *l1, const char *domain, int64_t now)
{
	bool claimed;
	struct sts_entry *entry = sts_l1_get(l1, domain, now, &claimed);
	bool found = entry != NULL;

	assert_true(!found || strcmp(entry->domain, domain) == 0);
	assert_true(found || !claimed);
	sts_entry_unref(&entry);
	return found;
}

struct sts_l1 *
new_l1(size_t max_entries, size_t max_bytes)
{
	struct sts_l1 *l1;

	assert_int_equal(sts_l1_new(max_entries, max_bytes, NULL, &l1), STS_OK);
	return l1;
}

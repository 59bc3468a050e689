/* SPDX-License-Identifier: ISC */
/*
 * fuzz_entry.c - any contents of a Redis hash. The input is name, NUL, value, NUL, ...: an accepted entry must be valid, and
 * must encode to what was read.
 */
#include "config.h"

#include <string.h>

#include "shared-cache/policy/entry.h"
#include "tests/fuzz/fuzz.h"

enum { FIELDS_MAX = 24 };
static const int64_t now = 1800000000;

/* Reads up to the next NUL; false at the end. data need not end in one. */
static bool
take(const char **data, size_t *size, struct sts_entry_field *out)
{
	const char *end = *size > 0 ? memchr(*data, '\0', *size) : NULL;

	if (end == NULL)
		return false;
	out->value = *data;
	out->len = (size_t)(end - *data);
	*size -= out->len + 1;
	*data = end + 1;
	return true;
}

static size_t
cut(const char *data, size_t size, struct sts_entry_field fields[FIELDS_MAX])
{
	struct sts_entry_field name, value;
	size_t count = 0;

	while (count < FIELDS_MAX && take(&data, &size, &name) && take(&data, &size, &value))
		fields[count++] = (struct sts_entry_field){ name.value, value.value, value.len };
	return count;
}

static void
check_sound(const struct sts_entry *e)
{
	MUST((e->policy != NULL) == (e->state == STS_STATE_POLICY));
	MUST((e->text_len > 0) == (e->state == STS_STATE_POLICY));
	MUST(strlen(e->id) <= STS_ID_MAX);
	MUST(e->fetched <= now + 300 && e->checked <= now + 300);
	if (e->policy != NULL)
		MUST(e->expires <= e->fetched + (int64_t)e->policy->max_age_s);
	else
		MUST(e->expires <= now + 86400);
}

static void
check_due(const struct sts_entry *e)
{
	static const struct sts_entry_intervals intervals = { .refresh_s = 86400, .recheck_s = 3600, .salt = 7 };
	int64_t due = sts_entry_due(e, &intervals);

	MUST(due >= e->retry);
	if (e->state == STS_STATE_POLICY)
		MUST(due <= e->checked + 3600 || due == e->retry);
	(void)sts_entry_fetch_due(e, &intervals, now);
	(void)sts_entry_is_live(e, now);
	MUST(sts_entry_size(e) > sizeof(*e));
}

static void
check_round_trip(const struct sts_entry *e)
{
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;
	struct sts_entry *back;

	MUST(sts_entry_encode(e, fields, &scratch) == STS_OK);
	MUST(sts_entry_decode(e->domain, fields, STS_ENTRY_FIELDS, now, &back) == STS_OK);
	MUST(back->state == e->state && back->reason == e->reason && strcmp(back->id, e->id) == 0);
	MUST(back->fetched == e->fetched && back->checked == e->checked && back->expires == e->expires);
	MUST(back->retry == e->retry && back->text_len == e->text_len);
	sts_entry_scratch_fini(&scratch);
	sts_entry_unref(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_entry_field fields[FIELDS_MAX];
	size_t count = cut((const char *)data, size, fields);
	struct sts_entry *e;
	enum sts_status status = sts_entry_decode("example.com", fields, count, now, &e);

	MUST(status == STS_OK || status == STS_EINVAL);
	MUST((e != NULL) == (status == STS_OK));
	if (e != NULL) {
		check_sound(e);
		check_due(e);
		check_round_trip(e);
	}
	sts_entry_unref(&e);
	return 0;
}

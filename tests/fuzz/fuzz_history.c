/* SPDX-License-Identifier: ISC */
/*
 * fuzz_history.c - any contents of a Redis hash. The input is name, NUL, value, NUL, ...: accepted days lie within the period
 * that counts, merging and packing change nothing, and the verdicts are consistent.
 */
#include "config.h"

#include <string.h>

#include "shared-cache/judge/history.h"
#include "shared-cache/judge/history_packed.h"
#include "tests/fuzz/fuzz.h"

static const int64_t now = 1800000000;

/* Reads up to the next NUL; false at the end. data need not end in one. */
static bool
take_word(const char **data, size_t *size, const char **word, size_t *len)
{
	const char *end = *size > 0 ? memchr(*data, '\0', *size) : NULL;

	if (end == NULL)
		return false;
	*word = *data;
	*len = (size_t)(end - *data);
	*size -= *len + 1;
	*data = end + 1;
	return true;
}

static void
check_sum(const struct sts_history_days *h, enum sts_tls_state tls)
{
	struct sts_history_sum sum;
	int64_t today = sts_history_day(now);

	sts_history_sum(h, tls, now, &sum);
	MUST(sum.days <= STS_HISTORY_DAYS && (sum.days > 0) == (sum.messages > 0));
	MUST(sum.messages >= sum.days);
	if (sum.days > 0)
		MUST(sum.first > today - STS_HISTORY_DAYS && sum.first <= sum.last && sum.last <= today);
}

static void
check_verdicts(const struct sts_history_days *h)
{
	static const struct sts_history_rules rules[] = { { 14, 20 }, { 1, 1 }, { 60, 1000000 }, { 0, 1 }, { 1, 0 } };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		enum sts_history tls = sts_history_judge(h, &rules[i], STS_TLS_SECURED, now);
		enum sts_history plaintext = sts_history_judge(h, &rules[i], STS_TLS_NONE, now);

		MUST(tls == STS_HISTORY_NONE || tls == STS_HISTORY_ALWAYS_TLS);
		MUST(plaintext == STS_HISTORY_NONE || plaintext == STS_HISTORY_DOWNGRADE);
		/* If TLS would be "always TLS", plaintext would be a downgrade. */
		MUST(tls == STS_HISTORY_NONE || plaintext == STS_HISTORY_DOWNGRADE);
		MUST(i < 3 || (tls == STS_HISTORY_NONE && plaintext == STS_HISTORY_NONE));
		MUST(sts_history_judge(h, &rules[i], STS_TLS_UNKNOWN, now) == STS_HISTORY_NONE);
	}
}

static void
check_packed(const struct sts_history_days *h)
{
	struct sts_history_packed *packed = NULL;
	struct sts_history_days out;

	MUST(sts_history_pack(h, &packed) == STS_OK);
	sts_history_unpack(packed, &out);
	MUST(memcmp(&out, h, sizeof(out)) == 0);
	sts_history_packed_free(&packed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_history_days h = { 0 }, again = { 0 };
	const char *p = (const char *)data, *name, *value;
	size_t name_len, value_len;

	while (take_word(&p, &size, &name, &name_len) && take_word(&p, &size, &value, &value_len))
		(void)sts_history_take(&h, name, name_len, value, value_len, now);
	check_sum(&h, STS_TLS_SECURED);
	check_sum(&h, STS_TLS_NONE);
	check_verdicts(&h);
	check_packed(&h);
	sts_history_merge(&again, &h);
	for (int64_t day = sts_history_day(now) - STS_HISTORY_DAYS; day <= sts_history_day(now) + 1; day++) {
		struct sts_history_day a = sts_history_at(&h, day), b = sts_history_at(&again, day);

		MUST(a.tls == b.tls && a.plaintext == b.plaintext);
	}
	return 0;
}

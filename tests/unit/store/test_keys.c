/* SPDX-License-Identifier: ISC */
/* test_keys.c - names of keys, and that the keys of one script share a slot in Redis Cluster. */
#include "config.h"

#include "shared-cache/store/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/names/domain.h"

static const char prefix[] = "mta-sts:", day[] = "2025-08-09", incarnation[] = "00112233445566778899aabbccddeeff";

static void
test_names(void **state)
{
	char k[STS_KEY_CAP];

	(void)state;
	assert_string_equal(sts_key_policy(prefix, "a.example", k), "mta-sts:policy:{a.example}");
	assert_string_equal(sts_key_lock(prefix, "a.example", k), "mta-sts:lock:{a.example}");
	assert_string_equal(sts_key_stats(prefix, NULL, k), "mta-sts:stats");
	assert_string_equal(sts_key_stats(prefix, day, k), "mta-sts:stats:2025-08-09");
	assert_string_equal(sts_key_domain(prefix, "a.example", NULL, k), "mta-sts:domain:{a.example}");
	assert_string_equal(sts_key_domain(prefix, "a.example", day, k), "mta-sts:domain:{a.example}:2025-08-09");
	assert_string_equal(sts_key_history(prefix, "a.example", k), "mta-sts:history:{a.example}");
	assert_string_equal(sts_key_domains(prefix, k), "mta-sts:domains");
	assert_string_equal(sts_key_evidence(prefix, k), "mta-sts:evidence");
	assert_string_equal(sts_key_node(prefix, "mx1.example.net", k), "mta-sts:node:{mx1.example.net}");
	assert_string_equal(sts_key_nodes(prefix, k), "mta-sts:nodes");
	assert_string_equal(sts_key_control(prefix, k), "mta-sts:control");
	assert_string_equal(sts_key_invalidate(prefix, k), "mta-sts:invalidate");
	assert_string_equal(sts_key_invalidated(prefix, k), "mta-sts:invalidated");
	assert_string_equal(sts_key_policy("", "a.example", k), "policy:{a.example}");
	assert_string_equal(sts_key_applied_domain(prefix, "a.example", incarnation, k),
	    "mta-sts:applied:{a.example}:00112233445566778899aabbccddeeff");
	assert_string_equal(sts_key_applied_stats(prefix, NULL, incarnation, k),
	    "mta-sts:applied:{mta-sts:stats}:00112233445566778899aabbccddeeff");
}

/* CRC16 of the Redis Cluster specification (XMODEM). */
static unsigned
crc16(const char *s, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)(unsigned char)s[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
	}
	return crc;
}

static unsigned
slot_of(const char *key)
{
	const char *open = strchr(key, '{');
	const char *end = open != NULL ? strchr(open + 1, '}') : NULL;

	if (end == NULL || end == open + 1)
		return crc16(key, strlen(key)) % 16384;
	return crc16(open + 1, (size_t)(end - open - 1)) % 16384;
}

static void
test_slots(void **state)
{
	static const char *const domains[] = { "a.example", "xn--bcher-kva.example", "other" };
	static const char *const prefixes[] = { "mta-sts:", "", "x/y.z-_:" };
	char a[STS_KEY_CAP], b[STS_KEY_CAP];

	(void)state;
	assert_int_equal(slot_of("123456789"), 0x31c3);	/* the specification's example */
	for (size_t i = 0; i < 3; i++) {
		const char *p = prefixes[i];

		for (size_t k = 0; k < 3; k++) {
			unsigned slot = slot_of(sts_key_domain(p, domains[k], NULL, a));

			assert_int_equal(slot, slot_of(sts_key_domain(p, domains[k], day, b)));
			assert_int_equal(slot, slot_of(sts_key_applied_domain(p, domains[k], incarnation, b)));
			assert_int_equal(slot, slot_of(sts_key_history(p, domains[k], b)));
			assert_int_equal(slot, slot_of(sts_key_policy(p, domains[k], b)));
			assert_int_equal(slot, slot_of(sts_key_lock(p, domains[k], b)));
		}
		assert_int_equal(slot_of(sts_key_stats(p, NULL, a)), slot_of(sts_key_applied_stats(p, NULL, incarnation, b)));
		assert_int_equal(slot_of(sts_key_stats(p, day, a)), slot_of(sts_key_applied_stats(p, day, incarnation, b)));
		assert_int_equal(slot_of(sts_key_evidence(p, a)), slot_of(sts_key_applied_evidence(p, incarnation, b)));
	}
}

static void
test_longest(void **state)
{
	char longest_prefix[STS_PREFIX_MAX + 2], domain[STS_DOMAIN_CAP], k[STS_KEY_CAP];

	(void)state;
	memset(longest_prefix, 'p', sizeof(longest_prefix));
	longest_prefix[STS_PREFIX_MAX + 1] = '\0';
	assert_false(sts_keys_prefix_fits(longest_prefix));
	longest_prefix[STS_PREFIX_MAX] = '\0';
	assert_true(sts_keys_prefix_fits(longest_prefix));
	memset(domain, 'd', STS_DOMAIN_MAX);
	for (size_t i = 60; i < STS_DOMAIN_MAX; i += 61)
		domain[i] = '.';
	domain[STS_DOMAIN_MAX] = '\0';
	assert_int_equal(strlen(sts_key_domain(longest_prefix, domain, day, k)), STS_PREFIX_MAX + 8 + 253 + 2 + 10);
	sts_key_applied_domain(longest_prefix, domain, incarnation, k);
	assert_int_equal(strlen(sts_key_node(longest_prefix, domain, k)), STS_PREFIX_MAX + 7 + 253);
	sts_key_applied_stats(longest_prefix, day, incarnation, k);
	assert_int_equal(strlen(k), 2 * STS_PREFIX_MAX + 9 + 16 + 2 + 32);
}

static void
test_patterns(void **state)
{
	static const struct {
		const char *prefix, *pattern;
	} rows[] = {
		{ "mta-sts:", "mta-sts:policy:{*}" },
		{ "", "policy:{*}" },
		{ "a*b?c[d]e\\f^:", "a\\*b\\?c\\[d\\]e\\\\f\\^:policy:{*}" },
	};
	char pattern[STS_KEY_PATTERN_CAP], stars[STS_PREFIX_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(sts_key_policy_pattern(rows[i].prefix, pattern), rows[i].pattern);
	memset(stars, '*', STS_PREFIX_MAX);
	stars[STS_PREFIX_MAX] = '\0';
	assert_int_equal(strlen(sts_key_policy_pattern(stars, pattern)), 2 * STS_PREFIX_MAX + 10);
}

static void
test_domain_of_key(void **state)
{
	static const struct {
		const char *key, *domain;	/* NULL: not the key of a policy */
	} rows[] = {
		{ "mta-sts:policy:{a.example}", "a.example" },
		{ "mta-sts:policy:{x}", "x" },
		{ "mta-sts:policy:{}", NULL },
		{ "mta-sts:policy:{a.example", NULL },
		{ "mta-sts:policy:{A.example}", NULL },
		{ "mta-sts:policy:{a.example.}", NULL },
		{ "mta-sts:policy:{a b}", NULL },
		{ "mta-sts:policy:{a.example}}", NULL },
		{ "mta-sts:policy:a.example", NULL },
		{ "mta-sts:lock:{a.example}", NULL },
		{ "other:policy:{a.example}", NULL },
		{ "mta-sts:policy", NULL },
		{ "", NULL },
	};
	char domain[STS_DOMAIN_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is = sts_key_policy_domain(prefix, rows[i].key, strlen(rows[i].key), domain);

		if (is != (rows[i].domain != NULL) || (is && strcmp(domain, rows[i].domain) != 0))
			fail_msg("%s: got %s", rows[i].key, is ? domain : "none");
	}
	assert_false(sts_key_policy_domain(prefix, "mta-sts:policy:{a\0b}", 20, domain));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_domain_of_key),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}

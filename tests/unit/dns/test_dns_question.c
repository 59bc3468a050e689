/* SPDX-License-Identifier: ISC */
/* test_dns_question.c - the bytes of questions, and names that cannot be encoded. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/dns/dns_question.h"

#define BYTES(text) (text), sizeof(text) - 1
#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LABEL_61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
test_bytes(void **state)
{
	static const struct {
		const char *name;
		enum sts_dns_type type;
		bool recursive;
		uint16_t edns_size;
		const char *want;	/* after the id */
		size_t len;
	} rows[] = {
		{ "_mta-sts.a.test", STS_DNS_TXT, true, 0, BYTES("\1\x20\0\1\0\0\0\0\0\0" "\x08_mta-sts\1a\4test\0" "\0\x10\0\1") },
		{ "a.test", STS_DNS_TLSA, false, 0, BYTES("\0\0\0\1\0\0\0\0\0\0" "\1a\4test\0" "\0\x34\0\1") },
		{ "A.Test", STS_DNS_MX, true, 1232, BYTES("\1\x20\0\1\0\0\0\0\0\1" "\1A\4Test\0" "\0\x0f\0\1"
		    "\0\0\x29\x04\xd0\0\0\0\0\0\0") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_dns_question q;

		assert_int_equal(sts_dns_question(rows[i].name, rows[i].type, rows[i].recursive, rows[i].edns_size, &q), STS_OK);
		assert_int_equal(q.len, rows[i].len + 2);
		assert_memory_equal(q.bytes + 2, rows[i].want, rows[i].len);
	}
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		enum sts_status want;
	} rows[] = {
		{ LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61, STS_OK },	/* 253 bytes, the longest possible */
		{ LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61 "a", STS_EINVAL },
		{ LABEL_63 "a.test", STS_EINVAL }, { "", STS_EINVAL }, { "a..test", STS_EINVAL }, { ".a.test", STS_EINVAL },
		{ "a", STS_OK }, { "*.a.test", STS_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_dns_question q;

		assert_int_equal(sts_dns_question(rows[i].name, STS_DNS_A, true, 1232, &q), rows[i].want);
		assert_in_range(q.len, 0, STS_DNS_QUESTION_CAP);
	}
}

/* Whoever can guess the id can answer in place of the server. */
static void
test_id(void **state)
{
	struct sts_dns_question first, next;
	unsigned different = 0;

	(void)state;
	assert_int_equal(sts_dns_question("a.test", STS_DNS_A, true, 0, &first), STS_OK);
	for (int i = 0; i < 16; i++) {
		assert_int_equal(sts_dns_question("a.test", STS_DNS_A, true, 0, &next), STS_OK);
		different += memcmp(first.bytes, next.bytes, 2) != 0;
	}
	assert_int_not_equal(different, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

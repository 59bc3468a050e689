/* SPDX-License-Identifier: ISC */
/* test_dns_message.c - stepping through messages: the section of each record, its end, and malformed messages. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/dns/dns_message_private.h"

#define HEADER(questions, answers, authorities, additional) "\x12\x34\x81\x80" "\0" questions "\0" answers "\0" authorities "\0" additional
#define QUESTION "\1a\4test\0" "\0\x10\0\1"
#define POINTER "\xc0\x0c"
#define RECORD(type, data) POINTER "\0" type "\0\1" "\0\0\0\x3c" "\0" data
#define OPT "\0" "\0\x29" "\x04\xd0" "\0\0\0\0" "\0\0"
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void
test_sections(void **state)
{
	static const uint8_t owner[] = "\1a\4test";	/* with its NUL */
	static const struct {
		enum dns_section section;
		uint16_t type;
		size_t len;
	} want[] = { { DNS_ANSWER, 1, 4 }, { DNS_ANSWER, 16, 3 }, { DNS_AUTHORITY, 2, 2 }, { DNS_ADDITIONAL, 41, 0 } };
	struct dns_message m;
	struct dns_rr rr;

	(void)state;
	assert_true(dns_message_begin(&m, BYTES(HEADER("\1", "\2", "\1", "\1") QUESTION RECORD("\1", "\4\xc0\0\2\1")
	    RECORD("\x10", "\3\2ab") RECORD("\2", "\2" POINTER) OPT "junk")));
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(dns_message_next(&m, &rr), DNS_NEXT_RECORD);
		assert_int_equal(rr.section, want[i].section);
		assert_int_equal(rr.type, want[i].type);
		assert_int_equal(rr.len, want[i].len);
		if (rr.type != 41) {
			assert_memory_equal(rr.owner, owner, sizeof(owner));
			assert_int_equal(rr.ttl_s, 60);
			assert_int_equal(rr.class, DNS_CLASS_IN);
		}
	}
	assert_int_equal(dns_message_next(&m, &rr), DNS_NEXT_END);
	assert_int_equal(dns_message_next(&m, &rr), DNS_NEXT_END);
}

/* A message that is cut anywhere is rejected, without a read beyond it: it is at the end of its block, for ASan to see. */
static void
test_cuts(void **state)
{
	static const char whole[] = HEADER("\1", "\1", "\0", "\0") QUESTION RECORD("\1", "\4\xc0\0\2\1");
	const size_t len = sizeof(whole) - 1;
	struct dns_message m;
	struct dns_rr rr;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *bytes = test_malloc(cut + 1);	/* malloc(0) may return NULL */

		memcpy(bytes + 1, whole, cut);
		if (dns_message_begin(&m, bytes + 1, cut))
			assert_int_equal(dns_message_next(&m, &rr), DNS_NEXT_MALFORMED);
		else
			assert_in_range(cut, 0, DNS_HEADER_LEN + 12 - 1);
		test_free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * test_dns_starved.c - answers of DNS are read while the n-th request for memory fails, once, or that one and all behind it: the reply says
 * what it would have said, or the reader says that there was no memory. A record that is lost without a word would be a domain without a
 * policy.
 */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/dns/dns_question.h"
#include "shared-cache/dns/dns_reply.h"

static struct {
	bool armed, for_ever;
	unsigned at, asked;
} memory;

#ifndef STS_SANITIZED		/* which wants malloc for itself */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

static bool
fails(void)
{
	unsigned n;

	if (!memory.armed)
		return false;
	n = memory.asked++;
	if (n != memory.at && !(memory.for_ever && n > memory.at))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

#endif

/* Parts of messages; the question is for a.test, at offset 12. */
#define HEADER(answers, authorities) "\x12\x34\x81\x80" "\0\1" "\0" answers "\0" authorities "\0\0"
#define QUESTION "\1a\4test\0" "\0\x10\0\1"
#define POINTER "\xc0\x0c"
#define TEST "\xc0\x0e"
#define FIXED(type, len) "\0" type "\0\1" "\0\0\0\x3c" "\0" len
#define BYTES(text) (text), sizeof(text) - 1

static const struct row {
	enum sts_dns_type type;
	const char *bytes;
	size_t len;
	enum sts_dns_reply_outcome want;
	size_t count;
} rows[] = {
	{ STS_DNS_A, BYTES(HEADER("\1", "\0") QUESTION POINTER FIXED("\x01", "\4") "\xc0\0\2\1"), STS_DNS_REPLY_ANSWER, 1 },
	{ STS_DNS_TXT, BYTES(HEADER("\1", "\0") QUESTION POINTER FIXED("\x10", "\7") "\2ab\0\2cd"), STS_DNS_REPLY_ANSWER, 1 },
	{ STS_DNS_TLSA, BYTES(HEADER("\1", "\0") QUESTION POINTER FIXED("\x34", "\5") "\3\1\1\xab\xcd"), STS_DNS_REPLY_ANSWER, 1 },
	{ STS_DNS_A, BYTES(HEADER("\2", "\0") QUESTION POINTER FIXED("\x05", "\4") "\1b" TEST "\1b" TEST FIXED("\x01", "\4") "\xc0\0\2\1"),
	    STS_DNS_REPLY_ANSWER, 2 },
	{ STS_DNS_MX, BYTES(HEADER("\1", "\0") QUESTION POINTER FIXED("\x0f", "\6") "\0\x0a\1m" TEST), STS_DNS_REPLY_ANSWER, 1 },
	{ STS_DNS_TXT, BYTES(HEADER("\0", "\1") QUESTION TEST FIXED("\x06", "\x1a") "\1x" TEST TEST "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x1e"),
	    STS_DNS_REPLY_NO_RECORD, 0 },
};

static void
starve(unsigned at, bool for_ever)
{
	memory.at = at;
	memory.for_ever = for_ever;
	memory.asked = 0;
	memory.armed = true;
}

/* True when that many requests were not made: nothing failed. */
static bool
read_starved(const struct row *row, unsigned at, bool for_ever)
{
	struct sts_dns_reply *reply;
	enum sts_status status;

	starve(at, for_ever);
	status = sts_dns_reply_read((const uint8_t *)row->bytes, row->len, "a.test", row->type, &reply);
	memory.armed = false;
	if (memory.asked > at) {
		assert_int_equal(status, STS_ENOMEM);
		assert_null(reply);
		return false;
	}
	assert_int_equal(status, STS_OK);
	assert_int_equal(reply->outcome, row->want);
	assert_int_equal(reply->count, row->count);
	sts_dns_reply_free(&reply);
	return true;
}

static void
test_replies(void **state)
{
	enum { ENOUGH = 100 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int for_ever = 0; for_ever < 2; for_ever++) {
			unsigned at = 0;

			while (at < ENOUGH && !read_starved(&rows[i], at, for_ever))
				at++;
			assert_in_range(at, 4, ENOUGH - 1);	/* it does ask for memory */
		}
}

static void
test_question(void **state)
{
	struct sts_dns_question question;
	enum sts_status status;

	(void)state;
	starve(0, true);
	status = sts_dns_question("_mta-sts.a.test", STS_DNS_TXT, true, 1232, &question);
	memory.armed = false;
	assert_int_equal(status, STS_OK);
	assert_int_equal(memory.asked, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_question),
	};

#ifdef STS_SANITIZED
	return 77;	/* skipped */
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}

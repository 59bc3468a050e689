/* SPDX-License-Identifier: ISC */
/*
 * test_dns_starved.c - parses DNS replies while the n-th allocation fails, alone or with all later ones. The result must be the
 * usual one, or "no memory": a record that is lost silently would make a domain seem to have no policy.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared-cache/dns/dns_extract.h"
#include "shared-cache/dns/dns_question.h"
#include "shared-cache/dns/dns_reply.h"
#include "tests/fake/starve.h"

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

static enum sts_status
read_reply(void *arg)
{
	const struct row *row = arg;
	struct sts_dns_reply *reply;
	enum sts_status status = sts_dns_reply_read((const uint8_t *)row->bytes, row->len, "a.test", row->type, &reply);

	if (status != STS_OK) {
		assert_null(reply);
		return status;
	}
	assert_int_equal(reply->outcome, row->want);
	assert_int_equal(reply->count, row->count);
	sts_dns_reply_free(&reply);
	return STS_OK;
}

static void
test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(starve(STARVE_ALL, read_reply, (void *)(uintptr_t)&rows[i]) >= 4);	/* it does allocate */
}

/* A domain whose records found no memory is not a domain without records. */
static enum sts_status
take_texts(void *arg)
{
	struct sts_txt *texts;
	size_t count;
	enum sts_dns_outcome outcome = sts_dns_extract_txt(arg, &texts, &count);

	assert_int_equal(count, outcome == STS_DNS_OK ? 1 : 0);
	free(texts);
	return outcome == STS_DNS_OK ? STS_OK : outcome == STS_DNS_LOCAL ? STS_ENOMEM : STS_EINVAL;
}

static void
test_texts(void **state)
{
	struct sts_dns_reply *reply;

	(void)state;
	assert_int_equal(sts_dns_reply_read((const uint8_t *)rows[1].bytes, rows[1].len, "a.test", STS_DNS_TXT, &reply), STS_OK);
	assert_int_equal(starve(STARVE_ALL, take_texts, reply), 1);
	sts_dns_reply_free(&reply);
}

static enum sts_status
write_question(void *arg)
{
	struct sts_dns_question question;

	(void)arg;
	return sts_dns_question("_mta-sts.a.test", STS_DNS_TXT, true, 1232, &question);
}

static void
test_question(void **state)
{
	(void)state;
	assert_int_equal(starve(STARVE_ALL, write_question, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_question),
	};

	if (!starve_can())
		return 77;	/* skip */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

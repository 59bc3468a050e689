/* SPDX-License-Identifier: ISC */
/* test_dns_transport.c - which messages answer a query, and which do not. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/probe/dns_transport.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define QUESTION "\1a\4test\0" "\0\x10\0\1"
#define OPT "\0\0\x29\x04\xd0\0\0\0\0\0\0"

static const char query_bytes[] = "\x12\x67\1\x20\0\1\0\0\0\0\0\1" QUESTION OPT;

static const struct {
	const char *name, *bytes;
	size_t len;
	bool is_answer;
} rows[] = {
#define MESSAGE(text) (text), sizeof(text) - 1
	{ "an answer", MESSAGE("\x12\x67\x81\x80\0\1\0\0\0\0\0\0" QUESTION), true },
	{ "a refusal", MESSAGE("\x12\x67\x81\x85\0\1\0\0\0\0\0\0" QUESTION), true },
	{ "a refusal that leaves the question out", MESSAGE("\x12\x67\x81\x85\0\0\0\0\0\0\0\0"), true },
	{ "no question, and no refusal", MESSAGE("\x12\x67\x81\x80\0\0\0\0\0\0\0\0"), false },
	{ "another id", MESSAGE("\x12\x68\x81\x80\0\1\0\0\0\0\0\0" QUESTION), false },
	{ "the query itself", MESSAGE("\x12\x67\1\x20\0\1\0\0\0\0\0\1" QUESTION OPT), false },
	{ "another name", MESSAGE("\x12\x67\x81\x80\0\1\0\0\0\0\0\0" "\1b\4test\0" "\0\x10\0\1"), false },
	{ "another type", MESSAGE("\x12\x67\x81\x80\0\1\0\0\0\0\0\0" "\1a\4test\0" "\0\x0f\0\1"), false },
	{ "another class", MESSAGE("\x12\x67\x81\x80\0\1\0\0\0\0\0\0" "\1a\4test\0" "\0\x10\0\3"), false },
	{ "a longer name", MESSAGE("\x12\x67\x81\x80\0\1\0\0\0\0\0\0" "\1a\4test\1x\0" "\0\x10\0\1"), false },
	{ "two questions", MESSAGE("\x12\x67\x81\x80\0\2\0\0\0\0\0\0" QUESTION QUESTION), false },
	{ "cut within the question", MESSAGE("\x12\x67\x81\x80\0\1\0\0\0\0\0\0" "\1a\4test\0" "\0\x10\0"), false },
	{ "cut within the header", MESSAGE("\x12\x67\x81\x80\0\1\0\0\0\0\0"), false },
	{ "nothing", MESSAGE(""), false },
};

static void
test_answers(void **state)
{
	struct dns_transport_query query = { (const uint8_t *)query_bytes, sizeof(query_bytes) - 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (dns_transport_is_answer(&query, (const uint8_t *)rows[i].bytes, rows[i].len) != rows[i].is_answer)
			fail_msg("%s: judged wrongly", rows[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_answers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_dns_reply.c - DNS replies as bytes: records, CNAMEs, failures. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/dns/dns_reply.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Parts of messages; the question is for a.test, at offset 12. */
#define QUESTION   "\1a\4test\0" "\0\x10\0\1"
#define POINTER    "\xc0\x0c"
#define TEST	   "\xc0\x0e"		/* "test" within the question */
#define FIXED(type, len) "\0" type "\0\1" "\0\0\0\x3c" "\0" len
#define A	   POINTER FIXED("\x01", "\4") "\xc0\0\2\1"
#define CNAME_B	   POINTER FIXED("\x05", "\4") "\1b" TEST
#define B	   "\1b" TEST
#define C	   "\1c" TEST

static const struct row {
	const char *name;
	const char *flags;		/* two bytes */
	unsigned answers;
	const char *body;
	size_t len;
	enum sts_dns_type type;
	const char *want;
} rows[] = {
#define BODY(text) (text), sizeof(text) - 1
	{ "an address", "\x81\x80", 1, BODY(QUESTION A), STS_DNS_A, "answer a.test: a.test A 60 192.0.2.1" },
	{ "authentic and authoritative", "\x85\xa0", 1, BODY(QUESTION A), STS_DNS_A, "answer aa ad a.test: a.test A 60 192.0.2.1" },
	{ "IPv6", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x1c", "\x10") "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), STS_DNS_AAAA,
	    "answer a.test: a.test AAAA 60 2001:db8::1" },
	{ "MX", "\x81\x80", 2, BODY(QUESTION POINTER FIXED("\x0f", "\6") "\0\x0a\1M" TEST POINTER FIXED("\x0f", "\3") "\1\0\0"),
	    STS_DNS_MX, "answer a.test: a.test MX 60 10 m.test; a.test MX 60 256 " },
	{ "NS", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x02", "\4") "\1n" TEST), STS_DNS_NS,
	    "answer a.test: a.test NS 60 n.test" },
	{ "strings", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x10", "\7") "\2\"\\\0\2\0;"), STS_DNS_TXT,
	    "answer a.test: a.test TXT 60 [22 5c] [] [00 3b]" },
	{ "a string longer than its record", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x10", "\2") "\5ab"), STS_DNS_TXT,
	    "failed a.test (the answer is malformed):" },
	{ "no string at all", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x10", "\0")), STS_DNS_TXT,
	    "answer a.test: a.test TXT 60 " },
	{ "TLSA", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x34", "\5") "\3\1\1\xab\xcd"), STS_DNS_TLSA,
	    "answer a.test: a.test TLSA 60 3 1 1 abcd" },
	{ "alias", "\x81\x80", 2, BODY(QUESTION CNAME_B B FIXED("\x01", "\4") "\xc0\0\2\1"), STS_DNS_A,
	    "answer b.test: a.test CNAME 60 b.test; b.test A 60 192.0.2.1" },
	{ "alias, in another order", "\x81\x80", 2, BODY(QUESTION B FIXED("\x01", "\4") "\xc0\0\2\1" CNAME_B), STS_DNS_A,
	    "answer b.test: b.test A 60 192.0.2.1; a.test CNAME 60 b.test" },
	{ "alias of another case", "\x81\x80", 2, BODY(QUESTION "\1A\4TEST\0" FIXED("\x05", "\4") "\1B" TEST B FIXED("\x01", "\4")
	    "\xc0\0\2\1"), STS_DNS_A, "answer b.test: a.test CNAME 60 b.test; b.test A 60 192.0.2.1" },
	{ "alias alone", "\x81\x80", 1, BODY(QUESTION CNAME_B), STS_DNS_A, "no record b.test: a.test CNAME 60 b.test" },
	{ "alias of nothing", "\x81\x83", 1, BODY(QUESTION CNAME_B), STS_DNS_A, "no name b.test: a.test CNAME 60 b.test" },
	{ "alias of itself", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x05", "\2") POINTER), STS_DNS_A,
	    "no record a.test: a.test CNAME 60 a.test" },
	{ "aliases in a circle", "\x81\x80", 2, BODY(QUESTION CNAME_B B FIXED("\x05", "\2") POINTER), STS_DNS_A,
	    "no record a.test: a.test CNAME 60 b.test; b.test CNAME 60 a.test" },
	{ "the alias itself is asked for", "\x81\x80", 1, BODY(QUESTION CNAME_B), STS_DNS_CNAME,
	    "answer a.test: a.test CNAME 60 b.test" },
	{ "of another name", "\x81\x80", 1, BODY(QUESTION C FIXED("\x01", "\4") "\xc0\0\2\1"), STS_DNS_A, "no record a.test:" },
	{ "of another type", "\x81\x80", 1, BODY(QUESTION A), STS_DNS_TXT, "no record a.test:" },
	{ "of another class", "\x81\x80", 1, BODY(QUESTION POINTER "\0\1\0\3\0\0\0\x3c\0\4" "\xc0\0\2\1"), STS_DNS_A,
	    "no record a.test:" },
	{ "nothing", "\x81\x80", 0, BODY(QUESTION), STS_DNS_A, "no record a.test:" },
	{ "no such name", "\x81\x83", 0, BODY(QUESTION), STS_DNS_A, "no name a.test:" },
	{ "SERVFAIL", "\x81\x82", 0, BODY(QUESTION), STS_DNS_A, "failed a.test (SERVFAIL):" },
	{ "REFUSED", "\x81\x85", 0, BODY(QUESTION), STS_DNS_A, "failed a.test (REFUSED):" },
	{ "a code that nobody knows", "\x81\x8e", 0, BODY(QUESTION), STS_DNS_A, "failed a.test (RCODE 14):" },
	{ "an answer to a failure", "\x81\x82", 1, BODY(QUESTION A), STS_DNS_A, "failed a.test (SERVFAIL):" },
	{ "fewer answers than announced", "\x81\x80", 2, BODY(QUESTION A), STS_DNS_A, "failed a.test (the answer is malformed):" },
	{ "many fewer", "\x81\x80", 65535, BODY(QUESTION A), STS_DNS_A, "failed a.test (the answer is malformed):" },
	{ "half an address", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x01", "\2") "\xc0\0"), STS_DNS_A,
	    "failed a.test (the answer is malformed):" },
	{ "half of an MX", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x0f", "\2") "\0\x0a"), STS_DNS_MX, "failed a.test (the answer is malformed):" },
	{ "a byte behind an MX", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x0f", "\7") "\0\x0a\1m" TEST "x"), STS_DNS_MX,
	    "failed a.test (the answer is malformed):" },
	{ "no name in an NS", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x02", "\0")), STS_DNS_NS, "failed a.test (the answer is malformed):" },
	{ "a name longer than its record", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x02", "\2") "\1n" TEST), STS_DNS_NS,
	    "failed a.test (the answer is malformed):" },
	{ "an alias of another name", "\x81\x80", 1, BODY(QUESTION C FIXED("\x05", "\4") "\1b" TEST), STS_DNS_A, "no record a.test:" },
	{ "two aliases, the second first", "\x81\x80", 2, BODY(QUESTION B FIXED("\x05", "\4") "\1c" TEST CNAME_B), STS_DNS_A,
	    "no record c.test: b.test CNAME 60 c.test; a.test CNAME 60 b.test" },
	{ "half a TLSA", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x34", "\2") "\3\1"), STS_DNS_TLSA,
	    "no record a.test:" },
	{ "compression that goes forward", "\x81\x80", 1, BODY(QUESTION "\xc0\xff" FIXED("\x01", "\4") "\xc0\0\2\1"), STS_DNS_A,
	    "failed a.test (the answer is malformed):" },
	{ "compression that goes round", "\x81\x80", 1, BODY(QUESTION "\xc0\x18" FIXED("\x01", "\4") "\xc0\0\2\1"), STS_DNS_A,
	    "failed a.test (the answer is malformed):" },
	{ "bytes that names do not hold", "\x81\x80", 1, BODY(QUESTION POINTER FIXED("\x0f", "\x0b") "\0\1\6b.\0\n\"*" TEST),
	    STS_DNS_MX, "answer a.test: a.test MX 60 1 b????*.test" },
};

static void
add_record(const struct sts_dns_record *r, char *out, size_t cap)
{
	size_t len = strlen(out);
	char addr[46];

	len += (size_t)snprintf(out + len, cap - len, " %s %s %u ", r->owner, sts_dns_type_name(r->type), (unsigned)r->ttl_s);
	if (r->type == STS_DNS_A || r->type == STS_DNS_AAAA) {
		sts_ipaddr_format(&r->addr, addr);
		len += (size_t)snprintf(out + len, cap - len, "%s", addr);
	} else if (r->type == STS_DNS_MX)
		len += (size_t)snprintf(out + len, cap - len, "%u %s", r->preference, r->target);
	else if (r->type == STS_DNS_TLSA)
		len += (size_t)snprintf(out + len, cap - len, "%u %u %u ", r->tlsa.usage, r->tlsa.selector, r->tlsa.matching);
	else if (r->type != STS_DNS_TXT)
		len += (size_t)snprintf(out + len, cap - len, "%s", r->target);
	for (size_t i = 0; i < r->tlsa.len; i++)
		len += (size_t)snprintf(out + len, cap - len, "%02x", r->tlsa.data[i]);
	for (size_t i = 0; i < r->string_count; i++) {
		len += (size_t)snprintf(out + len, cap - len, "%s[", i > 0 ? " " : "");
		for (size_t k = 0; k < r->strings[i].len; k++)
			len += (size_t)snprintf(out + len, cap - len, "%s%02x", k > 0 ? " " : "",
			    (unsigned)(unsigned char)r->strings[i].data[k]);
		len += (size_t)snprintf(out + len, cap - len, "]");
	}
}

static const char *
text_of(const struct sts_dns_reply *reply, char *out, size_t cap)
{
	static const char *const outcomes[] = {
		[STS_DNS_REPLY_ANSWER] = "answer", [STS_DNS_REPLY_NO_RECORD] = "no record", [STS_DNS_REPLY_NO_NAME] = "no name",
		[STS_DNS_REPLY_TIME_OUT] = "time-out", [STS_DNS_REPLY_FAILED] = "failed",
	};

	snprintf(out, cap, "%s%s%s %s%s%s%s:", outcomes[reply->outcome], reply->authoritative ? " aa" : "",
	    reply->authentic ? " ad" : "", reply->name, reply->why[0] != '\0' ? " (" : "", reply->why,
	    reply->why[0] != '\0' ? ")" : "");
	for (size_t i = 0; i < reply->count; i++) {
		strcat(out, i > 0 ? ";" : "");
		add_record(&reply->records[i], out, cap);
	}
	return out;
}

/* In a block of its exact size, so that a sanitizer sees any read beyond it. */
static uint8_t *
make_message(const struct row *row, size_t len)
{
	uint8_t head[12] = { 0x12, 0x67, (uint8_t)row->flags[0], (uint8_t)row->flags[1], 0, 1, (uint8_t)(row->answers >> 8),
	    (uint8_t)row->answers };
	uint8_t *bytes = malloc(len > 0 ? len : 1);

	assert_non_null(bytes);
	memcpy(bytes, head, len < sizeof(head) ? len : sizeof(head));
	if (len > sizeof(head))
		memcpy(bytes + sizeof(head), row->body, len - sizeof(head));
	return bytes;
}

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = 12 + rows[i].len;
		uint8_t *bytes = make_message(&rows[i], len);
		struct sts_dns_reply *reply;
		char got[1024];

		assert_int_equal(sts_dns_reply_read(bytes, len, "a.test", rows[i].type, &reply), STS_OK);
		if (strcmp(text_of(reply, got, sizeof(got)), rows[i].want) != 0)
			fail_msg("%s: got '%s', want '%s'", rows[i].name, got, rows[i].want);
		sts_dns_reply_free(&reply);
		assert_null(reply);
		free(bytes);
	}
}

/* A reply that is cut anywhere is malformed. */
static void
test_cut_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t len = 0; rows[i].answers > 0 && len < 12 + rows[i].len; len++) {
			uint8_t *bytes = make_message(&rows[i], len);
			struct sts_dns_reply *reply;

			assert_int_equal(sts_dns_reply_read(bytes, len, "a.test", rows[i].type, &reply), STS_OK);
			if (reply->outcome != STS_DNS_REPLY_FAILED)
				fail_msg("%s: cut to %zu bytes, and still an answer", rows[i].name, len);
			sts_dns_reply_free(&reply);
			free(bytes);
		}
	}
}

/* Four kilobytes of records. */
static void
test_many_records(void **state)
{
	static const char header[] = "\x12\x67\x81\x80\0\1\1\0\0\0\0\0" QUESTION, record[] = A;
	size_t head = sizeof(header) - 1, size = sizeof(record) - 1, len = head + 256 * size;
	uint8_t *bytes = malloc(len);
	struct sts_dns_reply *reply;

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, header, head);
	for (size_t i = 0; i < 256; i++)
		memcpy(bytes + head + i * size, record, size);
	assert_int_equal(sts_dns_reply_read(bytes, len, "a.test", STS_DNS_A, &reply), STS_OK);
	assert_int_equal(reply->count, 256);
	sts_dns_reply_free(&reply);
	free(bytes);
}

/* EDNS has the upper bits of the response code: without them, BADVERS would look like a reply without records. */
static void
test_extended_code(void **state)
{
	static const struct {
		const char *opt;
		int rcode;
		const char *want;
	} codes[] = {
		{ "\0\0\x29\x04\xd0\0\0\x80\0\0\0", 0, "no record a.test:" },
		{ "\0\0\x29\x04\xd0\1\0\0\0\0\0", 16, "failed a.test (BADVERS):" },
		{ "\0\0\x29\x04\xd0\2\0\0\0\0\0", 32, "failed a.test (RCODE 32):" },
		{ "\0\0\x01\x04\xd0\2\0\0\0\0\0", 0, "no record a.test:" },	/* not EDNS */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		uint8_t bytes[] = "\x12\x67\x81\x80\0\1\0\0\0\0\0\1" QUESTION "___________";
		struct sts_dns_reply *reply;
		char got[1024];

		memcpy(bytes + sizeof(bytes) - 12, codes[i].opt, 11);
		assert_int_equal(sts_dns_reply_read(bytes, sizeof(bytes) - 1, "a.test", STS_DNS_A, &reply), STS_OK);
		if (strcmp(text_of(reply, got, sizeof(got)), codes[i].want) != 0 || reply->rcode != codes[i].rcode)
			fail_msg("row %zu: got '%s', code %d", i, got, reply->rcode);
		sts_dns_reply_free(&reply);
	}
}

/* The address of a.test, its owner name so many pointers away: each pointer leads to the one before. They are in a record of
 * unknown type. */
static enum sts_dns_reply_outcome
outcome_through(unsigned pointers)
{
	static const char begin[] = "\x12\x67\x81\x80\0\1\0\2\0\0\0\0" QUESTION "\0\3\xe7\0\1\0\0\0\x3c",
	    address[] = FIXED("\x01", "\4") "\xc0\0\2\1";
	size_t at = sizeof(begin) - 1, to = 12;
	struct sts_dns_reply *reply;
	enum sts_dns_reply_outcome outcome;
	uint8_t bytes[2048];

	memcpy(bytes, begin, at);
	bytes[at++] = (uint8_t)(2 * (pointers - 1) >> 8);
	bytes[at++] = (uint8_t)(2 * (pointers - 1));
	for (; pointers > 0; pointers--, to = at, at += 2) {	/* the last one is the owner of the address */
		bytes[at] = (uint8_t)(0xc0 | to >> 8);
		bytes[at + 1] = (uint8_t)to;
	}
	memcpy(bytes + at, address, sizeof(address) - 1);
	assert_int_equal(sts_dns_reply_read(bytes, at + sizeof(address) - 1, "a.test", STS_DNS_A, &reply), STS_OK);
	outcome = reply->outcome;
	sts_dns_reply_free(&reply);
	return outcome;
}

/* Thousands of names with thousands of pointers each would cost half a second. */
static void
test_many_pointers(void **state)
{
	(void)state;
	assert_int_equal(outcome_through(1), STS_DNS_REPLY_ANSWER);
	assert_int_equal(outcome_through(127), STS_DNS_REPLY_ANSWER);
	assert_int_equal(outcome_through(128), STS_DNS_REPLY_FAILED);
	assert_int_equal(outcome_through(900), STS_DNS_REPLY_FAILED);
}

static void
test_names_of_types(void **state)
{
	struct sts_dns_reply *none = NULL;

	(void)state;
	assert_string_equal(sts_dns_type_name(STS_DNS_TLSA), "TLSA");
	assert_string_equal(sts_dns_type_name((enum sts_dns_type)99), "?");
	sts_dns_reply_free(&none);
	assert_null(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_names_of_types),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_many_records),
		cmocka_unit_test(test_extended_code),
		cmocka_unit_test(test_many_pointers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* DNS messages, well-formed and malformed, as policy lookups use them: header, negative TTL, TXT records, addresses. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/dns/dns_extract.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The name in all messages; some spell it differently. */
#define NAME "_MTA-STS.example"

/* Parts of messages. A message is a header with the four counts, followed by some of these. */
#define QUESTION   "\x08_mta-sts\x07" "example\0" "\0\x10" "\0\x01"
#define POINTER    "\xc0\x0c"
#define FIXED(type, ttl, len) "\0" type "\0\x01" ttl "\0" len
#define NUMBERS(minimum) "\0\0\0\x01" "\0\0\x1c\x20" "\0\0\x0e\x10" "\0\x12\x75\0" minimum
#define SOA(ttl, minimum) POINTER FIXED("\x06", ttl, "\x18") POINTER POINTER NUMBERS(minimum)
#define NS	   POINTER FIXED("\x02", "\0\0\0\x05", "\x02") POINTER
#define CNAME	   POINTER FIXED("\x05", "\0\0\0\x05", "\x02") POINTER

struct message {
	const char *name;
	unsigned questions, answers, authorities;
	const char *body;
	size_t len;
	unsigned want;
};
#define BODY(text) (text), sizeof(text) - 1

static const struct message messages[] = {
	{ "soa minimum is less", 1, 0, 1, BODY(QUESTION SOA("\0\0\x0e\x10", "\0\0\0\x3c")), 60 },
	{ "soa ttl is less", 1, 0, 1, BODY(QUESTION SOA("\0\0\0\x1e", "\0\0\x0e\x10")), 30 },
	{ "after a cname", 1, 1, 1, BODY(QUESTION CNAME SOA("\0\0\0\x1e", "\0\0\x0e\x10")), 30 },
	{ "after another authority record", 1, 0, 2, BODY(QUESTION NS SOA("\0\0\0\x1e", "\0\0\0\x14")), 20 },
	{ "the first of two", 1, 0, 2, BODY(QUESTION SOA("\0\0\0\x1e", "\0\0\0\x14") SOA("\0\0\0\x01", "\0\0\0\x01")), 20 },
	{ "no question", 0, 0, 1, BODY("\x07" "example\0" FIXED("\x06", "\0\0\0\x1e", "\x16") "\0\0" NUMBERS("\0\0\0\x14")), 20 },
	{ "names in full", 0, 0, 1, BODY("\0" FIXED("\x06", "\0\0\0\x1e", "\x1a") "\x01n\0" "\x01h\0" NUMBERS("\0\0\0\x14")), 20 },
	{ "bytes after the end", 1, 0, 1, BODY(QUESTION SOA("\0\0\0\x1e", "\0\0\0\x14") "junk"), 20 },
	{ "ttl with the top bit", 1, 0, 1, BODY(QUESTION SOA("\x80\0\0\x1e", "\0\0\0\x14")), 0 },
	{ "minimum with the top bit", 1, 0, 1, BODY(QUESTION SOA("\0\0\0\x1e", "\xff\xff\xff\xff")), 0 },
	{ "no authority", 1, 0, 0, BODY(QUESTION), 0 },
	{ "soa as an answer only", 1, 1, 0, BODY(QUESTION SOA("\0\0\0\x1e", "\0\0\0\x14")), 0 },
	{ "another record only", 1, 0, 1, BODY(QUESTION NS), 0 },
	{ "class CH", 1, 0, 1, BODY(QUESTION POINTER "\0\x06\0\x03" "\0\0\0\x1e" "\0\x18" POINTER POINTER NUMBERS("\0\0\0\x14")), 0 },
	{ "header alone", 0, 0, 0, BODY(""), 0 },
	{ "header that lies", 9, 9, 9, BODY(""), 0 },
	{ "more questions than there are", 2, 0, 1, BODY(QUESTION SOA("\0\0\0\x1e", "\0\0\0\x14")), 0 },
	{ "more answers than there are", 1, 1, 1, BODY(QUESTION SOA("\0\0\0\x1e", "\0\0\0\x14")), 0 },
	{ "most authorities there can be", 1, 0, 0xffff, BODY(QUESTION NS), 0 },
	{ "data longer than the message", 1, 0, 1, BODY(QUESTION POINTER FIXED("\x06", "\0\0\0\x1e", "\x19") POINTER POINTER
	    NUMBERS("\0\0\0\x14")), 0 },
	{ "soa data too short", 1, 0, 1, BODY(QUESTION POINTER FIXED("\x06", "\0\0\0\x1e", "\x04") POINTER POINTER), 0 },
	{ "soa data too long", 1, 0, 1, BODY(QUESTION POINTER FIXED("\x06", "\0\0\0\x1e", "\x19") POINTER POINTER
	    NUMBERS("\0\0\0\x14") "x"), 20 },
	{ "name with a reserved label type", 1, 0, 1, BODY(QUESTION "\x40" FIXED("\x06", "\0\0\0\x1e", "\x18") POINTER POINTER
	    NUMBERS("\0\0\0\x14")), 0 },
	{ "label beyond the end", 1, 0, 0, BODY("\x3f" "abc"), 0 },
	{ "name without an end", 1, 0, 0, BODY("\x03" "abc"), 0 },
	{ "half a pointer", 0, 0, 1, BODY("\xc0"), 0 },
};

/* In a block of its exact size, so that a sanitizer sees any read beyond it. */
static uint8_t *
make_message(const struct message *m, size_t len)
{
	uint8_t head[12] = { 0x12, 0x67, 0x81, 0x83, (uint8_t)(m->questions >> 8), (uint8_t)m->questions,
	    (uint8_t)(m->answers >> 8), (uint8_t)m->answers, (uint8_t)(m->authorities >> 8), (uint8_t)m->authorities, 0, 0 };
	uint8_t *bytes = malloc(len > 0 ? len : 1);

	assert_non_null(bytes);
	memcpy(bytes, head, len < sizeof(head) ? len : sizeof(head));
	if (len > sizeof(head))
		memcpy(bytes + sizeof(head), m->body, len - sizeof(head));
	return bytes;
}

static struct sts_dns_reply *
read_message(const struct message *m, size_t len, enum sts_dns_type type)
{
	uint8_t *bytes = make_message(m, len);
	struct sts_dns_reply *reply;

	assert_int_equal(sts_dns_reply_read(bytes, len, NAME, type, &reply), STS_OK);
	free(bytes);
	return reply;
}

static uint32_t
negative_ttl_of(const struct message *m, size_t len)
{
	struct sts_dns_reply *reply = read_message(m, len, STS_DNS_TXT);
	uint32_t ttl = reply->negative_ttl_s;

	sts_dns_reply_free(&reply);
	return ttl;
}

static void
negative_ttl(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		const struct message *m = &messages[i];
		uint32_t got = negative_ttl_of(m, 12 + m->len);

		if (got != m->want)
			fail_msg("%s: got %u, want %u", m->name, got, m->want);
	}
}

/* A message that is cut anywhere is malformed, so its negative TTL is 0. */
static void
every_cut(void **state)
{
	const struct message *m = &messages[3];

	(void)state;
	for (size_t len = 0; len < 12 + m->len; len++) {
		uint32_t got = negative_ttl_of(m, len);

		if (got != 0)
			fail_msg("cut at %zu: got %u", len, got);
	}
}

static void
response_codes(void **state)
{
	static const struct {
		size_t len;
		uint8_t flags;
		int want;
		const char *why;
	} rows[] = {
		{ 12, 0x80, 0, "" },
		{ 12, 0x82, 2, "SERVFAIL" },
		{ 12, 0xf3, 3, "" },
		{ 12, 0x85, 5, "REFUSED" },
		{ 12, 0x86, 6, "YXDOMAIN" },
		{ 12, 0x8f, 15, "RCODE 15" },
		{ 11, 0x82, -1, "the answer is malformed" },
		{ 0, 0x82, -1, "the answer is malformed" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const uint8_t head[12] = { 0, 1, 0x81, rows[i].flags };
		struct sts_dns_reply *reply;

		assert_int_equal(sts_dns_reply_read(head, rows[i].len, NAME, STS_DNS_TXT, &reply), STS_OK);
		if (reply->rcode != rows[i].want || strcmp(reply->why, rows[i].why) != 0)
			fail_msg("row %zu: got %d %s, want %d %s", i, reply->rcode, reply->why, rows[i].want, rows[i].why);
		sts_dns_reply_free(&reply);
	}
}

/* ---- answers ---- */

#define NAMED(type, len) POINTER "\0" type "\0\x01" "\0\0\0\x3c" "\0" len
#define TXT(len) NAMED("\x10", len)
#define ALIAS	 POINTER "\0\x05" "\0\x01" "\0\0\0\x3c" "\0\x04" "\x01" "b" "\xc0\x15"	/* to b.example */
#define B	 "\x01" "b\xc0\x15"
#define B_TXT	 B "\0\x10" "\0\x01" "\0\0\0\x3c" "\0\x03" "\x02" "ok"

static const struct {
	struct message m;
	enum sts_dns_outcome want;
	size_t count;
	const char *texts;	/* joined by '|' */
} txts[] = {
	{ { "one", 1, 1, 0, BODY(QUESTION TXT("\x03") "\x02" "ab"), 0 }, STS_DNS_OK, 1, "ab" },
	{ { "strings are joined", 1, 1, 0, BODY(QUESTION TXT("\x08") "\x02" "ab" "\0" "\x03" "cde"), 0 }, STS_DNS_OK, 1, "abcde" },
	{ { "records are not", 1, 2, 0, BODY(QUESTION TXT("\x03") "\x02" "ab" TXT("\x02") "\x01" "c"), 0 }, STS_DNS_OK, 2, "ab|c" },
	{ { "empty string", 1, 1, 0, BODY(QUESTION TXT("\x01") "\0"), 0 }, STS_DNS_OK, 1, "" },
	{ { "empty between others", 1, 3, 0, BODY(QUESTION TXT("\x02") "\x01" "a" TXT("\x01") "\0" TXT("\x02") "\x01" "b"), 0 },
	    STS_DNS_OK, 3, "a||b" },
	{ { "another type is passed over", 1, 2, 0, BODY(QUESTION NAMED("\x01", "\x04") "\x7f\0\0\x01" TXT("\x02") "\x01" "c"), 0 },
	    STS_DNS_OK, 1, "c" },
	{ { "behind an alias", 1, 2, 0, BODY(QUESTION ALIAS B_TXT), 0 }, STS_DNS_OK, 1, "ok" },
	{ { "alias alone", 1, 1, 0, BODY(QUESTION ALIAS), 0 }, STS_DNS_NODATA, 0, "" },
	{ { "no answer", 1, 0, 0, BODY(QUESTION), 0 }, STS_DNS_NODATA, 0, "" },
	{ { "string beyond its record", 1, 1, 0, BODY(QUESTION TXT("\x03") "\x03" "abc"), 0 }, STS_DNS_FAILURE, 0, "" },
	{ { "record beyond the message", 1, 1, 0, BODY(QUESTION TXT("\x09") "\x02" "ab"), 0 }, STS_DNS_FAILURE, 0, "" },
	{ { "fewer records than it says", 1, 2, 0, BODY(QUESTION TXT("\x03") "\x02" "ab"), 0 }, STS_DNS_FAILURE, 0, "" },
};

static void
txt_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(txts); i++) {
		const struct message *m = &txts[i].m;
		struct sts_dns_reply *reply = read_message(m, 12 + m->len, STS_DNS_TXT);
		struct sts_txt *rrset;
		size_t count, len = 0;
		char got[64];
		enum sts_dns_outcome outcome = sts_dns_extract_txt(reply, &rrset, &count);

		got[0] = '\0';
		for (size_t k = 0; k < count; k++)
			len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%.*s", k > 0 ? "|" : "",
			    (int)rrset[k].len, rrset[k].data);
		if (outcome != txts[i].want || count != txts[i].count || strcmp(got, txts[i].texts) != 0 ||
		    (rrset != NULL) != (outcome == STS_DNS_OK))
			fail_msg("%s: got outcome %d, %zu records, '%s', want %d, %zu, '%s'", m->name, (int)outcome, count,
			    got, (int)txts[i].want, txts[i].count, txts[i].texts);
		free(rrset);
		sts_dns_reply_free(&reply);
	}
}

/* As many as are allowed, and one more. */
static void
txt_bounds(void **state)
{
	static const char record[] = TXT("\x02") "\x01" "x";
	char body[sizeof(QUESTION) + 65 * sizeof(record)];
	size_t len = sizeof(QUESTION) - 1;

	(void)state;
	memcpy(body, QUESTION, len);
	for (unsigned n = 1; n <= 65; n++) {
		struct message m = { "many", 1, n, 0, body, 0, 0 };
		struct sts_dns_reply *reply;
		struct sts_txt *rrset;
		size_t count;
		enum sts_dns_outcome outcome;

		memcpy(body + len, record, sizeof(record) - 1);
		len += sizeof(record) - 1;
		m.len = len;
		reply = read_message(&m, 12 + len, STS_DNS_TXT);
		outcome = sts_dns_extract_txt(reply, &rrset, &count);
		free(rrset);
		sts_dns_reply_free(&reply);
		if (outcome != (n <= 64 ? STS_DNS_OK : STS_DNS_FAILURE) || count != (n <= 64 ? n : 0))
			fail_msg("%u records: got outcome %d, %zu", n, (int)outcome, count);
	}
}

#define A	NAMED("\x01", "\x04") "\x7f\0\0\x01"
#define AAAA	NAMED("\x1c", "\x10") "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
#define MAPPED	NAMED("\x1c", "\x10") "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x01"

static const struct {
	struct message m;
	int family;
	enum sts_dns_outcome want;
	size_t count;
	const char *last;
} addrs[] = {
	{ { "A", 1, 1, 0, BODY(QUESTION A), 0 }, 4, STS_DNS_OK, 1, "127.0.0.1" },
	{ { "AAAA", 1, 1, 0, BODY(QUESTION AAAA), 0 }, 6, STS_DNS_OK, 1, "2001:db8::7" },
	{ { "IPv4-mapped", 1, 1, 0, BODY(QUESTION MAPPED), 0 }, 6, STS_DNS_OK, 1, "127.0.0.1" },
	{ { "two", 1, 2, 0, BODY(QUESTION MAPPED AAAA), 0 }, 6, STS_DNS_OK, 2, "2001:db8::7" },
	{ { "more than are taken", 1, 9, 0, BODY(QUESTION A A A A A A A A A), 0 }, 4, STS_DNS_OK, STS_DNS_ADDRS, "127.0.0.1" },
	{ { "behind an alias", 1, 2, 0, BODY(QUESTION ALIAS B "\0\x01" "\0\x01" "\0\0\0\x3c" "\0\x04" "\x0a\x01\x02\x03"), 0 }, 4,
	    STS_DNS_OK, 1, "10.1.2.3" },
	{ { "other family", 1, 1, 0, BODY(QUESTION A), 0 }, 6, STS_DNS_NODATA, 0, "" },
	{ { "alias alone", 1, 1, 0, BODY(QUESTION ALIAS), 0 }, 4, STS_DNS_NODATA, 0, "" },
	{ { "no answer", 1, 0, 0, BODY(QUESTION), 0 }, 4, STS_DNS_NODATA, 0, "" },
	{ { "record beyond the message", 1, 1, 0, BODY(QUESTION NAMED("\x01", "\x04") "\x7f\0\0"), 0 }, 4, STS_DNS_FAILURE, 0, "" },
};

static void
addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(addrs); i++) {
		const struct message *m = &addrs[i].m;
		struct sts_dns_reply *reply = read_message(m, 12 + m->len, addrs[i].family == 4 ? STS_DNS_A : STS_DNS_AAAA);
		struct sts_ipaddr found[STS_DNS_ADDRS];
		char last[46] = "";
		size_t count;
		enum sts_dns_outcome outcome = sts_dns_extract_addrs(reply, found, &count);

		sts_dns_reply_free(&reply);
		if (count > 0)
			sts_ipaddr_format(&found[count - 1], last);
		if (outcome != addrs[i].want || count != addrs[i].count || strcmp(last, addrs[i].last) != 0)
			fail_msg("%s: got outcome %d, %zu addresses, '%s', want %d, %zu, '%s'", m->name, (int)outcome, count,
			    last, (int)addrs[i].want, addrs[i].count, addrs[i].last);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(negative_ttl),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(response_codes),
		cmocka_unit_test(txt_records),
		cmocka_unit_test(txt_bounds),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

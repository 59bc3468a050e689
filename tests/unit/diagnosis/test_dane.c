/* SPDX-License-Identifier: ISC */
/* test_dane.c - TLSA records: which can be used, which certificate of a chain each matches, and how they are shown. */
#include "config.h"

#include "stsctl/diagnosis/dane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
enum { DATA_MAX = 80 };

/* Three certificates; the whole of each is the text "whole 0", its key "key 0", and so on. */
static void
make_chain(struct certificate_chain *chain)
{
	chain->count = 3;
	for (size_t i = 0; i < chain->count; i++) {
		char whole[32], key[32];

		snprintf(whole, sizeof(whole), "whole %zu", i);
		snprintf(key, sizeof(key), "key %zu", i);
		assert_true(EVP_Digest(whole, strlen(whole), chain->list[i].whole_256, NULL, EVP_sha256(), NULL) == 1);
		assert_true(EVP_Digest(whole, strlen(whole), chain->list[i].whole_512, NULL, EVP_sha512(), NULL) == 1);
		assert_true(EVP_Digest(key, strlen(key), chain->list[i].key_256, NULL, EVP_sha256(), NULL) == 1);
		assert_true(EVP_Digest(key, strlen(key), chain->list[i].key_512, NULL, EVP_sha512(), NULL) == 1);
	}
}

/* data: the text of which the record has a digest of its matching type; cut: the number of missing bytes. */
static void
make_record(unsigned usage, unsigned selector, unsigned matching, const char *data, size_t cut, struct dane_records *out)
{
	uint8_t bytes[DATA_MAX];
	unsigned len = (unsigned)strlen(data);
	struct sts_dns_record record = { .type = STS_DNS_TLSA, .ttl_s = 300,
		.tlsa = { .usage = usage, .selector = selector, .matching = matching, .data = bytes } };
	struct sts_dns_reply reply = { .outcome = STS_DNS_REPLY_ANSWER, .name = "_25._tcp.a.test", .records = &record, .count = 1 };

	memcpy(bytes, data, len);
	if (matching == DANE_SHA256 || matching == DANE_SHA512)
		assert_true(EVP_Digest(data, strlen(data), bytes, &len, matching == DANE_SHA256 ? EVP_sha256() : EVP_sha512(), NULL) == 1);
	record.tlsa.len = len - cut;
	dane_records_read(&reply, out);
}

static void
test_match(void **state)
{
	static const struct {
		unsigned usage, selector, matching;
		const char *data;
		size_t cut;
		enum dane_use use;
		int match;		/* if it is usable */
	} rows[] = {
		{ 3, 1, 1, "key 0", 0, DANE_USABLE, 0 },
		{ 3, 1, 2, "key 0", 0, DANE_USABLE, 0 },
		{ 3, 1, 0, "key 0", 0, DANE_USABLE, 0 },
		{ 3, 0, 1, "whole 0", 0, DANE_USABLE, 0 },
		{ 3, 0, 2, "whole 0", 0, DANE_USABLE, 0 },
		{ 3, 0, 0, "whole 0", 0, DANE_USABLE, 0 },
		{ 3, 1, 1, "key 1", 0, DANE_USABLE, -1 },	/* the issuer is not the server */
		{ 3, 1, 1, "whole 0", 0, DANE_USABLE, -1 },
		{ 3, 0, 1, "key 0", 0, DANE_USABLE, -1 },
		{ 3, 1, 0, "key 01", 0, DANE_USABLE, -1 },
		{ 2, 1, 1, "key 1", 0, DANE_USABLE, 1 },
		{ 2, 0, 1, "whole 2", 0, DANE_USABLE, 2 },
		{ 2, 0, 0, "whole 2", 0, DANE_USABLE, 2 },
		{ 2, 1, 1, "key 0", 0, DANE_USABLE, -1 },	/* and the server is not the issuer */
		{ 2, 1, 1, "key 3", 0, DANE_USABLE, -1 },
		{ 0, 1, 1, "key 1", 0, DANE_PKIX, 0 },
		{ 1, 1, 1, "key 0", 0, DANE_PKIX, 0 },
		{ 4, 1, 1, "key 0", 0, DANE_MALFORMED, 0 },
		{ 255, 1, 1, "key 0", 0, DANE_MALFORMED, 0 },
		{ 3, 2, 1, "key 0", 0, DANE_MALFORMED, 0 },
		{ 3, 1, 3, "key 0", 0, DANE_MALFORMED, 0 },
		{ 3, 1, 1, "key 0", 1, DANE_MALFORMED, 0 },
		{ 3, 1, 1, "key 0", 32, DANE_MALFORMED, 0 },
		{ 3, 1, 2, "key 0", 32, DANE_MALFORMED, 0 },
		{ 3, 1, 0, "", 0, DANE_MALFORMED, 0 },
	};
	struct certificate_chain chain;

	(void)state;
	make_chain(&chain);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dane_records records;
		enum dane_use use;
		int match;

		make_record(rows[i].usage, rows[i].selector, rows[i].matching, rows[i].data, rows[i].cut, &records);
		assert_int_equal(records.count, 1);
		use = dane_record_use(&records.list[0]);
		match = use == DANE_USABLE ? dane_record_match(&records.list[0], &chain) : 0;
		if (use != rows[i].use || match != rows[i].match)
			fail_msg("row %zu: got use %d, match %d", i, (int)use, match);
	}
}

static void
test_short_chains(void **state)
{
	struct certificate_chain chain;
	struct dane_records records;

	(void)state;
	make_chain(&chain);
	chain.count = 1;
	make_record(2, 1, 1, "key 1", 0, &records);
	assert_int_equal(dane_record_match(&records.list[0], &chain), -1);
	make_record(3, 1, 1, "key 0", 0, &records);
	assert_int_equal(dane_record_match(&records.list[0], &chain), 0);
	chain.count = 0;
	assert_int_equal(dane_record_match(&records.list[0], &chain), -1);
}

static void
test_shown(void **state)
{
	static const struct {
		unsigned usage, selector, matching;
		const char *data;
		size_t cut;
		const char *want;
	} rows[] = {
		{ 3, 1, 1, "key 0", 0, "3 1 1 49ac5de219edae62..." },
		{ 3, 1, 1, "key 0", 28, "3 1 1 49ac5de2" },
		{ 3, 0, 0, "whole 0", 0, "3 0 0 (7 bytes)" },
		{ 255, 255, 255, "abc", 0, "255 255 255 616263" },
		{ 3, 1, 7, "0123456789012345678901234567890123456789012345678901234567890123456789", 0, "3 1 7 (70 bytes)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dane_records records;
		char got[DANE_SHOWN_CAP];

		make_record(rows[i].usage, rows[i].selector, rows[i].matching, rows[i].data, rows[i].cut, &records);
		assert_string_equal(dane_record_show(&records.list[0], got), rows[i].want);
	}
}

/* Aliases among the records are skipped; records beyond the limit are counted. */
static void
test_many(void **state)
{
	static const uint8_t data[CERTIFICATE_SHA256_LEN];
	struct sts_dns_record list[DANE_RECORDS_MAX + 2] = { { .type = STS_DNS_CNAME } };
	struct sts_dns_reply reply = { .name = "b.test", .records = list, .count = COUNT(list) };
	struct dane_records records;

	(void)state;
	for (size_t i = 1; i < COUNT(list); i++)
		list[i] = (struct sts_dns_record){ .type = STS_DNS_TLSA, .ttl_s = 60,
			.tlsa = { .usage = 3, .selector = 1, .matching = 1, .data = data, .len = sizeof(data) } };
	dane_records_read(&reply, &records);
	assert_int_equal(records.count, DANE_RECORDS_MAX);
	assert_int_equal(records.published, DANE_RECORDS_MAX + 1);
	assert_int_equal(records.ttl_s, 60);
	assert_string_equal(records.owner, "b.test");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_short_chains),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* The messages between the daemon and its fetch process: what is written can be read back, and nothing else is accepted. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/fetcher/fetch_wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT(s) { s, sizeof(s) - 1 }
/* The fixed fields of a reply, in front of its texts. */
#define ID "\0\0\0\0\0\0\0\7"
#define PLAIN "\0\310\0"		/* status 200, not mute */

static char message[STS_FETCH_MESSAGE_CAP + 16];

static void
test_kinds(void **state)
{
	(void)state;
	assert_int_equal(sts_fetch_kind("", 0), STS_FETCH_IS_NOTHING);
	assert_int_equal(sts_fetch_kind("\0", 1), STS_FETCH_IS_NOTHING);
	assert_int_equal(sts_fetch_kind("x", 1), STS_FETCH_IS_NOTHING);
	assert_int_equal(sts_fetch_kind("S", 1), STS_FETCH_IS_SETTINGS);
	assert_int_equal(sts_fetch_kind("R", 1), STS_FETCH_IS_READY);
	assert_int_equal(sts_fetch_kind("Q", 1), STS_FETCH_IS_QUESTION);
	assert_int_equal(sts_fetch_kind("A", 1), STS_FETCH_IS_REPLY);
}

/* Every shorter message is rejected, and so is one that is a byte longer. */
#define NO_OTHER_LENGTH(read, out, len)                                                              \
	do {                                                                                         \
		message[len] = 0;                                                                    \
		for (size_t n_ = 0; n_ <= (len) + 1; n_++) {                                         \
			char *exact_ = malloc(n_ + 1);                                               \
			assert_non_null(exact_);                                                     \
			memcpy(exact_, message, n_);                                                 \
			if (read(exact_, n_, out) != (n_ == (len)))                                  \
				fail_msg("%s: %zu bytes of %zu", #read, n_, (size_t)(len));          \
			free(exact_);                                                                \
		}                                                                                    \
	} while (0)

static void
test_settings(void **state)
{
	const struct sts_fetch_settings in = { .port = 443, .allow_special = true, .ca_file = TEXT("/etc/ca.pem"), .contact = TEXT("") };
	struct sts_fetch_settings out;
	size_t len = sts_fetch_write_settings(&in, message, sizeof(message));

	(void)state;
	assert_true(sts_fetch_read_settings(message, len, &out));
	assert_int_equal(out.port, 443);
	assert_true(out.allow_special);
	assert_int_equal(out.ca_file.len, in.ca_file.len);
	assert_memory_equal(out.ca_file.data, in.ca_file.data, in.ca_file.len);
	assert_int_equal(out.contact.len, 0);
	NO_OTHER_LENGTH(sts_fetch_read_settings, &out, len);
	message[1]++;
	assert_false(sts_fetch_read_settings(message, len, &out));
}

static void
test_ready(void **state)
{
	struct sts_fetch_ready out;

	(void)state;
	for (unsigned i = 0; i < STS_FETCH_READY_STATUSES; i++) {
		const struct sts_fetch_ready in = { .status = (enum sts_fetch_ready_status)i, .is_confined = i % 2 == 0 };
		size_t len = sts_fetch_write_ready(&in, message, sizeof(message));

		assert_true(sts_fetch_read_ready(message, len, &out));
		assert_int_equal(out.status, in.status);
		assert_int_equal(out.is_confined, in.is_confined);
		NO_OTHER_LENGTH(sts_fetch_read_ready, &out, len);
	}
	assert_false(sts_fetch_read_ready("R\1\3\1", 4, &out));		/* no such status */
	assert_false(sts_fetch_read_ready("R\1\0\2", 4, &out));		/* not a boolean */
	assert_false(sts_fetch_read_ready("R\2\0\1", 4, &out));		/* another version */
	assert_true(sts_fetch_read_ready("R\1\0\1", 4, &out));
}

static void
test_questions(void **state)
{
	struct sts_fetch_question in = { .id = 0x0102030405060708, .total_ms = 10000, .connect_ms = 1, .host = TEXT("mta-sts.a.test") };
	struct sts_fetch_question out;
	size_t len;

	(void)state;
	assert_true(sts_ipaddr_parse("2001:db8::1", 11, &in.addr));
	len = sts_fetch_write_question(&in, message, sizeof(message));
	assert_true(sts_fetch_read_question(message, len, &out));
	assert_true(out.id == in.id && out.total_ms == 10000 && out.connect_ms == 1 && out.addr.family == 6);
	assert_memory_equal(out.addr.bytes, in.addr.bytes, 16);
	assert_int_equal(out.host.len, in.host.len);
	assert_memory_equal(out.host.data, in.host.data, in.host.len);
	NO_OTHER_LENGTH(sts_fetch_read_question, &out, len);
	message[17] = 5;		/* no such family */
	assert_false(sts_fetch_read_question(message, len, &out));
	in.host.len = STS_FETCH_HOST_MAX + 1;
	assert_int_equal(sts_fetch_write_question(&in, message, sizeof(message)), 0);
}

static const struct {
	const char *name;
	struct sts_fetch_text bytes;
	bool want;
} replies[] = {
	{ "a policy", TEXT("A" ID "\0" PLAIN "\0\0" "\0\0\0\2" "ab"), true },
	{ "an empty one, which the next parser refuses", TEXT("A" ID "\0" PLAIN "\0\0" "\0\0\0\0"), true },
	{ "a failure", TEXT("A" ID "\15" "\1\224\0" "\0\3" "404" "\0\0\0\0"), true },
	{ "a failure without words", TEXT("A" ID "\15" "\1\224\0" "\0\0" "\0\0\0\0"), false },
	{ "a failure with a body", TEXT("A" ID "\15" "\1\224\0" "\0\3" "404" "\0\0\0\1" "x"), false },
	{ "a policy with words", TEXT("A" ID "\0" PLAIN "\0\1" "x" "\0\0\0\1" "x"), false },
	{ "words that are not printable", TEXT("A" ID "\15" "\1\224\0" "\0\3" "4\n4" "\0\0\0\0"), false },
	{ "words beyond ASCII", TEXT("A" ID "\15" "\1\224\0" "\0\2" "\303\244" "\0\0\0\0"), false },
	{ "a reason that is of the session", TEXT("A" ID "\1" PLAIN "\0\1" "x" "\0\0\0\0"), false },
	{ "a reason beyond all", TEXT("A" ID "\377" PLAIN "\0\1" "x" "\0\0\0\0"), false },
	{ "a status beyond all", TEXT("A" ID "\0" "\377\377\0" "\0\0" "\0\0\0\1" "x"), false },
	{ "mute, though a policy", TEXT("A" ID "\0" "\0\310\1" "\0\0" "\0\0\0\1" "x"), false },
	{ "neither mute nor not", TEXT("A" ID "\0" "\0\310\2" "\0\0" "\0\0\0\1" "x"), false },
	{ "more words than there are", TEXT("A" ID "\15" "\1\224\0" "\0\12" "404" "\0\0\0\0"), false },
	{ "more words than may be", TEXT("A" ID "\15" "\1\224\0" "\377\377" "404" "\0\0\0\0"), false },
	{ "a body longer than it is", TEXT("A" ID "\0" PLAIN "\0\0" "\0\0\0\3" "ab"), false },
	{ "a body shorter than it is", TEXT("A" ID "\0" PLAIN "\0\0" "\0\0\0\1" "ab"), false },
	{ "a body of 4 GiB", TEXT("A" ID "\0" PLAIN "\0\0" "\377\377\377\377" "ab"), false },
	{ "a question", TEXT("Q" ID "\0" PLAIN "\0\0" "\0\0\0\2" "ab"), false },
	{ "a letter", TEXT("A"), false },
	{ "nothing", TEXT(""), false },
};

static void
test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(replies); i++) {
		struct sts_fetch_reply out;
		/* in a block of its own, so that a sanitizer sees any read beyond it */
		char *bytes = malloc(replies[i].bytes.len + 1);
		bool got;

		assert_non_null(bytes);
		memcpy(bytes, replies[i].bytes.data, replies[i].bytes.len);
		got = sts_fetch_read_reply(bytes, replies[i].bytes.len, &out);
		if (got != replies[i].want)
			fail_msg("%s: %s", replies[i].name, got ? "taken" : "refused");
		free(bytes);
	}
}

/* A message that the reader would reject is not written. */
static void
test_largest_reply(void **state)
{
	static char body[STS_FETCH_BODY_MAX + 1], detail[STS_FETCH_DETAIL_MAX + 1];
	struct sts_fetch_reply in = { .id = 7, .status = 200, .detail = { "", 0 }, .body = { body, STS_FETCH_BODY_MAX } }, out;
	size_t len;

	(void)state;
	memset(detail, 'x', sizeof(detail));
	len = sts_fetch_write_reply(&in, message, STS_FETCH_MESSAGE_CAP);
	assert_true(len > 0);
	assert_true(sts_fetch_read_reply(message, len, &out));
	assert_int_equal(out.body.len, STS_FETCH_BODY_MAX);
	assert_int_equal(sts_fetch_write_reply(&in, message, len - 1), 0);
	in.body.len++;
	assert_int_equal(sts_fetch_write_reply(&in, message, STS_FETCH_MESSAGE_CAP), 0);
	in = (struct sts_fetch_reply){ .reason = STS_REASON_FETCH_TIMEOUT, .is_mute = true, .detail = { detail, STS_FETCH_DETAIL_MAX },
		.body = { "", 0 } };
	len = sts_fetch_write_reply(&in, message, STS_FETCH_MESSAGE_CAP);
	assert_true(sts_fetch_read_reply(message, len, &out));
	assert_true(out.is_mute && out.reason == STS_REASON_FETCH_TIMEOUT && out.detail.len == STS_FETCH_DETAIL_MAX);
	in.detail.len++;
	assert_int_equal(sts_fetch_write_reply(&in, message, STS_FETCH_MESSAGE_CAP), 0);
	in.detail.len = 1;
	in.reason = STS_REASON_DNS_TIMEOUT;
	assert_int_equal(sts_fetch_write_reply(&in, message, STS_FETCH_MESSAGE_CAP), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_largest_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

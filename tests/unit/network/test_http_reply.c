/* SPDX-License-Identifier: ISC */
/* The rules about an HTTP response: status, type, encoding, size. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/network/http_reply.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
statuses(void **state)
{
	static const long refused[] = { 0, 100, 101, 103, 199, 201, 202, 203, 204, 206, 226, 299, 300, 301, 302, 303, 304, 307,
	    308, 400, 401, 403, 404, 410, 429, 500, 503, 999 };
	struct sts_http_reply reply = { .len = 0 };
	char want[32];

	(void)state;
	assert_true(sts_http_reply_check_status(&reply, 200));
	assert_int_equal(reply.refusal, STS_REASON_NONE);
	for (size_t i = 0; i < COUNT(refused); i++) {
		memset(&reply, 0, sizeof(reply));
		snprintf(want, sizeof(want), "status %ld", refused[i]);
		if (sts_http_reply_check_status(&reply, refused[i]) || reply.refusal != STS_REASON_FETCH_STATUS ||
		    strcmp(reply.detail, want) != 0)
			fail_msg("status %ld: got '%s' '%s'", refused[i], sts_reason_name(reply.refusal), reply.detail);
	}
}

static void
redirects(void **state)
{
	static const struct {
		const char *location, *detail;
	} rows[] = {
		{ NULL, "status 302" },
		{ "https://www.example.com/", "status 302 to https://www.example.com/" },
		{ "/a b\x1b[31m", "status 302 to /a\\x20b\\x1b[31m" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_http_reply reply = { 0 };

		if (sts_http_reply_refuse_redirect(&reply, 302, rows[i].location) || reply.refusal != STS_REASON_FETCH_STATUS ||
		    strcmp(reply.detail, rows[i].detail) != 0)
			fail_msg("row %zu: got '%s' '%s'", i, sts_reason_name(reply.refusal), reply.detail);
	}
}

static const struct {
	const char *value;	/* NULL: no such field */
	const char *detail;	/* NULL: accepted */
} types[] = {
	{ "text/plain", NULL },
	{ "TEXT/Plain", NULL },
	{ " text/plain ", NULL },
	{ "text/plain;charset=utf-8", NULL },
	{ "text/plain ; charset=\"utf-8\"; x=y", NULL },
	{ "text/plain\t;", NULL },
	{ NULL, "no Content-Type" },
	{ "", "Content-Type is " },
	{ "text/plai", "Content-Type is text/plai" },
	{ "text/plainx", "Content-Type is text/plainx" },
	{ "text/plain, text/html", "Content-Type is text/plain,\\x20text/html" },
	{ "text / plain", "Content-Type is text\\x20/\\x20plain" },
	{ "xtext/plain", "Content-Type is xtext/plain" },
	{ "text/html; text/plain", "Content-Type is text/html;\\x20text/plain" },
	{ "application/octet-stream", "Content-Type is application/octet-stream" },
	{ "\"\x01\xff", "Content-Type is \\x22\\x01\\xff" },
	{ "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt",
	    "Content-Type is tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt..." },
}, encodings[] = {
	{ "identity", NULL },
	{ "Identity ", NULL },
	{ "gzip", "Content-Encoding is gzip" },
	{ "br", "Content-Encoding is br" },
	{ "", "Content-Encoding is " },
	{ "identity, gzip", "Content-Encoding is identity,\\x20gzip" },
	{ "identityx", "Content-Encoding is identityx" },
};

static void
check_value(const char *value, const char *detail, bool (*check)(struct sts_http_reply *reply, const char *value))
{
	struct sts_http_reply reply = { .len = 0 };
	bool ok = check(&reply, value);

	if (ok != (detail == NULL) || reply.refusal != (ok ? STS_REASON_NONE : STS_REASON_FETCH_TYPE) ||
	    strcmp(reply.detail, ok ? "" : detail) != 0)
		fail_msg("'%s': got '%s' '%s'", value ? value : "(none)", sts_reason_name(reply.refusal), reply.detail);
}

static void
content_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++)
		check_value(types[i].value, types[i].detail, sts_http_reply_check_type);
}

static void
content_encodings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(encodings); i++)
		check_value(encodings[i].value, encodings[i].detail, sts_http_reply_check_encoding);
}

static void
content_lengths(void **state)
{
	struct sts_http_reply reply = { .len = 0 };

	(void)state;
	assert_true(sts_http_reply_check_length(&reply, -1));
	assert_true(sts_http_reply_check_length(&reply, 0));
	assert_true(sts_http_reply_check_length(&reply, 65536));
	assert_false(sts_http_reply_check_length(&reply, 65537));
	assert_int_equal(reply.refusal, STS_REASON_FETCH_SIZE);
	assert_string_equal(reply.detail, "Content-Length is 65537");
	memset(&reply, 0, sizeof(reply));
	assert_false(sts_http_reply_check_length(&reply, INT64_MAX));
}

static void
bodies(void **state)
{
	static const size_t steps[] = { 1, 7, 4095, 4096, 4097, 16384, 65536 };
	char *bytes = malloc(65536);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < 65536; i++)
		bytes[i] = (char)('a' + i % 23);
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct sts_http_reply reply = { .len = 0 };

		while (reply.len < 65536) {
			size_t rest = 65536 - reply.len, step = steps[i] < rest ? steps[i] : rest;

			assert_true(sts_http_reply_add_body(&reply, bytes + reply.len, step));
		}
		assert_true(sts_http_reply_add_body(&reply, bytes, 0));
		assert_memory_equal(reply.body, bytes, 65536);
		assert_false(sts_http_reply_add_body(&reply, bytes, 1));
		assert_int_equal(reply.refusal, STS_REASON_FETCH_SIZE);
		assert_int_equal(reply.len, 65536);
		sts_http_reply_fini(&reply);
		assert_null(reply.body);
	}
	free(bytes);
}

static void
body_in_one_piece_too_large(void **state)
{
	struct sts_http_reply reply = { .len = 0 };

	(void)state;
	assert_false(sts_http_reply_add_body(&reply, "", 65537));
	assert_int_equal(reply.refusal, STS_REASON_FETCH_SIZE);
	assert_false(sts_http_reply_add_body(&reply, "", SIZE_MAX));
	assert_null(reply.body);
}

static void
headers(void **state)
{
	struct sts_http_reply reply = { .len = 0 };

	(void)state;
	assert_true(sts_http_reply_add_header(&reply, 65535));
	assert_true(sts_http_reply_add_header(&reply, 1));
	assert_false(sts_http_reply_add_header(&reply, 1));
	assert_int_equal(reply.refusal, STS_REASON_FETCH_SIZE);
	assert_false(sts_http_reply_add_header(&reply, SIZE_MAX));
}

static void
first_refusal_stays(void **state)
{
	struct sts_http_reply reply = { .len = 0 };

	(void)state;
	assert_false(sts_http_reply_check_status(&reply, 404));
	assert_false(sts_http_reply_check_type(&reply, "text/html"));
	assert_int_equal(reply.refusal, STS_REASON_FETCH_STATUS);
	assert_string_equal(reply.detail, "status 404");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses),
		cmocka_unit_test(redirects),
		cmocka_unit_test(content_types),
		cmocka_unit_test(content_encodings),
		cmocka_unit_test(content_lengths),
		cmocka_unit_test(bodies),
		cmocka_unit_test(body_in_one_piece_too_large),
		cmocka_unit_test(headers),
		cmocka_unit_test(first_refusal_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

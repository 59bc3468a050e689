/* SPDX-License-Identifier: ISC */
/* test_read_ahead.c - readers get the bytes that were sent, whatever the sizes of reads and packets. */
#include "config.h"

#include "milter/transport/read_ahead.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SENT = 64 * 1024, ROUNDS = 200, FD = 7 };

/* The system's side: bytes, at most `piece' in one call, then an error or the end. */
static struct {
	const unsigned char *bytes;
	size_t len, at, piece, calls;
	int error;
} source;

static ssize_t
give(int fd, void *out, size_t len)
{
	size_t left = source.len - source.at;

	assert_int_equal(fd, FD);
	source.calls++;
	if (left == 0 && source.error != 0) {
		errno = source.error;
		return -1;
	}
	len = len < left ? len : left;
	len = len < source.piece ? len : source.piece;
	memcpy(out, source.bytes + source.at, len);
	source.at += len;
	return (ssize_t)len;
}

static void
begin(const unsigned char *bytes, size_t len, size_t piece)
{
	source.bytes = bytes;
	source.len = len;
	source.piece = piece;
	source.at = source.calls = 0;
	source.error = 0;
}

/* Reads everything, at most `piece' bytes at a time, and compares. */
static void
read_all(struct read_ahead *ahead, const unsigned char *bytes, size_t len, size_t piece)
{
	static unsigned char got[SENT];
	size_t at = 0;
	ssize_t n;

	while ((n = read_ahead_read(ahead, give, FD, got + at, piece < sizeof(got) - at ? piece : sizeof(got) - at)) > 0) {
		assert_true((size_t)n <= piece);
		at += (size_t)n;
		if (at == sizeof(got))
			break;
	}
	assert_int_equal(at, len);
	assert_memory_equal(got, bytes, len);
}

static void
test_stream(void **state)
{
	static unsigned char bytes[SENT];
	static const size_t pieces[] = { 1, 2, 5, 100, READ_AHEAD_CAP - 1, READ_AHEAD_CAP, READ_AHEAD_CAP + 1, SENT };
	enum { COUNT = sizeof(pieces) / sizeof(pieces[0]) };
	static struct read_ahead ahead;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 31 + i / 256);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < COUNT; k++) {
			read_ahead_init(&ahead);
			begin(bytes, sizeof(bytes), pieces[i]);
			read_all(&ahead, bytes, sizeof(bytes), pieces[k]);
			read_ahead_fini(&ahead);
		}
}

/* Random sizes on both sides. */
static void
test_mixed(void **state)
{
	static unsigned char bytes[SENT], got[SENT];
	static struct read_ahead ahead;
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i ^ i >> 8);
	for (int round = 0; round < ROUNDS; round++) {
		size_t at = 0;

		read_ahead_init(&ahead);
		begin(bytes, sizeof(bytes), 1);
		while (at < sizeof(got)) {
			size_t want;

			seed = seed * 1103515245 + 12345;
			source.piece = 1 + (seed >> 8) % (2 * READ_AHEAD_CAP);
			want = 1 + (seed >> 20) % (READ_AHEAD_CAP + 500);
			at += (size_t)read_ahead_read(&ahead, give, FD, got + at, want < sizeof(got) - at ? want : sizeof(got) - at);
		}
		assert_memory_equal(got, bytes, sizeof(bytes));
		read_ahead_fini(&ahead);
	}
}

/* A packet of the milter protocol is a length and as many bytes: two reads, but only one system call for all packets. */
static void
test_calls(void **state)
{
	static const unsigned char bytes[1000] = { 1 };
	static struct read_ahead ahead;
	char out[5];

	(void)state;
	read_ahead_init(&ahead);
	begin(bytes, sizeof(bytes), sizeof(bytes));
	assert_false(read_ahead_has_bytes(&ahead));
	for (size_t i = 0; i < sizeof(bytes) / sizeof(out); i++) {
		assert_int_equal(read_ahead_read(&ahead, give, FD, out, sizeof(out)), sizeof(out));
		assert_int_equal(read_ahead_has_bytes(&ahead), i + 1 < sizeof(bytes) / sizeof(out));
	}
	assert_int_equal(source.calls, 1);
	read_ahead_fini(&ahead);
}

/* An error is reported after all bytes before it, and the next read tries again. */
static void
test_errors(void **state)
{
	static const unsigned char bytes[] = "abc";
	static struct read_ahead ahead;
	char out[8];

	(void)state;
	read_ahead_init(&ahead);
	begin(bytes, 3, 3);
	source.error = ECONNRESET;
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, 2), 2);
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, 2), 1);
	assert_int_equal(out[0], 'c');
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, 2), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_false(read_ahead_has_bytes(&ahead));
	source.error = 0;
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, 2), 0);
	source.at = 0;
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, 2), 2);
	read_ahead_fini(&ahead);
}

/* Thousands of sessions are idle: the buffer exists only while something is unread. */
static void
test_memory(void **state)
{
	static const unsigned char bytes[100] = { 1 };
	struct read_ahead ahead;
	char out[50];

	(void)state;
	assert_true(sizeof(ahead) <= 32);
	read_ahead_init(&ahead);
	assert_null(ahead.bytes);
	begin(bytes, sizeof(bytes), sizeof(bytes));
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, sizeof(out)), sizeof(out));
	assert_non_null(ahead.bytes);
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, sizeof(out)), sizeof(out));
	assert_null(ahead.bytes);
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, sizeof(out)), 0);
	assert_null(ahead.bytes);
	source.error = EAGAIN;
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, sizeof(out)), -1);
	assert_int_equal(errno, EAGAIN);
	assert_null(ahead.bytes);
	/* A session ends with unread input. */
	source.at = 0;
	assert_int_equal(read_ahead_read(&ahead, give, FD, out, 1), 1);
	read_ahead_fini(&ahead);
	assert_null(ahead.bytes);
	assert_false(read_ahead_has_bytes(&ahead));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

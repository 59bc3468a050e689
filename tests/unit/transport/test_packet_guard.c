/* SPDX-License-Identifier: ISC */
/* test_packet_guard.c - lists of macros in which a name has no value are kept back, whatever pieces they come in; all else passes. */
#include "config.h"

#include "milter/transport/packet_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) (text), sizeof(text) - 1

static const struct row {
	const char *what;
	const char *bytes;
	size_t len;
	bool passes;
} rows[] = {
	{ "nothing", BYTES(""), true },
	{ "a pair", BYTES("\0\0\0\x0a" "D" "Ei\0QUEUE\0"), true },
	{ "two pairs", BYTES("\0\0\0\x0a" "D" "Ma\0b\0c\0d\0"), true },
	{ "no macros", BYTES("\0\0\0\x02" "D" "M"), true },
	{ "not even the command", BYTES("\0\0\0\x01" "D"), true },
	{ "an empty pair", BYTES("\0\0\0\x04" "D" "M\0\0"), true },
	{ "a name", BYTES("\0\0\0\x04" "D" "Ei\0"), false },
	{ "three strings", BYTES("\0\0\0\x0b" "D" "Ea\0b\0long\0"), false },
	{ "an empty name", BYTES("\0\0\0\x03" "D" "E\0"), false },
	{ "the command is a NUL", BYTES("\0\0\0\x06" "D" "\0i\0Q\0"), true },
	{ "a value without end does not count", BYTES("\0\0\0\x05" "D" "Ei\0Q"), false },
	{ "nor does a name", BYTES("\0\0\0\x07" "D" "Ei\0Q\0x"), true },
	{ "odd, and then a pair", BYTES("\0\0\0\x04" "D" "Ei\0" "\0\0\0\x06" "D" "Ei\0Q\0"), false },
	{ "others before it", BYTES("\0\0\0\x03" "L" "x\0" "\0\0\0\x01" "N" "\0\0\0\x04" "D" "Ei\0"), false },
	{ "not of macros", BYTES("\0\0\0\x03" "H" "x\0" "\0\0\0\x04" "M" "<>\0"), true },
	{ "oddness ends with its packet", BYTES("\0\0\0\x04" "H" "xi\0" "\0\0\0\x06" "D" "Ei\0Q\0"), true },
	{ "length 0: a command alone", BYTES("\0\0\0\0" "D" "\0\0\0\x04" "D" "Ei\0"), false },
	{ "a negative length: likewise", BYTES("\xff\xff\xff\xff" "D" "\0\0\0\x04" "D" "Ei\0"), false },
	{ "less one, the least of all: likewise", BYTES("\x80\0\0\x01" "N" "\0\0\0\x04" "D" "Ei\0"), false },
	{ "less one, the greatest: all of it is its data", BYTES("\x80\0\0\0" "N" "\0\0\0\x04" "D" "Ei\0"), true },
	{ "not complete yet", BYTES("\0\0\0\x05" "D" "Ei\0"), true },
};

static bool
passes(const struct row *row, size_t piece)
{
	struct packet_guard guard = { 0 };
	bool still = true;

	for (size_t at = 0; at < row->len; at += piece) {
		bool now = packet_guard_pass(&guard, row->bytes + at, row->len - at < piece ? row->len - at : piece);

		assert_false(now && !still);
		still = now;
	}
	return still;
}

/* Lists of any length, of bytes of any kind, against counting one by one. */
static void
test_counting(void **state)
{
	static const unsigned char kinds[] = { 0, 1, 0x7f, 0x80, 0x81, 0xff, 'a', 0 };
	unsigned char packet[5 + 70];
	uint32_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = 1 + round % 70;
		unsigned nuls = 0;
		struct packet_guard guard = { 0 };

		memcpy(packet, "\0\0\0\0D", 5);
		packet[3] = (unsigned char)(len + 1);
		for (size_t i = 0; i < len; i++) {
			random = random * 1664525 + 1013904223;
			packet[5 + i] = kinds[random >> 29];
			nuls += i > 0 && packet[5 + i] == 0;
		}
		assert_int_equal(packet_guard_pass(&guard, packet, 5 + len), nuls % 2 == 0);
	}
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t piece = 1; piece <= rows[i].len + 1; piece++)
			if (passes(&rows[i], piece) != rows[i].passes)
				fail_msg("%s, in pieces of %zu", rows[i].what, piece);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_counting) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

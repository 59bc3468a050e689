/* SPDX-License-Identifier: ISC */
/* test_packet_guard.c - which streams are stopped, in whatever pieces they come. */
#include "config.h"

#include "milter/transport/packet_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(literal) literal, sizeof(literal) - 1
#define GOOD "\0\0\0\x0b" "DMi\0QUEUEI\0"
#define ODD "\0\0\0\x04" "DEi\0"

/* stops: the byte, counted from 1, with which the connection ends; 0: none. */
static const struct {
	const char *name, *bytes;
	size_t len, stops;
} rows[] = {
	{ "nothing", BYTES(""), 0 },
	{ "name and value", BYTES(GOOD), 0 },
	{ "a name alone", BYTES(ODD), 8 },
	{ "behind a good one", BYTES(GOOD ODD), 15 + 8 },
	{ "behind another packet", BYTES("\0\0\0\x05" "Hmx\0\0" ODD), 9 + 8 },
	{ "behind one without data", BYTES("\0\0\0\1" "T" ODD), 5 + 8 },
	{ "three strings", BYTES("\0\0\0\x08" "DCj\0h\0i\0"), 12 },
	{ "a value cut short", BYTES("\0\0\0\x08" "DCj\0host"), 12 },
	{ "a value cut short, of two", BYTES("\0\0\0\x0a" "DCj\0h\0i\0ID"), 14 },
	{ "empty strings", BYTES("\0\0\0\4" "DC\0\0"), 0 },
	{ "one empty string", BYTES("\0\0\0\3" "DC\0"), 7 },
	{ "a stage alone", BYTES("\0\0\0\2" "DC"), 0 },
	{ "a stage that is NUL", BYTES("\0\0\0\2" "D\0"), 0 },
	{ "a stage that is NUL, and a string", BYTES("\0\0\0\4" "D\0i\0"), 8 },
	{ "not even a stage", BYTES("\0\0\0\1" "D"), 0 },
	{ "other packets may be odd", BYTES("\0\0\0\4" "Mab\0" "\0\0\0\4" "LEi\0"), 0 },
	{ "not whole yet", BYTES("\0\0\0\x05" "DEi\0"), 0 },
	{ "length 0: the command is read all the same", BYTES("\0\0\0\0" "N" ODD), 5 + 8 },
	{ "length 0, of macros", BYTES("\0\0\0\0" "D" GOOD), 0 },
	{ "a length that libmilter takes for negative", BYTES("\x80\0\0\1" "N" ODD), 5 + 8 },
	{ "another", BYTES("\xff\xff\xff\xff" "N" ODD), 5 + 8 },
	{ "the greatest", BYTES("\x80\0\0\0" "N" ODD), 0 },
};

/* How many bytes pass, in pieces of at most so many. */
static size_t
stopped_at(const char *bytes, size_t len, size_t piece)
{
	struct packet_guard guard = { .header_len = 0 };

	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		if (!packet_guard_passes(&guard, bytes + at, n)) {
			assert_false(packet_guard_passes(&guard, BYTES(GOOD)));
			return at + n;
		}
	}
	return 0;
}

static void
test_streams(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t piece = 1; piece < 40; piece++) {
			size_t pieces = (rows[i].stops + piece - 1) / piece * piece;
			size_t want = pieces < rows[i].len ? pieces : rows[i].stops == 0 ? 0 : rows[i].len;
			size_t got = stopped_at(rows[i].bytes, rows[i].len, piece);

			if (got != want)
				fail_msg("%s, in pieces of %zu: %zu, not %zu", rows[i].name, piece, got, want);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

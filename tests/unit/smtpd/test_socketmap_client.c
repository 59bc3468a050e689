/* SPDX-License-Identifier: ISC */
/* test_socketmap_client.c - parses the replies of a socketmap server, byte by byte. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/smtpd/socketmap_client.h"

static void
test_replies(void **state)
{
	static const struct { const char *bytes; int used; enum socketmap_answer answer; const char *why; } rows[] = {
		{ "9:NOTFOUND ,", 12, SOCKETMAP_SERVES, "NOTFOUND " },
		{ "8:NOTFOUND,", 11, SOCKETMAP_SERVES, "NOTFOUND" },
		{ "15:OK secure match,next", 19, SOCKETMAP_SERVES, "OK secure match" },
		{ "13:TEMP no\x1b[mdns,", 17, SOCKETMAP_COMPLAINS, "TEMP no\\x1b[mdns" },
		{ "12:TIMEOUT slow,", 16, SOCKETMAP_COMPLAINS, "TIMEOUT slow" },
		{ "8:PERM bad,", 11, SOCKETMAP_COMPLAINS, "PERM bad" },
		{ "", 0, SOCKETMAP_SILENT, "" },
		{ "9", 0, SOCKETMAP_SILENT, "" },
		{ "9:NOTFOUND ", 0, SOCKETMAP_SILENT, "" },
		{ "9:NOTFOUND x", -1, SOCKETMAP_SILENT, "" },
		{ "8:NOTFOUNDS,", -1, SOCKETMAP_SILENT, "" },
		{ "5:MAYBE,", -1, SOCKETMAP_SILENT, "" },
		{ "0:,", -1, SOCKETMAP_SILENT, "" },
		{ ":OK,", -1, SOCKETMAP_SILENT, "" },
		{ "220 mx ESMTP", -1, SOCKETMAP_SILENT, "" },
		{ "-1:OK,", -1, SOCKETMAP_SILENT, "" },
		{ "99999:OK", -1, SOCKETMAP_SILENT, "" },
		{ "18446744073709551615:OK,", -1, SOCKETMAP_SILENT, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum socketmap_answer answer = SOCKETMAP_SILENT;
		size_t len = strlen(rows[i].bytes);
		char why[DOCTOR_LINE] = "";
		/* on the heap, and exactly as long, so that valgrind and ASan see reads beyond it */
		char *bytes = malloc(len > 0 ? len : 1);
		int used;

		assert_non_null(bytes);
		memcpy(bytes, rows[i].bytes, len);
		used = socketmap_reply(bytes, len, &answer, why);
		free(bytes);
		if (used != rows[i].used || answer != rows[i].answer || strcmp(why, rows[i].why) != 0)
			fail_msg("%s: %d %d \"%s\"", rows[i].bytes, used, (int)answer, why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

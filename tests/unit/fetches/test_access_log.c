/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/fetches/access_log.h"

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t time;	/* -1: not a time */
	} rows[] = {
		{ "01/Jan/1970:00:00:00 +0000", 0 },
		{ "10/Oct/2000:13:55:36 -0700", 971211336 },
		{ "29/Feb/2000:12:00:00 +0000", 951825600 },
		{ "29/Feb/2024:23:59:60 +0000", 1709251200 },
		{ "31/Dec/2026:23:59:59 +0530", 1798741799 },
		{ "24/Nov/2026:13:00:00 +0000", 1795525200 },
		{ "01/Mar/2100:00:00:00 +0000", 4107542400 },
		{ "29/Feb/2100:00:00:00 +0000", -1 },
		{ "29/Feb/2023:00:00:00 +0000", -1 },
		{ "31/Apr/2026:00:00:00 +0000", -1 },
		{ "00/Apr/2026:00:00:00 +0000", -1 },
		{ "10/oct/2000:13:55:36 -0700", -1 },
		{ "10/Oct/1969:13:55:36 -0700", -1 },
		{ "10/Oct/2000:24:00:00 +0000", -1 },
		{ "10/Oct/2000:13:60:36 +0000", -1 },
		{ "10/Oct/2000:13:55:36 +2400", -1 },
		{ "10/Oct/2000:13:55:36 0700 ", -1 },
		{ "10/Oct/2000:13:55:36", -1 },
		{ "1x/Oct/2000:13:55:36 +0000", -1 },
		/* each separator in turn */
		{ "10-Oct/2000:13:55:36 +0000", -1 },
		{ "10/Oct-2000:13:55:36 +0000", -1 },
		{ "10/Oct/2000 13:55:36 +0000", -1 },
		{ "10/Oct/2000:13-55:36 +0000", -1 },
		{ "10/Oct/2000:13:55-36 +0000", -1 },
		{ "10/Oct/2000:13:55:36T+0000", -1 },
		{ "10/Oct/2000:13:55:36 =0000", -1 },
		{ "10/Oct/2000:13:55:61 +0000", -1 },
		{ "10/Oct/2000:13:55:36 +0060", -1 },
		{ "10/Oct/2000:13:55:36 +00x0", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t time = -1;

		if (access_log_time(rows[i].text, strlen(rows[i].text), &time) != (rows[i].time >= 0) || time != rows[i].time)
			fail_msg("%s: %lld", rows[i].text, (long long)time);
	}
}

#define DATE "[24/Nov/2026:13:00:00 +0000]"

static void
test_lines(void **state)
{
	static const struct {
		const char *line;
		const char *host, *client, *path;
		bool is_address;
		unsigned status;
		const char *agent;
	} rows[] = {
		/* combined, common, both with a host in front */
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 200 66 \"-\" \"agent 1\"",
		    "", "192.0.2.1", "/a", true, 200, "agent 1" },
		{ "2001:db8::1 - - " DATE " \"GET /a HTTP/1.1\" 304 -", "", "2001:db8::1", "/a", true, 304, "" },
		{ "mta-sts.a.example:443 192.0.2.1 - - " DATE " \"GET /a HTTP/2.0\" 404 0 \"-\" \"-\"",
		    "mta-sts.a.example", "192.0.2.1", "/a", true, 404, "-" },
		{ "mta-sts.a.example 192.0.2.1 - - " DATE " \"GET /a HTTP/2.0\" 200 5",
		    "mta-sts.a.example", "192.0.2.1", "/a", true, 200, "" },
		/* names are looked up */
		{ "mail.b.example - - " DATE " \"GET /a HTTP/1.1\" 200 66 \"-\" \"x\"",
		    "", "mail.b.example", "/a", false, 200, "x" },
		{ "mta-sts.a.example:443 mail.b.example - - " DATE " \"GET /a HTTP/1.1\" 200 66 \"-\" \"x\"",
		    "mta-sts.a.example", "mail.b.example", "/a", false, 200, "x" },
		/* malformed or hostile requests */
		{ "192.0.2.1 - - " DATE " \"\\x16\\x03\\x01\" 400 226 \"-\" \"-\"", "", "192.0.2.1", "", true, 400, "-" },
		{ "192.0.2.1 - - " DATE " \"-\" 408 0 \"-\" \"-\"", "", "192.0.2.1", "", true, 408, "-" },
		{ "192.0.2.1 - - " DATE " \"GET /\\\" 200 1 \\\" HTTP/1.1\" 404 1 \"-\" \"x\"",
		    "", "192.0.2.1", "/\\\"", true, 404, "x" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 200 1 \"\\\"\" \"a\\\\\\\"b\"",
		    "", "192.0.2.1", "/a", true, 200, "a\\\\\\\"b" },
		{ "192.0.2.1 - a [01/Jan/1970:00:00:00 +0000] b " DATE " \"GET /a HTTP/1.1\" 200 1 \"-\" \"x\"",
		    "", "192.0.2.1", "/a", true, 200, "x" },
		/* none of these formats */
		{ "", NULL, "", "", false, 0, "" },
		{ "192.0.2.1", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - [24/Nov/2026:13:00:00] \"GET /a HTTP/1.1\" 200 66 \"-\" \"x\"", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - 24/Nov/2026:13:00:00 +0000] \"GET /a HTTP/1.1\" 200 66 \"-\" \"x\"",
		    NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\\\"", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 2x0 66 \"-\" \"x\"", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 200", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\"", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a\\", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - [24/Foo/2026:13:00:00 +0000] \"GET /a HTTP/1.1\" 200 66", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 x] \"GET /a HTTP/1.1\" 200 66", NULL, "", "", false, 0, "" },
		{ "name", NULL, "", "", false, 0, "" },
		/* odd, but unambiguous */
		{ "mta-sts.a.example:https 192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 200 66", "mta-sts.a.example", "192.0.2.1", "/a", true, 200, "" },
		{ "mail.b.example x - " DATE " \"GET /a HTTP/1.1\" 200 66", "mail.b.example", "x", "/a", false, 200, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\"200 66", "", "192.0.2.1", "/a", true, 200, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a\" 200 66", "", "192.0.2.1", "", true, 200, "" },
		{ "192.0.2.1 - - " DATE " \"GET\" 200 66", "", "192.0.2.1", "", true, 200, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 200 66 referrer \"x\"", "", "192.0.2.1", "/a", true, 200, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 2000 66 \"-\" \"x\"", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 200 66 \"-\" \"x", NULL, "", "", false, 0, "" },
		{ "192.0.2.1 - - " DATE " \"GET /a HTTP/1.1\" 200 \"x\"", NULL, "", "", false, 0, "" },
		{ " - - " DATE " \"GET /a HTTP/1.1\" 200 66", NULL, "", "", false, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct access_line line;
		char *copy = strdup(rows[i].line);	/* so that a sanitizer sees a read beyond the end */
		bool good = access_log_parse(copy, strlen(copy), &line);

		if (good != (rows[i].host != NULL))
			fail_msg("%s: %s", rows[i].line, good ? "taken" : "refused");
#define IS(part, want) (line.part.len == strlen(want) && (line.part.len == 0 || memcmp(line.part.text, want, line.part.len) == 0))
		if (good && (!IS(host, rows[i].host) || !IS(client, rows[i].client) || !IS(path, rows[i].path) ||
		    !IS(agent, rows[i].agent) || line.status != rows[i].status || (line.addr.family != 0) != rows[i].is_address ||
		    line.time != 1795525200))
			fail_msg("%s: not as expected", rows[i].line);
		free(copy);
	}
}

/* Any prefix of a line is accepted or rejected without reading beyond its end. */
static void
test_cut_lines(void **state)
{
	static const char line[] = "mta-sts.a.example:443 192.0.2.1 - - " DATE " \"GET /a HTTP/2.0\" 200 5 \"-\" \"x\"";

	(void)state;
	for (size_t len = 0; len < sizeof(line); len++) {
		char *copy = malloc(len + 1);
		struct access_line parsed;

		assert_non_null(copy);
		memcpy(copy, line, len);
		(void)access_log_parse(copy, len, &parsed);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_cut_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

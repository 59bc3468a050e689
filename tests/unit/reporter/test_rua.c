/* SPDX-License-Identifier: ISC */
/* test_rua.c - addresses that strangers publish. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/reporter/rua.h"

static const struct {
	const char *uri, *mailbox, *host;	/* both "": refused */
	unsigned port;
} cases[] = {
	{ "mailto:a@b.example", "a@b.example", "", 0 },
	{ "MAILTO:A.b+c@B.Example", "A.b+c@b.example", "", 0 },
	{ "mailto:a%2Bb%21@b.example?subject=x", "a+b!@b.example", "", 0 },
	{ "mailto:a@b.example%2Cc@d.example", "", "", 0 },
	{ "mailto:a%20b@c.example", "", "", 0 },
	{ "mailto:%22a%22@b.example", "", "", 0 },
	{ "mailto:a%0d%0aBcc:x@b.example", "", "", 0 },
	{ "mailto:a%00@b.example", "", "", 0 },
	{ "mailto:a%4@b.example", "", "", 0 },
	{ "mailto:a@b.example%", "", "", 0 },
	{ "mailto:@b.example", "", "", 0 },
	{ "mailto:a", "", "", 0 },
	{ "mailto:a@", "", "", 0 },
	{ "mailto:a@[192.0.2.1]", "", "", 0 },
	{ "mailto:", "", "", 0 },
	{ "mailto:0123456789012345678901234567890123456789012345678901234567890123456789@b.example", "", "", 0 },
	{ "https://a.example", "", "a.example", 443 },
	{ "https://A.example/x?y", "", "a.example", 443 },
	{ "HTTPS://a.example:8443/", "", "a.example", 8443 },
	{ "https://a.example?x@y", "", "a.example", 443 },
	{ "https://user@a.example/", "", "", 0 },
	{ "https://user:pass@a.example/", "", "", 0 },
	{ "https://a.example:/", "", "", 0 },
	{ "https://a.example:0/", "", "", 0 },
	{ "https://a.example:65536/", "", "", 0 },
	{ "https://127.0.0.1/", "", "", 0 },
	{ "https://[::1]/", "", "", 0 },
	{ "https:a.example", "", "", 0 },
	{ "https:///x", "", "", 0 },
	{ "https://a.example\\@b.example/", "", "", 0 },
	{ "https://a.example/\"", "", "", 0 },
	{ "http://a.example/", "", "", 0 },
	{ "file:///etc/passwd", "", "", 0 },
	{ "", "", "", 0 },
};

static void
test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reporter_rua rua;
		const char *wrong = reporter_rua_read(cases[i].uri, strlen(cases[i].uri), &rua);
		bool fine = cases[i].mailbox[0] != '\0' || cases[i].host[0] != '\0';

		if (fine != (wrong == NULL) || (fine && (strcmp(rua.mailbox, cases[i].mailbox) != 0 ||
		    strcmp(rua.host, cases[i].host) != 0 || rua.port != cases[i].port || strcmp(rua.uri, cases[i].uri) != 0)))
			fail_msg("%s: %s, mailbox %s, host %s, port %u", cases[i].uri, wrong != NULL ? wrong : "fine", rua.mailbox,
			    rua.host, rua.port);
	}
}

static void
test_too_long(void **state)
{
	char uri[REPORTER_URI_CAP + 1];
	struct reporter_rua rua;

	(void)state;
	memset(uri, 'a', sizeof(uri));
	memcpy(uri, "https://a.example/", 18);
	assert_non_null(reporter_rua_read(uri, REPORTER_URI_CAP, &rua));
	assert_null(reporter_rua_read(uri, REPORTER_URI_CAP - 1, &rua));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_addresses), cmocka_unit_test(test_too_long) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

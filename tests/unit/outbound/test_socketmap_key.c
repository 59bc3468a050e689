/* SPDX-License-Identifier: ISC */
/* test_socketmap_key.c - every kind of key that Postfix looks up, and keys of strangers. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/socketmap_key.h"

struct row {
	const char *name, *request;
	size_t len;		/* 0: up to the NUL */
	enum sts_socketmap map;
	enum sts_asked_kind kind;
	const char *domain;
};

#define PF STS_MAP_POSTFIX
#define RP STS_MAP_TLSRPT

static const struct row rows[] = {
	{ "domain", "postfix example.com", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "domain for reports", "tlsrpt example.com", 0, RP, STS_ASKED_DOMAIN, "example.com" },
	{ "tlspol's names", "QUERYwithTLSRPT example.com", 0, RP, STS_ASKED_DOMAIN, "example.com" },
	{ "tlspol's other name", "QUERY example.com", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "any word", "whatever example.com", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "another case is any word", "TLSRPT example.com", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "no map name", " example.com", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "upper case", "postfix Example.COM", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "trailing dot", "postfix example.com.", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "U-label", "postfix b\xc3\xbc" "cher.example", 0, PF, STS_ASKED_DOMAIN, "xn--bcher-kva.example" },
	{ "SMTP's port", "postfix example.com:25", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "SMTP's port by name", "postfix example.com:smtp", 0, PF, STS_ASKED_DOMAIN, "example.com" },
	{ "another port", "postfix example.com:587", 0, PF, STS_ASKED_PORT, "" },
	{ "another port by name", "postfix example.com:submission", 0, PF, STS_ASKED_PORT, "" },
	{ "empty port", "postfix example.com:", 0, PF, STS_ASKED_PORT, "" },
	{ "two colons", "postfix example.com:25:25", 0, PF, STS_ASKED_PORT, "" },
	{ "host", "postfix [mail.example.com]", 0, PF, STS_ASKED_HOST, "" },
	{ "host of one label", "postfix [relay]", 0, PF, STS_ASKED_HOST, "" },
	{ "host and port", "postfix [mail.example.com]:25", 0, PF, STS_ASKED_HOST, "" },
	{ "host and rubbish", "postfix [mail.example.com]x", 0, PF, STS_ASKED_HOST, "" },
	{ "empty host", "postfix []", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "open bracket", "postfix [mail.example.com", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "IPv4 in brackets", "postfix [192.0.2.1]", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "IPv4 in brackets, port", "postfix [192.0.2.1]:25", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "IPv6 in brackets", "postfix [2001:db8::1]", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "IPv6 literal", "postfix [ipv6:2001:db8::1]:25", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "IPv6 literal, not folded", "postfix [IPv6:2001:db8::1]", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "part of an IPv4 in brackets", "postfix [192.0.2]", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "IPv4", "postfix 192.0.2.1", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "IPv4 and port", "postfix 192.0.2.1:25", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "IPv6", "postfix 2001:db8::1", 0, PF, STS_ASKED_ADDRESS, "" },
	{ "parent", "postfix .example.com", 0, PF, STS_ASKED_PARENT, "" },
	{ "top-level parent", "postfix .com", 0, PF, STS_ASKED_PARENT, "" },
	{ "dot", "postfix .", 0, PF, STS_ASKED_PARENT, "" },
	{ "unix socket", "postfix /var/run/lmtp", 0, PF, STS_ASKED_PATH, "" },
	{ "localhost", "postfix localhost", 0, PF, STS_ASKED_LABEL, "" },
	{ "localhost and port", "postfix localhost:24", 0, PF, STS_ASKED_LABEL, "" },
	{ "top-level domain", "postfix com", 0, PF, STS_ASKED_LABEL, "" },
	{ "empty key", "postfix ", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "no key", "postfix", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "nothing", "", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "blank in the key", "postfix a.example b.example", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "two blanks", "postfix  example.com", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "at sign", "postfix user@example.com", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "braces", "postfix {example.com}", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "line end", "postfix example.com\n", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "NUL", "postfix a\0b.example", 19, PF, STS_ASKED_NO_NAME, "" },
	{ "not UTF-8", "postfix \xff.example", 0, PF, STS_ASKED_NO_NAME, "" },
	{ "wildcard", "postfix *.example.com", 0, PF, STS_ASKED_NO_NAME, "" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		size_t len = row->len != 0 ? row->len : strlen(row->request);
		struct sts_socketmap_query got;

		sts_socketmap_parse(row->request, len, &got);
		if (got.map != row->map || got.kind != row->kind || strcmp(got.domain, row->domain) != 0)
			fail_msg("%s: got %s %s \"%s\", want %s %s \"%s\"", row->name, sts_socketmap_name(got.map),
			    sts_asked_kind_name(got.kind), got.domain, sts_socketmap_name(row->map),
			    sts_asked_kind_name(row->kind), row->domain);
	}
}

static void
test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < STS_ASKED_KINDS; i++)
		assert_string_not_equal(sts_asked_kind_name(i), "");
	assert_string_equal(sts_asked_kind_name(STS_ASKED_KINDS), "");
	for (unsigned i = 0; i < STS_MAPS; i++)
		assert_string_not_equal(sts_socketmap_name(i), "");
	assert_string_equal(sts_socketmap_name(STS_MAPS), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

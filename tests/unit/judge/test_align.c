/* SPDX-License-Identifier: ISC */
/* test_align.c - compares organisational domains, with and without the Public Suffix List. */
#include "config.h"

#include "shared-cache/judge/align.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *name;
	const char *client;
	const char *domain;
	const char *mx;		/* of the policy; NULL: no policy */
	enum sts_aligned want;
};

static void
check(const struct sts_align *align, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *mx[] = { (char *)"other.invalid", (char *)rows[i].mx };
		const struct sts_policy policy = { .mode = STS_MODE_ENFORCE, .mx_count = 2, .mx = mx };
		enum sts_aligned got;

		got = sts_align_check(align, rows[i].client, rows[i].domain, rows[i].mx != NULL ? &policy : NULL);
		if (got != rows[i].want)
			fail_msg("%s: got %s, want %s", rows[i].name, sts_aligned_name(got), sts_aligned_name(rows[i].want));
	}
}

/* Rows that do not depend on the list. */
static const struct row common[] = {
	{ "the domain itself", "example.com", "example.com", NULL, STS_ALIGNED_YES },
	{ "a host of it", "mail.example.com", "example.com", NULL, STS_ALIGNED_YES },
	{ "a sister", "mail.example.com", "news.example.com", NULL, STS_ALIGNED_YES },
	{ "its parent", "example.com", "a.b.example.com", NULL, STS_ALIGNED_YES },
	{ "odd case, final dot", "MAIL.Example.COM.", "example.com", NULL, STS_ALIGNED_YES },
	{ "another", "mail.example.net", "example.com", NULL, STS_ALIGNED_NO },
	{ "a name that ends alike", "mail.badexample.com", "example.com", NULL, STS_ALIGNED_NO },
	{ "a name that begins alike", "example.com.evil.net", "example.com", NULL, STS_ALIGNED_NO },
	{ "an mx", "out.mailer.net", "example.com", "mx.mailer.net", STS_ALIGNED_YES },
	{ "an mx pattern", "out.mailer.net", "example.com", "*.mailer.net", STS_ALIGNED_YES },
	{ "not the mx", "out.mailer.org", "example.com", "*.mailer.net", STS_ALIGNED_NO },
	{ "no domain, no policy", "mail.example.com", "", NULL, STS_ALIGNED_NO },
	{ "no name", NULL, "example.com", "*.example.com", STS_ALIGNED_UNKNOWN },
	{ "empty name", "", "example.com", "*.example.com", STS_ALIGNED_UNKNOWN },
	{ "Postfix' word for none", "unknown", "example.com", NULL, STS_ALIGNED_UNKNOWN },
	{ "that word as a domain", "unknown", "unknown", NULL, STS_ALIGNED_UNKNOWN },
	{ "in odd case", "Unknown", "example.com", NULL, STS_ALIGNED_UNKNOWN },
	{ "an address", "[192.0.2.1]", "example.com", NULL, STS_ALIGNED_UNKNOWN },
	{ "a bare address", "192.0.2.1", "example.com", NULL, STS_ALIGNED_UNKNOWN },
	{ "hostile bytes", "a\r\nb.example.com", "example.com", NULL, STS_ALIGNED_UNKNOWN },
	{ "single labels", "localhost", "localhost", NULL, STS_ALIGNED_YES },
	{ "different single labels", "localhost", "remotehost", NULL, STS_ALIGNED_NO },
};

static const struct row with_list[] = {
	{ "two-label suffix, another", "mail.other.co.uk", "example.co.uk", NULL, STS_ALIGNED_NO },
	{ "two-label suffix, the same", "mail.example.co.uk", "example.co.uk", NULL, STS_ALIGNED_YES },
	{ "the suffix as sender", "mail.example.co.uk", "co.uk", NULL, STS_ALIGNED_NO },
	{ "customers of one hoster", "one.github.io", "two.github.io", NULL, STS_ALIGNED_NO },
	{ "mx pattern above a suffix", "mail.example.co.uk", "example.com", "*.co.uk", STS_ALIGNED_NO },
	{ "IDN", "mail.xn--bcher-kva.example", "xn--bcher-kva.example", NULL, STS_ALIGNED_YES },
};

static const struct row without_list[] = {
	{ "the last two labels", "mail.other.co.uk", "example.co.uk", NULL, STS_ALIGNED_YES },
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
test_with_list(void **state)
{
	struct sts_align *align;
	enum sts_status status = sts_align_new(&align);

	(void)state;
	if (status == STS_ENOTFOUND)
		skip();
	assert_int_equal(status, STS_OK);
	check(align, common, COUNT(common));
	check(align, with_list, COUNT(with_list));
	sts_align_free(&align);
	assert_null(align);
	sts_align_free(&align);
}

static void
test_without_list(void **state)
{
	(void)state;
	check(NULL, common, COUNT(common));
	check(NULL, without_list, COUNT(without_list));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_list),
		cmocka_unit_test(test_without_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

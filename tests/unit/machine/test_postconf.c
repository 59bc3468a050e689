/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/machine/postconf.h"

static const char settings[] =
    "queue_directory = /var/spool/postfix\n"
    "header_checks = regexp:{{/^X-MTA-STS:/ IGNORE}}\n"
    "empty =\n"
    "no equals sign\n"
    " = no name\n"
    "a = 1 = 2\n";

static const char services[] =
    "smtp       inet  n       -       y       -       -       smtpd -o smtpd_milters=unix:/a b\n"
    "127.0.0.1:10025 inet n   -       -       -       -       smtpd\n"
    "a/b        unix  -       -       n       -       -       pipe flags=R user=x argv=/bin/x\n"
    "too few words\n"
    "# smtp     inet  n       -       y       -       -       smtpd\n"
    "smtp       unix  -       -       n       -       -       smtp\n";

static const char own[] =
    "smtp/inet/smtpd_milters = unix:/a\n"
    "smtp/inet/empty = \n"
    "smtp/inet/smtpd_milters = unix:/b\n"
    "a/b/unix/x = y\n"
    "smtp/unix/z = 1\n"
    "other/inet/x = y\n"
    "smtp/inet = nothing\n"
    "smtp/inet/ = nothing\n";

static void
test_settings(void **state)
{
	struct postconf *p;

	(void)state;
	assert_int_equal(postconf_parse(settings, "", "", &p), STS_OK);
	assert_int_equal(p->setting_count, 4);
	assert_string_equal(postconf_get(p, "queue_directory"), "/var/spool/postfix");
	assert_string_equal(postconf_get(p, "header_checks"), "regexp:{{/^X-MTA-STS:/ IGNORE}}");
	assert_string_equal(postconf_get(p, "empty"), "");
	assert_string_equal(postconf_get(p, "a"), "1 = 2");
	assert_string_equal(postconf_get(p, "unheard_of"), "");
	postconf_free(&p);
	assert_null(p);
}

static void
test_services(void **state)
{
	struct postconf *p;

	(void)state;
	assert_int_equal(postconf_parse(settings, services, own, &p), STS_OK);
	assert_int_equal(p->service_count, 4);
	assert_string_equal(p->services[0].command, "smtpd");
	assert_int_equal(p->services[0].chroot, 'y');
	assert_int_equal(p->services[1].chroot, '-');
	assert_string_equal(p->services[1].name, "127.0.0.1:10025");
	assert_string_equal(postconf_get_of(p, &p->services[0], "smtpd_milters"), "unix:/b");
	assert_string_equal(postconf_get_of(p, &p->services[0], "a"), "1 = 2");
	assert_string_equal(postconf_get_of(p, &p->services[0], "empty"), "");
	assert_string_equal(postconf_get_of(p, NULL, "a"), "1 = 2");
	assert_true(postconf_has_own(&p->services[0], "empty"));
	assert_false(postconf_has_own(&p->services[0], "a"));
	assert_false(postconf_has_own(&p->services[1], "smtpd_milters"));
	assert_true(postconf_has_own(&p->services[2], "x"));
	assert_true(postconf_has_own(&p->services[3], "z"));
	postconf_free(&p);
}

/* Arbitrary output of postconf: nothing is read or written out of bounds. */
static void
test_hostile(void **state)
{
	static const char *const texts[] = {
		"", "\n", "=", "=\n=", "/", "//", "///=", "a/inet/", "a\r\n", "\t \n \t", "{{{{", "a b c d e f g",
		    "a b c d e f g h",
		"smtp/inet/a", "\xff\xfe = \x01", "smtp inet n - y - - smtpd = 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			struct postconf *p;

			assert_int_equal(postconf_parse(texts[i], services, texts[k], &p), STS_OK);
			(void)postconf_get_of(p, &p->services[0], "a");
			postconf_free(&p);
			assert_int_equal(postconf_parse(texts[i], texts[k], own, &p), STS_OK);
			postconf_free(&p);
		}
	}
}

static void
test_too_much(void **state)
{
	enum { LINES = 30000 };
	char *text = malloc(2 * LINES + 1);
	struct postconf *p;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < LINES; i++)
		memcpy(text + 2 * i, "x\n", 3);
	assert_int_equal(postconf_parse(text, "", "", &p), STS_EFULL);
	assert_int_equal(postconf_parse("", text, "", &p), STS_EFULL);
	assert_int_equal(postconf_parse("", "", text, &p), STS_EFULL);
	assert_null(p);
	free(text);
}

static void
test_lines_to_paste(void **state)
{
	char line[200], small[16];
	struct postconf *p;

	(void)state;
	assert_int_equal(postconf_parse(settings, services, own, &p), STS_OK);
	assert_string_equal(postconf_line("", NULL, false, "a", "b", line, sizeof(line)), "postconf -e 'a = b'");
	assert_string_equal(postconf_line("/etc/it's", NULL, false, "a", "'; rm", line, sizeof(line)),
	    "postconf -c '/etc/it'\\''s' -e 'a = '\\''; rm'");
	assert_string_equal(postconf_line("", &p->services[0], true, "a", "b", line, sizeof(line)),
	    "postconf -P 'smtp/inet/a = b'");
	assert_string_equal(postconf_line("", &p->services[0], true, "a", " { b, c = d }  e ,f\t{ g } ", line, sizeof(line)),
	    "postconf -P 'smtp/inet/a = {b,c,=,d},e,f,{g}'");
	assert_string_equal(postconf_line("", &p->services[0], true, "a", "", line, sizeof(line)),
	    "postconf -P 'smtp/inet/a = '");
	assert_string_equal(postconf_line("", &p->services[0], false, "a", "b", line, sizeof(line)), "postconf -e 'a = b'");
	assert_int_equal(strlen(postconf_line("", NULL, false, "a", "a long value", small, sizeof(small))), sizeof(small) - 1);
	postconf_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_lines_to_paste),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

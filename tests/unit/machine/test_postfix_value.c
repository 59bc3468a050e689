/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/machine/postfix_value.h"

static void
test_lists(void **state)
{
	static const struct { const char *list, *joined; } rows[] = {
		{ "", "" },
		{ " , \t ", "" },
		{ "a,b c", "a|b|c|" },
		{ "{ a, b } c", "{ a, b }|c|" },
		{ "{a{b, c}d}e, f", "{a{b, c}d}e|f|" },
		{ "regexp:{{/^X Y:/ IGNORE}}, b", "regexp:{{/^X Y:/ IGNORE}}|b|" },
		{ "{ never closed, a", "{ never closed, a|" },
		{ "} a", "}|a|" },
		{ "a}, {b", "a}|{b|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *list = rows[i].list, *e;
		char joined[200] = "";
		size_t len;

		while ((e = postfix_value_next(&list, &len)) != NULL)
			snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%.*s|", (int)len, e);
		assert_string_equal(joined, rows[i].joined);
	}
	assert_true(postfix_value_lists("a, No_Milters", "no_milters"));
	assert_false(postfix_value_lists("no_milters2", "no_milters"));
	assert_true(postfix_value_is_yes("YES"));
	assert_false(postfix_value_is_yes(""));
	assert_false(postfix_value_is_yes("yes "));
}

static void
test_times(void **state)
{
	static const struct { const char *text; bool good; int64_t ms; } rows[] = {
		{ "10", true, 10000 }, { "0", true, 0 }, { "5s", true, 5000 }, { "2m", true, 120000 }, { "1H", true, 3600000 },
		{ "1d", true, 86400000 }, { "1w", true, 604800000 }, { "999999999w", true, 999999999 * INT64_C(604800000) },
		{ "", false, 0 }, { "s", false, 0 }, { "-1", false, 0 }, { "1x", false, 0 }, { "1 s", false, 0 },
		{ "9999999999", false, 0 }, { "\xff", false, 0 }, { "250ms", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = 0;
		bool good = postfix_value_time_ms(rows[i].text, strlen(rows[i].text), &ms);

		if (good != rows[i].good || ms != rows[i].ms)
			fail_msg("%s: %d", rows[i].text, (int)good);
	}
}

static void
test_milters(void **state)
{
	static const struct {
		const char *element;
		enum postfix_milter_kind kind;
		const char *place;	/* path, or host */
		unsigned port;
		int64_t connect, command, content;
		const char *action, *protocol;
	} rows[] = {
		{ "unix:/a/b", POSTFIX_MILTER_UNIX, "/a/b", 0, -1, -1, -1, "", "" },
		{ "unix:private/b", POSTFIX_MILTER_UNIX, "private/b", 0, -1, -1, -1, "", "" },
		{ "inet:127.0.0.1:11332", POSTFIX_MILTER_INET, "127.0.0.1", 11332, -1, -1, -1, "", "" },
		{ "inet:[::1]:11332", POSTFIX_MILTER_INET, "::1", 11332, -1, -1, -1, "", "" },
		{ "inet:localhost:1", POSTFIX_MILTER_INET, "localhost", 1, -1, -1, -1, "", "" },
		{ "{ unix:/a, connect_timeout=2s, command_timeout = 10s, content_timeout=1m, default_action=accept, protocol=6 }",
		  POSTFIX_MILTER_UNIX, "/a", 0, 2000, -1, 60000, "accept", "6" },
		{ "{unix:/a,{ content_timeout = 3 },{default_action = tempfail}}", POSTFIX_MILTER_UNIX, "/a", 0, -1, -1, 3000,
		  "tempfail", "" },
		{ "{ unix:/a, content_timeout=soon, unheard_of=1, =, x= }", POSTFIX_MILTER_UNIX, "/a", 0, -1, -1, -1, "", "" },
		{ "inet:127.0.0.1", POSTFIX_MILTER_ODD, "", 0, -1, -1, -1, "", "" },
		{ "inet::25", POSTFIX_MILTER_ODD, "", 0, -1, -1, -1, "", "" },
		{ "inet:a:70000", POSTFIX_MILTER_ODD, "a", 0, -1, -1, -1, "", "" },
		{ "inet:a:smtp", POSTFIX_MILTER_ODD, "a", 0, -1, -1, -1, "", "" },
		{ "unix:", POSTFIX_MILTER_ODD, "", 0, -1, -1, -1, "", "" },
		{ "DISABLE", POSTFIX_MILTER_ODD, "", 0, -1, -1, -1, "", "" },
		{ "{ unix:/a", POSTFIX_MILTER_ODD, "", 0, -1, -1, -1, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct postfix_milter m;

		if (!postfix_milter_parse(rows[i].element, strlen(rows[i].element), &m) || m.kind != rows[i].kind ||
		    strcmp(m.kind == POSTFIX_MILTER_UNIX ? m.path : m.host, rows[i].place) != 0 || m.port != rows[i].port ||
		    m.connect_ms != rows[i].connect || m.content_ms != rows[i].content ||
		    strcmp(m.action, rows[i].action) != 0 || strcmp(m.protocol, rows[i].protocol) != 0)
			fail_msg("%s: kind %d path \"%s\" host \"%s\" port %u action \"%s\"", rows[i].element, (int)m.kind,
			    m.path, m.host, (unsigned)m.port, m.action);
	}
}

static void
test_hostile_milters(void **state)
{
	char longest[5000];
	struct postfix_milter m;

	(void)state;
	assert_false(postfix_milter_parse("", 0, &m));
	assert_false(postfix_milter_parse("{}", 2, &m));
	assert_false(postfix_milter_parse("{ , }", 5, &m));
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "unix:/", 6);
	assert_true(postfix_milter_parse(longest, sizeof(longest), &m));
	assert_int_equal(m.kind, POSTFIX_MILTER_ODD);
	assert_int_equal(strlen(m.text), POSTFIX_VALUE_CAP - 1);
	memcpy(longest, "{ unix:/a, default_action=", 26);
	longest[sizeof(longest) - 1] = '}';
	assert_true(postfix_milter_parse(longest, sizeof(longest), &m));
	assert_int_equal(m.kind, POSTFIX_MILTER_UNIX);
	assert_int_equal(strlen(m.action), POSTFIX_VALUE_WORD - 1);
}

static void
test_tables(void **state)
{
	static const struct { const char *element; bool good; const char *type, *name, *file; } rows[] = {
		{ "hash:/etc/postfix/x", true, "hash", "/etc/postfix/x", "/etc/postfix/x.db" },
		{ "proxy:proxy:btree:/x", true, "btree", "/x", "/x.db" },
		{ "lmdb:/x", true, "lmdb", "/x", "/x.lmdb" },
		{ "cdb:/x", true, "cdb", "/x", "/x.cdb" },
		{ "texthash:/x", true, "texthash", "/x", "/x" },
		{ "pcre:/x", true, "pcre", "/x", "/x" },
		{ "regexp:{{/a/ b}}", true, "regexp", "{{/a/ b}}", NULL },
		{ "socketmap:unix:/x:name", true, "socketmap", "unix:/x:name", NULL },
		{ "static:all", true, "static", "all", NULL },
		{ "/etc/postfix/x", true, "", "/etc/postfix/x", NULL },
		{ ":", true, "", "", NULL },
		{ "proxy:", true, "proxy", "", NULL },
		{ "a-type-of-more-than-twenty-three-letters:/x", false, "", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[POSTFIX_VALUE_CAP] = "";
		struct postfix_table t;
		const char *file;

		if (postfix_table_parse(rows[i].element, strlen(rows[i].element), &t) != rows[i].good)
			fail_msg("%s", rows[i].element);
		if (!rows[i].good)
			continue;
		file = postfix_table_file(&t, path);
		if (strcmp(t.type, rows[i].type) != 0 || strcmp(t.name, rows[i].name) != 0 ||
		    (file == NULL) != (rows[i].file == NULL) || (file != NULL && strcmp(file, rows[i].file) != 0))
			fail_msg("%s: \"%s\" \"%s\" %s", rows[i].element, t.type, t.name, path);
	}
}

static void
test_socketmaps(void **state)
{
	static const struct { const char *name; bool good; } rows[] = {
		{ "inet:127.0.0.1:8461:postfix", true }, { "inet:[::1]:8461:postfix", true }, { "unix:/run/x.sock:QUERY", true },
		{ "unix:/run/x.sock", false }, { "unix:/run/x.sock:", false }, { "inet:127.0.0.1:8461", false },
		{ "inet:127.0.0.1:smtp:x", false }, { "inet:8461:x", false }, { "tcp:a:1:x", false }, { "unix::x", false }, { "",
		  false },
		{ ":", false }, { ":::", false }, { "unix", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *fault = postfix_table_socketmap_fault(rows[i].name);

		if ((fault == NULL) != rows[i].good)
			fail_msg("%s: %s", rows[i].name, fault != NULL ? fault : "good");
	}
}

static void
test_versions(void **state)
{
	static const struct { const char *value; unsigned versions; } rows[] = {
		{ "", POSTFIX_TLS_ALL },
		{ ">=TLSv1", POSTFIX_TLS_ALL & ~POSTFIX_TLS_SSL3 },
		{ ">=TLSv1.2", POSTFIX_TLS_1_2 | POSTFIX_TLS_1_3 },
		{ ">=TLSv1.1, <=TLSv1.2", POSTFIX_TLS_1_1 | POSTFIX_TLS_1_2 },
		{ "<=TLSv1.1", POSTFIX_TLS_SSL3 | POSTFIX_TLS_1_0 | POSTFIX_TLS_1_1 },
		{ "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", POSTFIX_TLS_1_2 | POSTFIX_TLS_1_3 },
		{ "!SSLv2,!SSLv3", POSTFIX_TLS_ALL & ~POSTFIX_TLS_SSL3 },
		{ "TLSv1", POSTFIX_TLS_1_0 },
		{ "tlsv1.2 TLSv1.3", POSTFIX_TLS_1_2 | POSTFIX_TLS_1_3 },
		{ "TLSv1.2, !TLSv1.2", 0 },
		{ ">=0303", POSTFIX_TLS_1_2 | POSTFIX_TLS_1_3 },
		{ "nonsense, >=, !, !nonsense", POSTFIX_TLS_ALL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (postfix_tls_versions(rows[i].value) != rows[i].versions)
			fail_msg("%s: %x", rows[i].value, postfix_tls_versions(rows[i].value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_milters),
		cmocka_unit_test(test_hostile_milters),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_socketmaps),
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

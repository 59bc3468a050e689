/* SPDX-License-Identifier: ISC */
/* test_domain_rules.c - files of rules and their mistakes, which rule speaks, what it finds lacking. */
#include "config.h"

#include "shared-cache/enforcement/domain_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/text.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { DAY = 86400, NOTES_CAP = 32768 };
static const int64_t today = 20781LL * DAY;	/* 2026-11-24 00:00:00 */

/* ---- helpers ---- */

struct notes {
	char storage[NOTES_CAP];
	struct sts_text text;
	size_t count;
};

static void
keep_note(void *arg, unsigned line, const char *text)
{
	struct notes *notes = arg;

	sts_text_addf(&notes->text, "%u: %s\n", line, text);
	notes->count++;
}

static void
init_notes(struct notes *notes)
{
	sts_text_init(&notes->text, notes->storage, sizeof(notes->storage));
	notes->count = 0;
}

/* The rules of a text in a piece of memory of just its size; NULL and notes when it is wrong. */
static struct sts_domain_rules *
parse_bytes(const char *text, size_t len, struct notes *notes)
{
	char *exact = malloc(len > 0 ? len : 1);
	struct sts_domain_rules *rules;
	enum sts_status status;

	assert_non_null(exact);
	memcpy(exact, text, len);
	init_notes(notes);
	status = sts_domain_rules_parse(exact, len, keep_note, notes, &rules);
	free(exact);
	assert_true(status == STS_OK || status == STS_EINVAL);
	assert_true((status == STS_OK) == (rules != NULL));
	assert_true((status == STS_OK) == (notes->count == 0));
	assert_false(notes->text.overflow);
	return rules;
}

static struct sts_domain_rules *
parse(const char *text, struct notes *notes)
{
	return parse_bytes(text, strlen(text), notes);
}

static struct sts_domain_rules *
parse_good(const char *text)
{
	struct notes notes;
	struct sts_domain_rules *rules = parse(text, &notes);

	if (rules == NULL)
		fail_msg("%s: %s", text, notes.storage);
	return rules;
}

static const struct sts_rule_session nobody = { .cert_told = true };

/* What a client is, in one word: an address, a name, "pending" for a name that DNS does not tell now. */
static struct sts_rule_session
session_of(const char *client, struct sts_ipaddr *addr)
{
	struct sts_rule_session session = nobody;

	session.client_name_pending = strcmp(client, "pending") == 0;
	if (sts_ipaddr_parse(client, strlen(client), addr))
		session.client = addr;
	else if (!session.client_name_pending)
		session.client_name = client;
	return session;
}

/* ---- files ---- */

#define NOT_A_WORD "no such word (exempt, tls=, version=, cert=, client=, action=, from=, until=)"
#define BAD_LABEL "an empty label, or one that begins or ends with a hyphen"

static void
test_nul(void **state)
{
	static const char text[] = "a.example exempt\0\nb.example exempt";
	struct notes notes;

	(void)state;
	assert_null(parse_bytes(text, sizeof(text) - 1, &notes));
	assert_string_equal(notes.storage, "1: a control character: this is not a text file\n");
}

#define AGAIN(pattern, line) "\"" pattern "\": line " line " has a rule for it already, and for the same days\n"

static const struct {
	const char *name, *text;
	size_t rules;		/* when nothing is wrong */
	const char *want;	/* else */
} files[] = {
	{ "empty", "", 0, NULL },
	{ "no rules", "\n# a comment\n  \n\t# another\n#", 0, NULL },
	{ "no line feed at the end", "a.example exempt\nb.example exempt", 2, NULL },
	{ "CR LF", "a.example exempt\r\n\r\n# c\r\nb.example tls=optional\r\n", 2, NULL },
	{ "all mistakes at once, with their lines",
	    "a.example foo\n\nb.example exempt\n# c\nc.example tls=required\n-d exempt\n", 0,
	    "1: \"foo\": " NOT_A_WORD "\n"
	    "5: \"c.example\": no action=: accept, quarantine, tempfail or reject mail that does not satisfy this?\n"
	    "6: \"-d\": " BAD_LABEL "\n" },
	{ "twice", "a.example exempt\nb.example exempt\nA.Example. tls=optional\n", 0, "3: " AGAIN("a.example", "1") },
	{ "three times", "a.example exempt\na.example exempt\na.example exempt\n", 0,
	    "2: " AGAIN("a.example", "1") "3: " AGAIN("a.example", "1") },
	{ "twice, as U-label and as A-label", "b\xc3\xbc" "cher.example exempt\nxn--bcher-kva.example exempt\n", 0,
	    "2: " AGAIN("xn--bcher-kva.example", "1") },
	{ "twice, subdomains", ".a.example exempt\n.a.example exempt\n", 0, "2: " AGAIN(".a.example", "1") },
	{ "twice, recipient", "rcpt:a.example exempt\nrcpt:a.example exempt\n", 0, "2: " AGAIN("rcpt:a.example", "1") },
	{ "twice, role", "rcpt:abuse@a.example exempt\nrcpt:Abuse@a.example exempt\n", 0,
	    "2: " AGAIN("rcpt:abuse@a.example", "1") },
	{ "not the same", "a.example exempt\n.a.example exempt\nrcpt:a.example exempt\nrcpt:.a.example exempt\n"
	    "rcpt:abuse@a.example exempt\nrcpt:postmaster@a.example exempt\n", 6, NULL },
	{ "days that meet", "a.example exempt until=2026-01-31\na.example exempt from=2026-01-31\n", 0,
	    "2: " AGAIN("a.example", "1") },
	{ "days within others", "a.example exempt\na.example exempt from=2026-01-31 until=2026-01-31\n", 0,
	    "2: " AGAIN("a.example", "1") },
	{ "days that do not meet", "a.example exempt from=2026-02-01\na.example exempt until=2026-01-31\n", 2, NULL },
	{ "the third meets the second", "a.example exempt until=2026-01-31\na.example exempt from=2026-03-01\n"
	    "a.example exempt from=2026-02-01 until=2026-03-01\n", 0, "3: " AGAIN("a.example", "2") },
	{ "for other clients", "a.example tls=required action=reject\na.example exempt client=192.0.2.1\n"
	    "a.example tls=optional cert=x\na.example exempt client=192.0.2.1\n", 4, NULL },
	{ "requirements do not say for whom", "a.example tls=required client=192.0.2.1 action=reject\n"
	    "a.example cert=x action=reject\n", 0, "2: " AGAIN("a.example", "1") },
};

static void
test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct notes notes;
		struct sts_domain_rules *rules = parse(files[i].text, &notes);

		if (strcmp(notes.storage, files[i].want != NULL ? files[i].want : "") != 0)
			fail_msg("%s: got \"%s\"", files[i].name, notes.storage);
		if (sts_domain_rules_count(rules) != files[i].rules)
			fail_msg("%s: %zu rules", files[i].name, sts_domain_rules_count(rules));
		sts_domain_rules_free(&rules);
	}
	assert_int_equal(sts_domain_rules_count(NULL), 0);
}

/* ---- bounds ---- */

/* count lines "PREFIX<n>SUFFIX"; the caller frees. */
static char *
many_lines(size_t count, const char *prefix, const char *suffix)
{
	size_t cap = count * (strlen(prefix) + strlen(suffix) + 24) + 1;
	char *text = malloc(cap);
	struct sts_text out;

	assert_non_null(text);
	sts_text_init(&out, text, cap);
	for (size_t i = 0; i < count; i++)
		sts_text_addf(&out, "%s%zu%s\n", prefix, i, suffix);
	assert_false(out.overflow);
	return text;
}

static void
test_mistakes_are_bounded(void **state)
{
	static const struct {
		size_t lines, told;
		const char *last;
	} rows[] = {
		{ 99, 99, "99: \"foo98\": " NOT_A_WORD "\n" }, { 100, 100, "100: \"foo99\": " NOT_A_WORD "\n" },
		{ 101, 101, "0: and 1 more lines that are wrong\n" }, { 5000, 101, "0: and 4900 more lines that are wrong\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = many_lines(rows[i].lines, "a.example foo", "");
		struct notes notes;

		assert_null(parse(text, &notes));
		assert_int_equal(notes.count, rows[i].told);
		assert_string_equal(notes.storage + notes.text.len - strlen(rows[i].last), rows[i].last);
		free(text);
	}
}

static void
test_rules_of_one_pattern(void **state)
{
	(void)state;
	for (size_t count = 64; count <= 66; count++) {
		char *text = many_lines(count, "a.example exempt client=x", ".example");
		struct notes notes;
		struct sts_domain_rules *rules = parse(text, &notes);

		assert_int_equal(rules != NULL, count == 64);
		assert_int_equal(notes.count, count - 64);
		if (rules == NULL)
			assert_non_null(strstr(notes.storage, "65: \"a.example\": more than 64 rules for it\n"));
		sts_domain_rules_free(&rules);
		free(text);
	}
}

static void
test_file_length(void **state)
{
	char *text = malloc(STS_RULES_TEXT_MAX + 1);
	struct sts_domain_rules *rules;
	struct notes notes;

	(void)state;
	assert_non_null(text);
	memset(text, '\n', STS_RULES_TEXT_MAX + 1);
	init_notes(&notes);
	assert_int_equal(sts_domain_rules_parse(text, STS_RULES_TEXT_MAX, keep_note, &notes, &rules), STS_OK);
	sts_domain_rules_free(&rules);
	assert_int_equal(sts_domain_rules_parse(text, STS_RULES_TEXT_MAX + 1, keep_note, &notes, &rules), STS_EINVAL);
	assert_string_equal(notes.storage, "0: too long for a file of rules\n");
	free(text);
}

/* As many as there may be, each of them found; one more is told, and not as often as there are lines left. */
static void
test_number_of_rules(void **state)
{
	char *text = many_lines(STS_RULES_MAX + 2, "d", ".x exempt");
	struct sts_domain_rules *rules;
	struct notes notes;
	char domain[32];
	size_t len;

	(void)state;
	init_notes(&notes);
	assert_int_equal(sts_domain_rules_parse(text, strlen(text), keep_note, &notes, &rules), STS_EINVAL);
	assert_string_equal(notes.storage, "1000001: too many rules: the rest is not looked at\n");
	len = (size_t)(strstr(text, "d1000000.x") - text);
	assert_int_equal(sts_domain_rules_parse(text, len, keep_note, &notes, &rules), STS_OK);
	assert_int_equal(sts_domain_rules_count(rules), STS_RULES_MAX);
	for (unsigned i = 0; i <= STS_RULES_MAX; i += 1000) {
		const struct sts_domain_rule *rule;

		snprintf(domain, sizeof(domain), "d%u.x", i);
		rule = sts_domain_rules_find(rules, STS_RULE_SENDER, domain, &nobody, today);
		assert_true((rule != NULL) == (i < STS_RULES_MAX));
		assert_true(rule == NULL || (rule->line == i + 1 && strcmp(rule->pattern, domain) == 0));
	}
	sts_domain_rules_free(&rules);
	free(text);
}

/* Whether anybody must be asked for a client's certificate; and nobody need be told of mistakes. */
static void
test_asks_cert(void **state)
{
	static const struct {
		const char *text;
		bool asks;
	} rows[] = {
		{ "a.example tls=required action=reject\n", false }, { "a.example cert=x action=reject\n", true },
		{ "a.example exempt\nb.example cert=*/y action=reject\nc.example exempt\n", true },
	};
	char *mistakes = many_lines(150, "a.example foo", "");
	struct sts_domain_rules *rules;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rules = parse_good(rows[i].text);
		assert_int_equal(sts_domain_rules_asks_cert(rules), rows[i].asks);
		sts_domain_rules_free(&rules);
	}
	assert_false(sts_domain_rules_asks_cert(NULL));
	assert_int_equal(sts_domain_rules_parse(mistakes, strlen(mistakes), NULL, NULL, &rules), STS_EINVAL);
	free(mistakes);
}

/* ---- which rule speaks ---- */

static const char precedence[] =
    ".example tls=required action=accept\n"				/* 1 */
    ".b.example tls=required action=reject\n"				/* 2 */
    "a.b.example exempt\n"						/* 3 */
    ".c.b.example tls=optional\n"					/* 4 */
    "rcpt:b.example tls=required action=reject\n"			/* 5 */
    "rcpt:.b.example exempt\n"						/* 6 */
    "dated.example exempt from=2026-11-24 until=2026-11-25\n"		/* 7 */
    "dated.example tls=optional from=2026-11-26\n"			/* 8 */
    "two.example tls=required action=reject\n"				/* 9 */
    "two.example exempt client=192.0.2.1\n"				/* 10 */
    "two.example tls=optional client=192.0.2.0/24,mx.two.example,.out.two.example\n"	/* 11 */
    "only.b.example exempt client=192.0.2.1\n"				/* 12 */
    "then.example exempt client=192.0.2.1 until=2026-11-23\n"		/* 13 */
    "then.example exempt client=192.0.2.2\n"				/* 14 */
    "rcpt:postmaster@b.example tls=required action=tempfail\n"		/* 15 */
    "rcpt:abuse@b.example exempt client=192.0.2.1\n"			/* 16 */
    "com exempt\n"							/* 17 */
    "\xe4\xbe\x8b.b.example exempt client=b\xc3\xbc" "cher.example\n";	/* 18 */

static const struct {
	const char *domain, *client;
	int64_t after;		/* seconds from the beginning of 2026-11-24 */
	unsigned sender, rcpt;	/* lines; 0: none */
} speaking[] = {
	/* the most specific */
	{ "example", "", 0, 0, 0 },
	{ "a.example", "", 0, 1, 0 },
	{ "b.example", "", 0, 1, 5 },
	{ "x.b.example", "", 0, 2, 6 },
	{ "y.x.b.example", "", 0, 2, 6 },
	{ "a.b.example", "", 0, 3, 6 },
	{ "x.a.b.example", "", 0, 2, 6 },
	{ "aa.b.example", "", 0, 2, 6 },
	{ "c.b.example", "", 0, 2, 6 },
	{ "x.c.b.example", "", 0, 4, 6 },
	{ "xc.b.example", "", 0, 2, 6 },
	{ "z.y.x.c.b.example", "", 0, 4, 6 },
	{ "notb.example", "", 0, 1, 0 },
	{ "com", "", 0, 17, 0 },
	{ "a.com", "", 0, 0, 0 },
	{ "org", "", 0, 0, 0 },
	{ "", "", 0, 0, 0 },
	/* days */
	{ "dated.example", "", -1, 1, 0 },
	{ "dated.example", "", 0, 7, 0 },
	{ "dated.example", "", DAY - 1, 7, 0 },
	{ "dated.example", "", 2 * DAY - 1, 7, 0 },
	{ "dated.example", "", 2 * DAY, 8, 0 },
	{ "dated.example", "", 20000LL * DAY, 8, 0 },
	{ "dated.example", "", INT64_MIN / 2, 1, 0 },
	/* clients */
	{ "two.example", "192.0.2.1", 0, 10, 0 },
	{ "two.example", "::ffff:192.0.2.1", 0, 10, 0 },
	{ "two.example", "192.0.2.2", 0, 11, 0 },
	{ "two.example", "192.0.3.1", 0, 9, 0 },
	{ "two.example", "mx.two.example", 0, 11, 0 },
	{ "two.example", "MX.Two.Example.", 0, 11, 0 },
	{ "two.example", "x.mx.two.example", 0, 9, 0 },
	{ "two.example", "out.two.example", 0, 9, 0 },
	{ "two.example", "a.out.two.example", 0, 11, 0 },
	{ "two.example", "b.a.out.two.example", 0, 11, 0 },
	{ "two.example", "aout.two.example", 0, 9, 0 },
	{ "two.example", "unknown", 0, 9, 0 },
	{ "two.example", "", 0, 9, 0 },
	{ "two.example", "not a name", 0, 9, 0 },
	{ "two.example", "pending", 0, 9, 0 },
	{ "only.b.example", "192.0.2.1", 0, 12, 6 },
	{ "only.b.example", "192.0.2.2", 0, 2, 6 },
	{ "then.example", "192.0.2.1", -1, 13, 0 },
	{ "then.example", "192.0.2.1", 0, 1, 0 },
	{ "then.example", "192.0.2.2", 0, 14, 0 },
	{ "xn--fsq.b.example", "b\xc3\xbc" "cher.example", 0, 18, 6 },
	{ "xn--fsq.b.example", "xn--bcher-kva.example", 0, 18, 6 },
};

static unsigned
line_of(const struct sts_domain_rule *rule)
{
	return rule != NULL ? rule->line : 0;
}

static void
test_speaking(void **state)
{
	struct sts_domain_rules *rules = parse_good(precedence);

	(void)state;
	for (size_t i = 0; i < COUNT(speaking); i++) {
		struct sts_ipaddr addr;
		struct sts_rule_session session = session_of(speaking[i].client, &addr);
		int64_t now = today + speaking[i].after;
		unsigned sender = line_of(sts_domain_rules_find(rules, STS_RULE_SENDER, speaking[i].domain, &session, now));
		unsigned rcpt = line_of(sts_domain_rules_find(rules, STS_RULE_RCPT, speaking[i].domain, &session, now));

		if (sender != speaking[i].sender || rcpt != speaking[i].rcpt)
			fail_msg("%s from \"%s\" at %lld: got lines %u, %u, want %u, %u", speaking[i].domain, speaking[i].client,
			    (long long)speaking[i].after, sender, rcpt, speaking[i].sender, speaking[i].rcpt);
		assert_null(sts_domain_rules_find(NULL, STS_RULE_SENDER, speaking[i].domain, &session, now));
	}
	sts_domain_rules_free(&rules);
}

static void
test_roles(void **state)
{
	static const struct {
		const char *local_part, *domain, *client;
		unsigned line;
	} rows[] = {
		{ "postmaster", "b.example", "", 15 }, { "PostMaster", "b.example", "", 15 },
		{ "postmaster", "x.b.example", "", 0 }, { "postmaster", "a.example", "", 0 }, { "postmaster", "", "", 0 },
		{ "abuse", "b.example", "192.0.2.1", 16 }, { "ABUSE", "b.example", "192.0.2.2", 0 },
		{ "joe", "b.example", "", 0 }, { "", "b.example", "", 0 }, { "postmaster@b.example", "b.example", "", 0 },
		{ "a-local-part-that-is-longer-than-a-pattern-may-be-a-local-part-that-is-longer-than-a-pattern-may-be-"
		  "a-local-part-that-is-longer-than-a-pattern-may-be-a-local-part-that-is-longer-than-a-pattern-may-be-"
		  "a-local-part-that-is-longer-than-a-pattern-may-be-a-local-part-that-is-longer-than-a-pattern-may-be-",
		  "b.example", "", 0 },
	};
	struct sts_domain_rules *rules = parse_good(precedence);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_ipaddr addr;
		struct sts_rule_session session = session_of(rows[i].client, &addr);
		unsigned got = line_of(sts_domain_rules_find_role(rules, rows[i].local_part, rows[i].domain, &session, today));

		if (got != rows[i].line)
			fail_msg("%s@%s: got line %u, want %u", rows[i].local_part, rows[i].domain, got, rows[i].line);
		assert_null(sts_domain_rules_find_role(NULL, rows[i].local_part, rows[i].domain, &session, today));
	}
	sts_domain_rules_free(&rules);
}

/* ---- what is lacking ---- */

#define REQUIRED "a.example tls=required action=reject"
#define PLAIN "none", "", -1
#define GOOD "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 128

static const struct {
	const char *line;
	const char *tls, *cipher;
	int bits;
	const char *subject, *issuer, *client;
	enum sts_unmet want;
} lacking[] = {
	{ REQUIRED, GOOD, NULL, NULL, "", STS_UNMET_NOTHING },
	{ REQUIRED, PLAIN, NULL, NULL, "", STS_UNMET_TLS },
	{ REQUIRED, "TLSv1.1", "ECDHE-RSA-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_VERSION },
	{ REQUIRED, "TLSv1.2", "RC4-SHA", 128, NULL, NULL, "", STS_UNMET_CIPHER },
	{ REQUIRED, "TLSv1.2", "AECDH-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_CIPHER },
	{ REQUIRED, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 64, NULL, NULL, "", STS_UNMET_CIPHER },
	{ REQUIRED, "unknown", "", -1, NULL, NULL, "", STS_UNMET_NOTHING },
	{ REQUIRED, "QUICv1", "TLS_AES_128_GCM_SHA256", 128, NULL, NULL, "", STS_UNMET_NOTHING },
	/* the rule's version in the place of the settings': higher, lower */
	{ "a.example version=TLSv1.3 action=reject", GOOD, NULL, NULL, "", STS_UNMET_VERSION },
	{ "a.example version=TLSv1.3 action=reject", "TLSv1.3", "TLS_AES_128_GCM_SHA256", 128, NULL, NULL, "",
	    STS_UNMET_NOTHING },
	{ "a.example version=TLSv1.3 action=reject", PLAIN, NULL, NULL, "", STS_UNMET_TLS },
	{ "a.example version=TLSv1 action=reject", "TLSv1", "ECDHE-RSA-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_NOTHING },
	{ "a.example version=TLSv1 action=reject", "SSLv3", "ECDHE-RSA-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_VERSION },
	{ "a.example version=TLSv1 action=reject", "unknown", "", -1, NULL, NULL, "", STS_UNMET_NOTHING },
	/* certificates */
	{ "a.example cert=mx.a.example action=reject", GOOD, "mx.a.example", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=mx.a.example action=reject", GOOD, "MX.A.Example", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=mx.a.example action=reject", GOOD, "mx.a.example.evil.test", "CA", "", STS_UNMET_CERT },
	{ "a.example cert=mx.a.example action=reject", GOOD, "xmx.a.example", "CA", "", STS_UNMET_CERT },
	{ "a.example cert=mx.a.example action=reject", GOOD, NULL, NULL, "", STS_UNMET_CERT },
	{ "a.example cert=* action=reject", GOOD, NULL, NULL, "", STS_UNMET_CERT },
	{ "a.example cert=* action=reject", GOOD, "", "", "", STS_UNMET_CERT },
	{ "a.example cert=* action=reject", GOOD, "x", NULL, "", STS_UNMET_NOTHING },
	{ "a.example cert=* action=reject", PLAIN, NULL, NULL, "", STS_UNMET_TLS },
	{ "a.example cert=* action=reject", "unknown", "", -1, NULL, NULL, "", STS_UNMET_NOTHING },
	{ "a.example cert=* action=reject", "TLSv1.1", "ECDHE-RSA-AES128-SHA", 128, NULL, NULL, "", STS_UNMET_VERSION },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.example", "Lab CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.b.example", "lab ca", "", STS_UNMET_NOTHING },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx.a.example", "Lab CA", "", STS_UNMET_CERT },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.example", "Lab  CA", "", STS_UNMET_CERT },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.example", "Lab C", "", STS_UNMET_CERT },
	{ "a.example cert=mx?.*.example/Lab?CA action=reject", GOOD, "mx1.a.example", NULL, "", STS_UNMET_CERT },
	{ "a.example cert=*a*b* action=reject", GOOD, "xaxbx", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=*a*b* action=reject", GOOD, "ab", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=*a*b* action=reject", GOOD, "ba", "CA", "", STS_UNMET_CERT },
	{ "a.example cert=*aab action=reject", GOOD, "aaaab", "CA", "", STS_UNMET_NOTHING },
	{ "a.example cert=a** action=reject", GOOD, "a", "CA", "", STS_UNMET_NOTHING },
	/* clients */
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "192.0.2.9", STS_UNMET_NOTHING },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "mx.a.example", STS_UNMET_NOTHING },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "a.example", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "192.0.3.9", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "unknown", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", GOOD, NULL, NULL, "pending", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.0/24,.a.example", PLAIN, NULL, NULL, "192.0.2.9", STS_UNMET_TLS },
	{ REQUIRED " client=192.0.2.0/24,.a.example", "unknown", "", -1, NULL, NULL, "192.0.3.9", STS_UNMET_NOTHING },
	{ REQUIRED " client=192.0.2.9", "QUICv1", "TLS_AES_128_GCM_SHA256", 128, NULL, NULL, "192.0.3.9", STS_UNMET_NOTHING },
	{ REQUIRED " client=unknown", GOOD, NULL, NULL, "unknown", STS_UNMET_CLIENT },
	{ REQUIRED " client=192.0.2.9 cert=x", GOOD, NULL, NULL, "192.0.3.9", STS_UNMET_CERT },
	/* what lets through */
	{ "a.example exempt", PLAIN, NULL, NULL, "", STS_UNMET_NOTHING },
	{ "a.example tls=optional", PLAIN, NULL, NULL, "", STS_UNMET_NOTHING },
	{ "a.example exempt cert=x", GOOD, "x", NULL, "", STS_UNMET_NOTHING },
	{ "a.example tls=optional", "TLSv1", "RC4-MD5", 40, NULL, NULL, "", STS_UNMET_NOTHING },
};

static struct sts_tls
tls_of(const char *version, const char *cipher, int bits)
{
	struct sts_tls tls = { .state = STS_TLS_SECURED, .bits = bits };

	if (strcmp(version, "none") == 0)
		tls.state = STS_TLS_NONE;
	else if (strcmp(version, "unknown") == 0)
		tls.state = STS_TLS_UNKNOWN;
	else
		snprintf(tls.version, sizeof(tls.version), "%s", version);
	snprintf(tls.cipher, sizeof(tls.cipher), "%s", cipher);
	return tls;
}

static void
test_lacking(void **state)
{
	static const char *const weak[] = { "*RC4*", NULL };
	const struct sts_tls_rules tls_rules = { sts_tls_version_rank("TLSv1.2"), 128, weak };

	(void)state;
	for (size_t i = 0; i < COUNT(lacking); i++) {
		struct sts_domain_rules *rules = parse_good(lacking[i].line);
		struct sts_tls tls = tls_of(lacking[i].tls, lacking[i].cipher, lacking[i].bits);
		struct sts_ipaddr addr;
		struct sts_rule_session session = session_of(lacking[i].client, &addr);
		const struct sts_domain_rule *rule;
		enum sts_unmet got;

		session.cert_subject = lacking[i].subject;
		session.cert_issuer = lacking[i].issuer;
		rule = sts_domain_rules_find(rules, STS_RULE_SENDER, "a.example", &session, today);
		assert_non_null(rule);
		got = sts_domain_rule_check(rule, &tls, &tls_rules, &session);
		if (got != lacking[i].want)
			fail_msg("row %zu, %s: got %s, want %s", i, lacking[i].line, sts_unmet_name(got),
			    sts_unmet_name(lacking[i].want));
		/* Nothing that was not told is lacking. */
		session.cert_told = false;
		session.cert_subject = session.cert_issuer = NULL;
		assert_int_not_equal(sts_domain_rule_check(rule, &tls, &tls_rules, &session), STS_UNMET_CERT);
		sts_domain_rules_free(&rules);
	}
}

/* A certificate lets through when it matches, or when nobody was asked. */
static void
test_narrowed_by_cert(void **state)
{
	static const struct {
		bool told;
		const char *subject;
		unsigned line;
	} rows[] = { { true, "x", 2 }, { true, "y", 1 }, { true, NULL, 1 }, { false, NULL, 2 } };
	struct sts_domain_rules *rules = parse_good("a.example tls=required action=reject\na.example exempt cert=x\n");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sts_rule_session session = { .cert_told = rows[i].told, .cert_subject = rows[i].subject };

		assert_int_equal(line_of(sts_domain_rules_find(rules, STS_RULE_SENDER, "a.example", &session, today)),
		    rows[i].line);
	}
	sts_domain_rules_free(&rules);
}

static void
test_action(void **state)
{
	static const struct {
		const char *action;
		enum sts_action want, pending;
	} rows[] = {
		{ "accept", STS_ACTION_ACCEPT, STS_ACTION_ACCEPT },
		{ "quarantine", STS_ACTION_QUARANTINE, STS_ACTION_QUARANTINE },
		{ "tempfail", STS_ACTION_TEMPFAIL, STS_ACTION_TEMPFAIL },
		{ "reject", STS_ACTION_REJECT, STS_ACTION_TEMPFAIL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_rule_session session = nobody;
		const struct sts_domain_rule *rule;
		struct sts_domain_rules *rules;
		char line[64];

		snprintf(line, sizeof(line), "a.example tls=required action=%s", rows[i].action);
		rules = parse_good(line);
		rule = sts_domain_rules_find(rules, STS_RULE_SENDER, "a.example", &session, today);
		for (unsigned unmet = 0; unmet < STS_UNMET_COUNT; unmet++) {
			bool lacks = unmet != STS_UNMET_NOTHING;

			session.client_name_pending = false;
			assert_int_equal(sts_domain_rule_action(rule, (enum sts_unmet)unmet, &session),
			    lacks ? rows[i].want : STS_ACTION_ACCEPT);
			session.client_name_pending = true;
			assert_int_equal(sts_domain_rule_action(rule, (enum sts_unmet)unmet, &session),
			    lacks ? rows[i].pending : STS_ACTION_ACCEPT);
		}
		sts_domain_rules_free(&rules);
	}
}

static void
test_names(void **state)
{
	static const char *const unmet[STS_UNMET_COUNT] = { "nothing", "tls", "version", "cipher", "cert", "client" };

	(void)state;
	for (unsigned i = 0; i < STS_UNMET_COUNT; i++)
		assert_string_equal(sts_unmet_name((enum sts_unmet)i), unmet[i]);
	assert_string_equal(sts_unmet_name(STS_UNMET_COUNT), "");
	assert_string_equal(sts_rule_kind_name(STS_RULE_REQUIRE), "require");
	assert_string_equal(sts_rule_side_prefix(STS_RULE_SENDER), "");
}

/* ---- warnings ---- */

static void
test_warnings(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "a.example exempt\n.a.example version=TLSv1.2 action=reject\nexample exempt\n", "" },
		{ "a.example exempt until=2026-11-24\n", "" },
		{ "\na.example exempt until=2026-11-23\n", "2: \"a.example\": its days are over\n" },
		{ "rcpt:.example exempt\n", "1: \"rcpt:.example\": this covers a whole top-level domain\n" },
		{ "a.example version=TLSv1.1 action=reject\n",
		    "1: \"a.example\": versions before TLSv1.2 are deprecated (RFC 8996)\n" },
		{ ".b exempt until=2020-01-01\n.a exempt\n.b exempt from=2020-01-02\n",
		    "1: \".b\": its days are over\n1: \".b\": this covers a whole top-level domain\n"
		    "2: \".a\": this covers a whole top-level domain\n3: \".b\": this covers a whole top-level domain\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_domain_rules *rules = parse_good(rows[i].text);
		struct notes notes;

		init_notes(&notes);
		sts_domain_rules_warn(rules, today, keep_note, &notes);
		if (strcmp(notes.storage, rows[i].want) != 0)
			fail_msg("%s: got \"%s\", want \"%s\"", rows[i].text, notes.storage, rows[i].want);
		sts_domain_rules_free(&rules);
	}
}

static void
test_warnings_are_bounded(void **state)
{
	char *text = many_lines(250, ".x", " exempt");
	struct sts_domain_rules *rules = parse_good(text);
	struct notes notes;

	(void)state;
	init_notes(&notes);
	sts_domain_rules_warn(rules, today, keep_note, &notes);
	assert_int_equal(notes.count, 101);
	assert_non_null(strstr(notes.storage, "\n0: and 150 more warnings\n"));
	sts_domain_rules_free(&rules);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_mistakes_are_bounded),
		cmocka_unit_test(test_rules_of_one_pattern),
		cmocka_unit_test(test_file_length),
		cmocka_unit_test(test_number_of_rules),
		cmocka_unit_test(test_asks_cert),
		cmocka_unit_test(test_speaking),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_lacking),
		cmocka_unit_test(test_narrowed_by_cert),
		cmocka_unit_test(test_action),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_warnings_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

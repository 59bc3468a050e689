/* SPDX-License-Identifier: ISC */
/* test_mailbox.c - the forms in which Postfix passes senders, and some that it should not. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/names/mailbox.h"

struct row {
	const char *name;
	const char *input;
	size_t len;		/* 0: up to the NUL */
	enum sts_mailbox_kind kind;
	const char *want;
};

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10

static const struct row rows[] = {
	{ "null sender", "<>", 0, STS_MAILBOX_NULL, "" },
	{ "null sender without brackets", "", 0, STS_MAILBOX_NULL, "" },
	{ "null sender with a blank", "< >", 0, STS_MAILBOX_NULL, "" },
	{ "plain", "<a@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "without brackets", "a@good.example.test", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "case", "<a@Good.Example.TEST>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "blanks around", " <a@good.example.test>\t", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "spaces around", "  < a@good.example.test > ", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "trailing dot", "<a@good.example.test.>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "one label", "<a@test>", 0, STS_MAILBOX_DOMAIN, "test" },
	{ "underscore", "<a@under_score.test>", 0, STS_MAILBOX_DOMAIN, "under_score.test" },
	{ "246 bytes of domain", "<a@" L60 "." L60 "." L60 "." L60 ".ab>", 0, STS_MAILBOX_DOMAIN,
	    L60 "." L60 "." L60 "." L60 ".ab" },
	{ "domain too long", "<a@" L60 "." L60 "." L60 "." L60 ".abcdefghij>", 0, STS_MAILBOX_INVALID, "" },
	{ "quoted local part with @", "<\"a@b\"@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "quoted >", "<\"a>b\"@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "quoted blank", "<\"a b\"@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "escaped quote inside quotes", "<\"a\\\"@b\"@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "escaped backslash inside quotes", "<\"a\\\\\"@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "escaped @ outside quotes", "<a\\@b@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "only an escaped @", "<a\\@b>", 0, STS_MAILBOX_NO_DOMAIN, "" },
	{ "empty quoted local part", "<\"\"@r1.test>", 0, STS_MAILBOX_DOMAIN, "r1.test" },
	{ "quote left open", "<\"a@good.example.test>", 0, STS_MAILBOX_INVALID, "" },
	{ "quote in the domain", "<a@\"b@c.test\">", 0, STS_MAILBOX_INVALID, "" },
	{ "two @", "<x@y@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "percent hack", "<a%b.test@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "bang path", "<host!user>", 0, STS_MAILBOX_NO_DOMAIN, "" },
	{ "source route", "<@r1.test,@r2.test:u@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "source route of one", "<@r1.test:u@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "source route with a literal", "<@[IPv6:::1]:u@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "source route to a local part", "<@r1.test:user>", 0, STS_MAILBOX_NO_DOMAIN, "" },
	{ "source route to nothing", "<@r1.test:>", 0, STS_MAILBOX_INVALID, "" },
	{ "source route to quoted colons", "<@r1.test:\"a:b@c\"@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "literal without route or local part", "<@[IPv6:::1]>", 0, STS_MAILBOX_LITERAL, "" },
	{ "quoted @ alone", "<\"a@b.test\">", 0, STS_MAILBOX_NO_DOMAIN, "" },
	{ "no route, no local part", "<@r1.test>", 0, STS_MAILBOX_DOMAIN, "r1.test" },
	{ "local part alone", "<postmaster>", 0, STS_MAILBOX_NO_DOMAIN, "" },
	{ "local part that looks like a name", "<nodomain.test>", 0, STS_MAILBOX_NO_DOMAIN, "" },
	{ "local part with a colon", "<a:b@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "IPv4 literal", "<user@[127.0.0.1]>", 0, STS_MAILBOX_LITERAL, "" },
	{ "IPv6 literal", "<user@[IPv6:::1]>", 0, STS_MAILBOX_LITERAL, "" },
	{ "bare address", "<user@127.0.0.1>", 0, STS_MAILBOX_LITERAL, "" },
	{ "last label of digits", "<user@a.1>", 0, STS_MAILBOX_LITERAL, "" },
	{ "empty literal", "<user@[]>", 0, STS_MAILBOX_INVALID, "" },
	{ "literal left open", "<user@[127.0.0.1>", 0, STS_MAILBOX_INVALID, "" },
	{ "U-label", "<jos\xc3\xa9@b\xc3\xbc" "cher.example.test>", 0, STS_MAILBOX_DOMAIN, "xn--bcher-kva.example.test" },
	{ "A-label", "<jose@xn--bcher-kva.example.test>", 0, STS_MAILBOX_DOMAIN, "xn--bcher-kva.example.test" },
	{ "local part is not UTF-8", "<\xff@good.example.test>", 0, STS_MAILBOX_DOMAIN, "good.example.test" },
	{ "domain is not UTF-8", "<a@\xff.test>", 0, STS_MAILBOX_INVALID, "" },
	{ "empty domain", "<a@>", 0, STS_MAILBOX_INVALID, "" },
	{ "@ alone", "<@>", 0, STS_MAILBOX_INVALID, "" },
	{ "leading dot", "<a@.test>", 0, STS_MAILBOX_INVALID, "" },
	{ "empty label", "<a@a..b>", 0, STS_MAILBOX_INVALID, "" },
	{ "hyphen in front", "<a@-bad-.test>", 0, STS_MAILBOX_INVALID, "" },
	{ "asterisk", "<a@*.x>", 0, STS_MAILBOX_INVALID, "" },
	{ "path", "<a@../x>", 0, STS_MAILBOX_INVALID, "" },
	{ "semicolon", "<a@b;c>", 0, STS_MAILBOX_INVALID, "" },
	{ "brace", "<a@b}.test>", 0, STS_MAILBOX_INVALID, "" },
	{ "comment", "<a@b.test(c)>", 0, STS_MAILBOX_INVALID, "" },
	{ "bracket left open", "<a@b.test", 0, STS_MAILBOX_INVALID, "" },
	{ "bracket not opened", "a@b.test>", 0, STS_MAILBOX_INVALID, "" },
	{ "bracket alone", "<", 0, STS_MAILBOX_INVALID, "" },
	{ "two pairs of brackets", "<<a@b.test>>", 0, STS_MAILBOX_INVALID, "" },
	{ "NUL", "<a@b\0.test>", 11, STS_MAILBOX_INVALID, "" },
	{ "line end", "<a@b.test\r\n>", 0, STS_MAILBOX_INVALID, "" },
	{ "line end in the local part", "<a\n@b.test>", 0, STS_MAILBOX_INVALID, "" },
	{ "backslash at the end", "<a@b.test\\>", 0, STS_MAILBOX_INVALID, "" },
	{ "backslash alone", "\\", 0, STS_MAILBOX_NO_DOMAIN, "" },
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		char out[STS_DOMAIN_CAP] = "stale";
		enum sts_mailbox_kind kind = sts_mailbox_domain(r->input, r->len > 0 ? r->len : strlen(r->input), out);

		if (kind != r->kind || strcmp(out, r->want) != 0)
			fail_msg("%s: got %d \"%s\", want %d \"%s\"", r->name, (int)kind, out, (int)r->kind, r->want);
	}
}

static void
test_roles(void **state)
{
	static const struct {
		const char *path, *want;	/* NULL: none */
	} roles[] = {
		{ "<postmaster@a.test>", "postmaster" }, { "<PostMaster@A.test>", "postmaster" },
		{ "<postmaster>", "postmaster" },
		{ "postmaster", "postmaster" }, { "<abuse@a.test>", "abuse" }, { "<ABUSE@[192.0.2.1]>", "abuse" },
		{ "<\"postmaster\"@a.test>", "postmaster" }, { "<post\\master@a.test>", "postmaster" },
		{ "<@r1.test,@r2.test:abuse@a.test>", "abuse" },
		{ "<>", NULL }, { "", NULL }, { "<postmasters@a.test>", NULL }, { "<postmaste@a.test>", NULL },
		{ "<postmaster+x@a.test>", NULL }, { "<postmaster@b.test@a.test>", NULL }, { "<postmaster%b.test@a.test>", NULL },
		{ "<\"postmaster@b.test\"@a.test>", NULL }, { "<a@postmaster.test>", NULL }, { "<abuse@a.test", NULL },
		{ "<abuse\n@a.test>", NULL }, { "<\"abuse@a.test>", NULL }, { "<@abuse>", NULL },
		{ "<abuseabuseabuse@a.test>", NULL },
		{ "<postmaster@a.test\\>", "postmaster" },
		{ "<postmaster\\>", "postmaster" },		/* nothing after the backslash */
		{ "<@r1.test:>", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		const char *got = sts_mailbox_role(roles[i].path, strlen(roles[i].path));

		if ((got == NULL) != (roles[i].want == NULL) || (got != NULL && strcmp(got, roles[i].want) != 0))
			fail_msg("%s: got %s", roles[i].path, got == NULL ? "none" : got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

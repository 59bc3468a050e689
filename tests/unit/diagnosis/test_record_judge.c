/* SPDX-License-Identifier: ISC */
/* test_record_judge.c - the usual mistakes with _mta-sts, and the line that fixes each. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/diagnosis/record_judge.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
enum { NOW = 1763982000 /* 2025-11-24 11:00 UTC */ };
#define OWNER "_mta-sts.d.test"
#define FRESH OWNER ". IN TXT \"v=STSv1; id=20251124T110000;\""
#define FIXED(id) OWNER ". IN TXT \"v=STSv1; id=" id ";\""

/* Records: '\n' ends one, '|' ends a string; "->NAME" is an alias of the owner, and what follows belongs to NAME.
 * "NX": no such name. "": no record. */
static const struct row {
	const char *name, *records, *sibling, *misplaced[RECORD_MISPLACED];
	const char *want;	/* level and id of each finding, separated by blanks */
	const char *fix;	/* of the worst; NULL: none */
} rows[] = {
	{ "good", "v=STSv1; id=1;", "NX", { NULL }, "pass record.ok", NULL },
	{ "good among others", "v=spf1 -all\nv=STSv1; id=1;", "NX", { NULL }, "pass record.ok", NULL },
	{ "in several strings", "v=STSv1; |id=|1;", "NX", { NULL }, "pass record.ok", NULL },
	{ "wildcard for other names", "v=STSv1; id=1;", "v=spf1 -all", { NULL }, "pass record.ok", NULL },
	{ "behind an alias", "->x.test\nv=STSv1; id=1;", "NX", { NULL }, "info record.cname pass record.ok", NULL },
	{ "and one that is quoted", "\"v=STSv1; id=2;\"\nv=STSv1; id=1;", "NX", { NULL }, "pass record.ok warn record.syntax",
	    FIXED("1") },
	{ "id twice", "v=STSv1; id=1; id=2", "NX", { NULL }, "pass record.ok warn record.syntax", FIXED("1") },
	{ "by a wildcard", "v=STSv1; id=1;", "v=STSv1; id=1;", { NULL }, "pass record.ok warn record.wildcard", FIXED("1") },
	{ "wildcard not known", "v=STSv1; id=1;", NULL, { NULL }, "pass record.ok", NULL },
	/* ---- one record that is none ---- */
	{ "quotes", "\"v=STSv1; id=20250809\"", "NX", { NULL }, "fail record.quotes", FIXED("20250809") },
	{ "escaped quotes", "\\\"v=STSv1; id=1;\\\"", "NX", { NULL }, "fail record.quotes", FIXED("1") },
	{ "single quotes", "'v=STSv1; id=1;'", "NX", { NULL }, "fail record.quotes", FIXED("1") },
	{ "quote at the end alone", "v=STSv1; id=1;\"", "NX", { NULL }, "fail record.quotes", FIXED("1") },
	{ "quotes around the id", "v=STSv1; id=\"1\"", "NX", { NULL }, "fail record.quotes", FIXED("1") },
	{ "curly quotes", "\xe2\x80\x9cv=STSv1; id=1;\xe2\x80\x9d", "NX", { NULL }, "fail record.curly-quotes", FIXED("1") },
	{ "curly quotes around the id", "v=STSv1; id=\xe2\x80\x9c" "1\xe2\x80\x9d;", "NX", { NULL }, "fail record.curly-quotes",
	    FIXED("1") },
	{ "guillemets", "\xc2\xabv=STSv1; id=1;\xc2\xbb", "NX", { NULL }, "fail record.curly-quotes", FIXED("1") },
	{ "dash in the id", "v=STSv1; id=20250809-2", "NX", { NULL }, "fail record.bad-id", FIXED("202508092") },
	{ "blank in the id", "v=STSv1; id=2025 08 09;", "NX", { NULL }, "fail record.bad-id", FIXED("2025") },
	{ "empty id", "v=STSv1; id=;", "NX", { NULL }, "fail record.bad-id", FRESH },
	{ "long id", "v=STSv1; id=123456789012345678901234567890123", "NX", { NULL }, "fail record.bad-id",
	    FIXED("12345678901234567890123456789012") },
	{ "no id", "v=STSv1;", "NX", { NULL }, "fail record.syntax", FRESH },
	{ "no semicolon", "v=STSv1 id=1", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "comma", "v=STSv1, id=1", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "upper case", "V=STSV1; ID=1;", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "upper case of id alone", "v=STSv1; ID=1;", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "blank in front", " v=STSv1; id=1;", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "blanks around =", "v = STSv1; id = 1;", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "id first", "id=1; v=STSv1", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "version 2", "v=STSv2; id=1", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "strings that need something between", "v=STSv1|id=1", "NX", { NULL }, "fail record.syntax", FIXED("1") },
	{ "split into two records", "v=STSv1;\nid=1;", "NX", { NULL }, "fail record.syntax", FRESH },
	{ "two that are hidden, each its way", "\"v=STSv1; id=1\"\nV=STSv1; id=2", "NX", { NULL },
	    "fail record.quotes fail record.syntax", FIXED("1") },
	/* ---- several ---- */
	{ "two", "v=STSv1; id=1;\nv=STSv1; id=2;", "NX", { NULL }, "fail record.multiple", FIXED("2") },
	{ "two alike", "v=STSv1; id=1;\nv=STSv1; id=1;", "NX", { NULL }, "fail record.multiple", FIXED("1") },
	/* ---- none ---- */
	{ "no name", "NX", "NX", { NULL }, "fail record.missing", FRESH },
	{ "no record", "", "NX", { NULL }, "fail record.missing", FRESH },
	{ "others only", "v=spf1 -all", "NX", { NULL }, "fail record.missing", FRESH },
	{ "alias of nothing", "NX->x.test", "NX", { NULL }, "info record.cname fail record.missing", FRESH },
	{ "at mta-sts", "NX", "NX", { "v=STSv1; id=7;" }, "fail record.wrong-name", FIXED("7") },
	{ "at the domain", "NX", "NX", { "NX", "v=spf1 -all\nv=STSv1; id=7;" }, "fail record.wrong-name", FIXED("7") },
	{ "at the domain, quoted", "", "NX", { "", "\"v=STSv1; id=7;\"" }, "fail record.wrong-name", FIXED("7") },
	{ "at the doubled domain", "NX", "NX", { "NX", "v=spf1 -all", "v=STSv1; id=7;" }, "fail record.wrong-name", FIXED("7") },
	{ "elsewhere, but here, too", "v=STSv1; id=1;", "NX", { "v=STSv1; id=7;" }, "pass record.ok", NULL },
	{ "SPF by a wildcard", "v=spf1 -all", "v=spf1 -all", { "v=spf1 -all", "v=spf1 -all" }, "fail record.wildcard", FRESH },
	{ "two by a wildcard, in another order", "a\nb", "b\na", { NULL }, "fail record.wildcard", FRESH },
	{ "another by a wildcard", "a", "b", { NULL }, "fail record.missing", FRESH },
	{ "alias by a wildcard", "->x.test", "->x.test", { NULL }, "info record.cname fail record.wildcard", FRESH },
	{ "empty TXT record", "\n", "NX", { NULL }, "fail record.missing", FRESH },
	{ "NUL and a newline are escaped", "v=STSv1; id=1\x01;", "NX", { NULL }, "fail record.bad-id", FIXED("1") },
};

struct made {
	struct sts_dns_reply reply;
	struct sts_dns_record records[4];
	struct sts_dns_string strings[12];
};

static struct sts_dns_reply *
make(const char *text, const char *owner, struct made *m)
{
	struct sts_dns_string *string = m->strings;

	memset(m, 0, sizeof(*m));
	m->reply = (struct sts_dns_reply){ .outcome = STS_DNS_REPLY_NO_RECORD, .records = m->records };
	snprintf(m->reply.name, sizeof(m->reply.name), "%s", owner);
	if (strncmp(text, "NX", 2) == 0) {
		m->reply.outcome = STS_DNS_REPLY_NO_NAME;
		text += 2;
	}
	while (*text != '\0') {
		struct sts_dns_record *record = &m->records[m->reply.count++];
		size_t len = strcspn(text, "\n");
		const char *end = text + len;

		assert_in_range(m->reply.count, 1, 4);
		snprintf(record->owner, sizeof(record->owner), "%s", m->reply.name);
		if (strncmp(text, "->", 2) == 0) {
			record->type = STS_DNS_CNAME;
			snprintf(record->target, sizeof(record->target), "%.*s", (int)len - 2, text + 2);
			memcpy(m->reply.name, record->target, sizeof(record->target));
		} else {
			record->type = STS_DNS_TXT;
			record->strings = string;
			m->reply.outcome = STS_DNS_REPLY_ANSWER;
			do {
				size_t part = strcspn(text, "|\n");

				*string++ = (struct sts_dns_string){ text, part };
				record->string_count++;
				text += part + (text[part] == '|');
			} while (text < end);
		}
		text = end + (*end == '\n');
	}
	return &m->reply;
}

static void
judge(const struct row *row, struct findings *found)
{
	struct made made[2 + RECORD_MISPLACED];
	struct record_view view = { .domain = "d.test", .now = NOW, .reply = make(row->records, OWNER, &made[0]) };
	char id[STS_ID_CAP], name[STS_DOMAIN_CAP];

	if (row->sibling != NULL)
		view.sibling = make(row->sibling, "x.d.test", &made[1]);
	for (size_t i = 0; i < RECORD_MISPLACED; i++)
		if (row->misplaced[i] != NULL)
			view.misplaced[i] = make(row->misplaced[i], record_misplaced("d.test", i, name), &made[2 + i]);
	findings_init(found);
	record_judge(&view, id, found);
	if (strstr(row->want, "record.ok") != NULL ? strcmp(id, "1") != 0 : id[0] != '\0')
		fail_msg("%s: id '%s'", row->name, id);
}

static void
test_findings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct findings found;
		char got[512] = "";
		const char *fix = NULL;

		judge(&rows[i], &found);
		for (size_t k = 0; k < found.count; k++) {
			const struct finding *f = &found.list[k];

			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s %s", k > 0 ? " " : "",
			    finding_level_name(f->level), f->id);
			if (fix == NULL && f->level >= FINDING_WARN)
				fix = f->fix;
			if (strcmp(f->subject, OWNER) != 0)
				fail_msg("%s: about '%s'", rows[i].name, f->subject);
			for (const char *c = f->seen; *c != '\0'; c++)
				if (*c != '\n' && ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e))
					fail_msg("%s: a byte %02x in '%s'", rows[i].name, (unsigned)(unsigned char)*c, f->seen);
		}
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: got '%s', want '%s'", rows[i].name, got, rows[i].want);
		if ((fix == NULL) != (rows[i].fix == NULL) || (fix != NULL && strstr(fix, rows[i].fix) == NULL))
			fail_msg("%s: fix '%s', want '%s'", rows[i].name, fix != NULL ? fix : "",
			    rows[i].fix != NULL ? rows[i].fix : "");
		findings_fini(&found);
	}
}

static void
test_misplaced_names(void **state)
{
	char name[STS_DOMAIN_CAP], domain[STS_DOMAIN_CAP];

	(void)state;
	assert_string_equal(record_misplaced("d.test", 0, name), "mta-sts.d.test");
	assert_string_equal(record_misplaced("d.test", 1, name), "d.test");
	assert_string_equal(record_misplaced("d.test", 2, name), "_mta-sts.d.test.d.test");
	memset(domain, 'x', 200);
	domain[200] = '\0';
	assert_string_equal(record_misplaced(domain, 2, name), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_misplaced_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

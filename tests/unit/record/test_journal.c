/* SPDX-License-Identifier: ISC */
/* test_journal.c - a message's log line, its evidence entry, and the record of entry and counters. */
#include "config.h"

#include "milter/record/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/record/journal_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- the line ---- */

static void
test_line(void **state)
{
	struct fixture f;
	char line[JOURNAL_LINE_CAP];

	(void)state;
	fill(&f);
	journal_line(&f.c, line);
	assert_string_equal(line, "4XyZ: result=fail reason=plaintext domain=sender.example identity=mailfrom policy=enforce "
	    "id=20250809T1 tls=none cipher=- bits=- aligned=no rcpt=- history=- action=accept source=memory wait_ms=3 "
	    "forged=2 client=192.0.2.0/24");

	set_tls(&f, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256);
	f.evidence.queue_id[0] = '\0';
	f.evidence.domain[0] = '\0';
	f.evidence.identity = STS_IDENTITY_HELO;
	f.evidence.has_rcpt = true;
	f.evidence.rcpt = STS_POLICY_TESTING;
	f.evidence.forged = 0;
	f.policy = (struct sts_policy_view){ .known = STS_POLICY_ABSENT };
	f.verdict = (struct sts_verdict){ .result = STS_RESULT_NONE };
	f.c.source = "-";
	f.c.client_addr = STS_CLIENT_NO;
	f.evidence.history = STS_HISTORY_ALWAYS_TLS;
	journal_line(&f.c, line);
	assert_string_equal(line, "NOQUEUE: result=none reason=- domain=- identity=helo policy=absent id=- tls=TLSv1.3 "
	    "cipher=TLS_AES_256_GCM_SHA384 bits=256 aligned=no rcpt=testing history=always-tls action=accept source=- "
	    "wait_ms=3 forged=0 client=-");
}

static void
test_line_exempt(void **state)
{
	static const struct {
		enum journal_exempt exempt;
		const char *want;
	} rows[] = {
		{ JOURNAL_AUTH, "4XyZ: exempt=auth forged=2 client=192.0.2.0/24" },
		{ JOURNAL_TRUSTED, "4XyZ: exempt=trusted forged=2 client=192.0.2.0/24" },
		{ JOURNAL_LOCAL, "4XyZ: exempt=local forged=2 client=192.0.2.0/24" },
	};
	struct fixture f;
	char line[JOURNAL_LINE_CAP];

	(void)state;
	fill(&f);
	for (size_t i = 0; i < COUNT(rows); i++) {
		f.c.exempt = rows[i].exempt;
		journal_line(&f.c, line);
		assert_string_equal(line, rows[i].want);
	}
}

/* Whatever the MTA passes on, the line stays one line of key=value. */
static void
test_line_hostile(void **state)
{
	struct fixture f;
	char line[JOURNAL_LINE_CAP];

	(void)state;
	fill(&f);
	set_tls(&f, "T\r\nL=S \"", "\x01\x7f\x80\xff\\ a=b;", 0);
	snprintf(f.evidence.queue_id, sizeof(f.evidence.queue_id), "%s", "Q\n: x=1");
	journal_line(&f.c, line);
	assert_ptr_equal(strstr(line, "Q\\x0a:\\x20x\\x3d1: result=fail "), line);
	assert_non_null(strstr(line, " tls=T\\x0d\\x0aL\\x3dS\\x20\\x22 "));
	assert_non_null(strstr(line, " cipher=\\x01\\x7f\\x80\\xff\\x5c\\x20a\\x3db; bits=0 "));
	/* All fields of maximum length, each byte of which is escaped to four. */
	memset(f.evidence.queue_id, '\x01', sizeof(f.evidence.queue_id) - 1);
	memset(f.evidence.domain, 'd', sizeof(f.evidence.domain) - 1);
	memset(f.evidence.tls.version, '\x01', sizeof(f.evidence.tls.version) - 1);
	memset(f.evidence.tls.cipher, '\x01', sizeof(f.evidence.tls.cipher) - 1);
	memset(f.policy.id, 'i', sizeof(f.policy.id) - 1);
	journal_line(&f.c, line);
	assert_string_equal(strrchr(line, ' '), " client=192.0.2.0/24");
}

static void
test_client(void **state)
{
	static const struct {
		const char *addr;
		enum sts_client_addr how;
		const char *want;
	} rows[] = {
		{ "192.0.2.77", STS_CLIENT_FULL, "192.0.2.77" },
		{ "192.0.2.77", STS_CLIENT_MASKED, "192.0.2.0/24" },
		{ "192.0.2.77", STS_CLIENT_NO, "" },
		{ "2001:db8:1:2:3::4", STS_CLIENT_FULL, "2001:db8:1:2:3::4" },
		{ "2001:db8:1:2:3::4", STS_CLIENT_MASKED, "2001:db8:1::/48" },
		{ "2001:db8:1:2:3::4", STS_CLIENT_NO, "" },
		{ "::ffff:192.0.2.77", STS_CLIENT_MASKED, "192.0.2.0/24" },
		{ NULL, STS_CLIENT_FULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_stream_entry entry;
		char line[JOURNAL_LINE_CAP], want[80];
		struct fixture f;

		fill(&f);
		memset(&f.evidence.client, 0, sizeof(f.evidence.client));
		if (rows[i].addr != NULL)
			set_client(&f.evidence, rows[i].addr);
		f.c.client_addr = rows[i].how;
		journal_line(&f.c, line);
		snprintf(want, sizeof(want), " client=%s", rows[i].want[0] != '\0' ? rows[i].want : "-");
		assert_string_equal(strrchr(line, ' '), want);
		assert_int_equal(journal_entry(&f.c, &entry), STS_OK);
		assert_string_equal(entry.fields[16].value, rows[i].want);
		free(entry.block);
	}
}

/* ---- the stream ---- */

static void
test_entry(void **state)
{
	static const char *const want[][2] = {
		{ "ts", "1760000000123" }, { "node", "mx1.example.net" }, { "queue_id", "4XyZ" }, { "domain", "sender.example" },
		{ "identity", "mailfrom" }, { "result", "fail" }, { "reason", "plaintext" }, { "policy", "enforce" },
		{ "id", "20250809T1" }, { "tls", "none" }, { "cipher", "" }, { "bits", "" }, { "aligned", "no" },
		{ "rcpt", "" }, { "history", "" }, { "action", "accept" }, { "client", "192.0.2.0/24" }, { "cause", "" },
		{ "rcpts", "" }, { "refused_rcpts", "" }, { "requiretls", "" }, { "sni", "" },
	};
	struct sts_stream_entry entry;
	struct fixture f;

	(void)state;
	fill(&f);
	assert_int_equal(journal_entry(&f.c, &entry), STS_OK);
	assert_int_equal(entry.field_count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_string_equal(entry.fields[i].name, want[i][0]);
		assert_string_equal(entry.fields[i].value, want[i][1]);
	}
	free(entry.block);
	f.evidence.domain[0] = '\0';
	set_tls(&f, "TLSv1.2", "a\nb", 0);
	assert_int_equal(journal_entry(&f.c, &entry), STS_OK);
	assert_string_equal(entry.fields[3].value, "-");
	assert_string_equal(entry.fields[9].value, "TLSv1.2");
	assert_string_equal(entry.fields[10].value, "a\\x0ab");
	assert_string_equal(entry.fields[11].value, "0");
	free(entry.block);
}

/* The record says the same as entry and counters, in memory of its own. */
static void
check_record(const struct journal_case *c, bool with_entry)
{
	struct sts_mail_record *record = journal_record(c);
	struct journal_counts counts;
	struct sts_stream_entry entry;
	char got[4096], want[4096];

	assert_non_null(record);
	journal_count(c, &counts);
	for (int i = 0; i < 2; i++) {
		join(i == 0 ? counts.total : counts.domain, want, sizeof(want));
		join(i == 0 ? record->message.total_fields : record->message.domain_fields, got, sizeof(got));
		assert_string_equal(got, want);
	}
	assert_int_equal(record->message.now, counts.message.now);
	if (counts.message.domain != NULL) {
		assert_string_equal(record->message.domain, counts.message.domain);
		assert_ptr_not_equal(record->message.domain, counts.message.domain);
	} else {
		assert_null(record->message.domain);
	}
	assert_int_equal(record->entry.field_count, with_entry ? STS_STREAM_FIELDS : 0);
	assert_int_equal(journal_entry(c, &entry), STS_OK);
	for (size_t i = 0; i < record->entry.field_count; i++) {
		assert_string_equal(record->entry.fields[i].name, entry.fields[i].name);
		assert_string_equal(record->entry.fields[i].value, entry.fields[i].value);
	}
	free(entry.block);
	free(record->entry.block);
}

static void
test_record(void **state)
{
	struct fixture f;

	(void)state;
	fill(&f);
	set_tls(&f, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256);
	f.evidence.aligned = STS_ALIGNED_YES;
	check_record(&f.c, false);
	f.c.keeps_evidence = true;
	check_record(&f.c, true);
	f.c.names = names;
	check_record(&f.c, true);
	f.c.exempt = JOURNAL_AUTH;
	check_record(&f.c, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_line_exempt),
		cmocka_unit_test(test_line_hostile),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}

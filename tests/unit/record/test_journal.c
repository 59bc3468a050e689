/* SPDX-License-Identifier: ISC */
/* test_journal.c - the log line, the counters and the evidence entry of one message. */
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

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define NOON 1760000000123	/* milliseconds since the epoch */

static struct counter_names *names;

struct fixture {
	struct sts_evidence evidence;
	struct sts_policy_view policy;
	struct sts_verdict verdict;
	struct journal_case c;
};

static void
set_client(struct sts_evidence *evidence, const char *text)
{
	assert_true(sts_ipaddr_parse(text, strlen(text), &evidence->client));
}

/* A fail of an enforcing domain over plaintext; the tests change what they are about. */
static void
fill(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->evidence = (struct sts_evidence){ .queue_id = "4XyZ", .domain = "sender.example",
		.tls = { .state = STS_TLS_NONE, .bits = -1 }, .aligned = STS_ALIGNED_NO, .forged = 2 };
	set_client(&f->evidence, "192.0.2.77");
	f->policy = (struct sts_policy_view){ STS_POLICY_ENFORCE, STS_REASON_NONE, "20250809T1", 0 };
	f->verdict = (struct sts_verdict){ STS_RESULT_FAIL, STS_REASON_PLAINTEXT, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT };
	f->c = (struct journal_case){ .evidence = &f->evidence, .policy = &f->policy, .verdict = &f->verdict,
		.exempt = JOURNAL_JUDGED, .node = "mx1.example.net", .client_addr = STS_CLIENT_MASKED, .first = true,
		.source = "memory", .waited_ms = 3, .now_ms = NOON };
}

static void
set_tls(struct fixture *f, const char *version, const char *cipher, int bits)
{
	f->evidence.tls.state = STS_TLS_SECURED;
	snprintf(f->evidence.tls.version, sizeof(f->evidence.tls.version), "%s", version);
	snprintf(f->evidence.tls.cipher, sizeof(f->evidence.tls.cipher), "%s", cipher);
	f->evidence.tls.bits = bits;
}

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
	/* The longest of everything, each byte of which takes four. */
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

/* ---- counters ---- */

/* The list as one text, for comparison. */
static void
join(const char *const *fields, char *out, size_t cap)
{
	out[0] = '\0';
	for (size_t i = 0; fields[i] != NULL; i++)
		snprintf(out + strlen(out), cap - strlen(out), "%s%s", i > 0 ? " " : "", fields[i]);
}

static void
check_counts(const struct fixture *f, const char *total, const char *domain)
{
	struct journal_counts counts;
	struct journal_case c = f->c;
	char got[4096];

	/* Names that are made for this message, and names that are there already. */
	for (int i = 0; i < 3; i++) {
		c.names = i == 0 ? NULL : names;
		journal_count(&c, &counts);
		join(counts.message.total_fields, got, sizeof(got));
		assert_string_equal(got, total);
		join(counts.message.domain_fields, got, sizeof(got));
		assert_string_equal(got, domain);
		assert_int_equal(counts.message.now, NOON / 1000);
	}
}

static void
test_counts(void **state)
{
	static const char plain[] = "messages result:fail reason:plaintext policy:enforce tls:none aligned:no action:accept";
	struct journal_counts counts;
	struct fixture f;

	(void)state;
	fill(&f);
	check_counts(&f, "messages sessions result:fail reason:plaintext policy:enforce tls:none aligned:no action:accept "
	    "forged", "messages sessions result:fail reason:plaintext policy:enforce tls:none aligned:no action:accept forged");
	f.c.first = false;
	f.evidence.forged = 0;
	check_counts(&f, plain, plain);
	journal_count(&f.c, &counts);
	assert_string_equal(counts.message.domain, "sender.example");
	assert_true(counts.message.plaintext);
	f.evidence.domain[0] = '\0';
	journal_count(&f.c, &counts);
	assert_string_equal(counts.message.domain, "");
}

static void
test_counts_aligned(void **state)
{
	struct journal_counts counts;
	struct fixture f;

	(void)state;
	fill(&f);
	set_tls(&f, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256);
	f.verdict = (struct sts_verdict){ .result = STS_RESULT_PASS };
	f.evidence.aligned = STS_ALIGNED_YES;
	f.evidence.has_rcpt = true;
	f.evidence.rcpt = STS_POLICY_ENFORCE;
	check_counts(&f, "messages sessions result:pass policy:enforce tls:TLSv1.3 cipher:TLS_AES_256_GCM_SHA384 aligned:yes "
	    "rcpt:enforce action:accept forged",
	    "messages sessions result:pass policy:enforce tls:TLSv1.3 cipher:TLS_AES_256_GCM_SHA384 aligned:yes rcpt:enforce "
	    "action:accept forged aligned:messages aligned:sessions aligned:result:pass aligned:policy:enforce "
	    "aligned:tls:TLSv1.3 aligned:cipher:TLS_AES_256_GCM_SHA384 aligned:rcpt:enforce aligned:action:accept "
	    "aligned:forged");
	journal_count(&f.c, &counts);
	assert_false(counts.message.plaintext);
}

/* What goes into a domain's history: its own clients', of which it is known how they came, where histories are kept. */
static void
test_own(void **state)
{
	static const struct {
		enum sts_aligned aligned;
		enum sts_tls_state tls;
		bool kept;
		enum journal_exempt exempt;
		bool own_tls, own_plaintext;
	} rows[] = {
		{ STS_ALIGNED_YES, STS_TLS_SECURED, true, JOURNAL_JUDGED, true, false },
		{ STS_ALIGNED_YES, STS_TLS_NONE, true, JOURNAL_JUDGED, false, true },
		{ STS_ALIGNED_YES, STS_TLS_UNKNOWN, true, JOURNAL_JUDGED, false, false },
		{ STS_ALIGNED_NO, STS_TLS_SECURED, true, JOURNAL_JUDGED, false, false },
		{ STS_ALIGNED_UNKNOWN, STS_TLS_NONE, true, JOURNAL_JUDGED, false, false },
		{ STS_ALIGNED_YES, STS_TLS_NONE, false, JOURNAL_JUDGED, false, false },
		{ STS_ALIGNED_YES, STS_TLS_NONE, true, JOURNAL_TRUSTED, false, false },
	};
	struct journal_counts counts;
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fill(&f);
		f.evidence.aligned = rows[i].aligned;
		f.evidence.tls.state = rows[i].tls;
		f.c.keeps_history = rows[i].kept;
		f.c.exempt = rows[i].exempt;
		journal_count(&f.c, &counts);
		if (counts.message.own_tls != rows[i].own_tls || counts.message.own_plaintext != rows[i].own_plaintext)
			fail_msg("row %zu: got %d, %d", i, counts.message.own_tls, counts.message.own_plaintext);
	}
}

static void
test_counts_history(void **state)
{
	struct fixture f;

	(void)state;
	fill(&f);
	f.c.first = false;
	f.evidence.forged = 0;
	f.evidence.aligned = STS_ALIGNED_YES;
	f.evidence.history = STS_HISTORY_DOWNGRADE;
	check_counts(&f, "messages result:fail reason:plaintext policy:enforce tls:none aligned:yes history:downgrade "
	    "action:accept",
	    "messages result:fail reason:plaintext policy:enforce tls:none aligned:yes history:downgrade action:accept "
	    "aligned:messages aligned:result:fail aligned:reason:plaintext aligned:policy:enforce aligned:tls:none "
	    "aligned:history:downgrade aligned:action:accept");
}

static void
test_strangers(void **state)
{
	static const struct {
		enum sts_policy_known known;
		enum sts_aligned aligned;
		bool stranger;
	} rows[] = {
		{ STS_POLICY_ENFORCE, STS_ALIGNED_NO, false }, { STS_POLICY_TESTING, STS_ALIGNED_NO, false },
		{ STS_POLICY_NONE, STS_ALIGNED_UNKNOWN, false }, { STS_POLICY_ABSENT, STS_ALIGNED_YES, false },
		{ STS_POLICY_UNKNOWN, STS_ALIGNED_YES, false }, { STS_POLICY_ABSENT, STS_ALIGNED_NO, true },
		{ STS_POLICY_ABSENT, STS_ALIGNED_UNKNOWN, true }, { STS_POLICY_UNKNOWN, STS_ALIGNED_UNKNOWN, true },
	};
	struct journal_counts counts;
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fill(&f);
		f.policy.known = rows[i].known;
		f.evidence.aligned = rows[i].aligned;
		journal_count(&f.c, &counts);
		if (counts.message.stranger != rows[i].stranger)
			fail_msg("policy %s, aligned %s: got %d", sts_policy_known_name(rows[i].known),
			    sts_aligned_name(rows[i].aligned), counts.message.stranger);
	}
}

static void
test_counts_exempt(void **state)
{
	struct journal_counts counts;
	struct fixture f;

	(void)state;
	fill(&f);
	f.c.exempt = JOURNAL_AUTH;
	f.evidence.forged = 0;
	check_counts(&f, "exempt", "exempt");
	journal_count(&f.c, &counts);
	assert_null(counts.message.domain);
	f.evidence.forged = 1;
	f.evidence.aligned = STS_ALIGNED_YES;
	check_counts(&f, "exempt forged", "exempt forged");
}

/* No session, no sender can make up a field: versions fold, ciphers are cleaned and cut. */
static void
test_counts_names(void **state)
{
	static const struct {
		const char *version, *want;
	} rows[] = {
		{ "TLSv1", "tls:TLSv1" }, { "TLSv1.1", "tls:TLSv1.1" }, { "TLSv1.2", "tls:TLSv1.2" },
		{ "TLSv1.3", "tls:TLSv1.3" }, { "TLSv1.4", "tls:other" }, { "SSLv3", "tls:other" }, { "none ", "tls:other" },
		{ "a\nb", "tls:other" },
	};
	struct journal_counts counts;
	struct fixture f;
	char long_cipher[80];

	(void)state;
	fill(&f);
	f.c.first = false;
	for (size_t i = 0; i < COUNT(rows); i++) {
		set_tls(&f, rows[i].version, "a b\r\n:\xff", 1);
		journal_count(&f.c, &counts);
		assert_string_equal(counts.total[4], rows[i].want);
		assert_string_equal(counts.total[5], "cipher:a_b__:_");
	}
	memset(long_cipher, 'c', sizeof(long_cipher));
	long_cipher[sizeof(long_cipher) - 1] = '\0';
	f.evidence.aligned = STS_ALIGNED_YES;
	set_tls(&f, "TLSv1.3", long_cipher, 1);
	journal_count(&f.c, &counts);
	for (size_t i = 0; counts.domain[i] != NULL; i++)
		assert_true(strlen(counts.domain[i]) < STS_COUNT_FIELD_CAP);
	f.evidence.tls.state = STS_TLS_UNKNOWN;
	journal_count(&f.c, &counts);
	assert_string_equal(counts.total[4], "tls:unknown");
	assert_string_equal(counts.total[5], "aligned:yes");
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

/* The record says what the entry and the counters say, from memory of its own. */
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

static int
make_names(void **state)
{
	(void)state;
	return counter_names_new(&names) == STS_OK ? 0 : -1;
}

static int
free_names(void **state)
{
	(void)state;
	counter_names_free(&names);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_line_exempt),
		cmocka_unit_test(test_line_hostile),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_counts_aligned),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_counts_history),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_counts_exempt),
		cmocka_unit_test(test_counts_names),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}

/* SPDX-License-Identifier: ISC */
/* test_journal_counts.c - a message's counters: which, under which names, and for which domain. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/record/journal_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
check_counts(const struct fixture *f, const char *total, const char *domain)
{
	struct journal_counts counts;
	struct journal_case c = f->c;
	char got[4096];

	/* Names built as text, and names from the table. */
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

/* Counted in a domain's history: messages of aligned clients, with known TLS, if histories are kept. */
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

/* No session and no sender can invent a field: versions fold, ciphers are cleaned and cut. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_counts_aligned),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_counts_history),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_counts_exempt),
		cmocka_unit_test(test_counts_names),
	};

	return cmocka_run_group_tests(tests, make_names, free_names);
}

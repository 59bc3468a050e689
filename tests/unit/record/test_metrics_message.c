/* SPDX-License-Identifier: ISC */
/* test_metrics_message.c - what one message adds, as the served lines: these, and no others. */
#include "config.h"

#include "milter/record/metrics_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "milter/record/metrics_text.h"

#define P METRICS_PREFIX

static const struct row {
	const char *name;
	struct sts_evidence evidence;
	struct sts_policy_view policy;
	struct sts_verdict verdict;
	enum journal_exempt exempt;
	bool first;
	const char *want;	/* the lines that are not 0, except for the histogram's steps */
} rows[] = {
	{ "pass",
	    { .tls = { STS_TLS_SECURED, "TLSv1.3", "X", 256 }, .aligned = STS_ALIGNED_YES }, { .known = STS_POLICY_ENFORCE },
	    { STS_RESULT_PASS, STS_REASON_NONE, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT }, JOURNAL_JUDGED, true,
	    P "sessions_total{tls=\"TLSv1.3\"} 1\n" P "messages_total{result=\"pass\"} 1\n"
	    P "message_tls_total{policy=\"enforce\",tls=\"TLSv1.3\"} 1\n" P "message_aligned_total{aligned=\"yes\"} 1\n"
	    P "message_actions_total{action=\"accept\"} 1\n" P "message_delay_seconds_sum 0.012\n"
	    P "message_delay_seconds_count 1\n" },
	{ "fail, with forged fields, for us",
	    { .tls = { STS_TLS_NONE, "", "", -1 }, .aligned = STS_ALIGNED_NO, .forged = 3, .has_rcpt = true,
	    .rcpt = STS_POLICY_TESTING }, { .known = STS_POLICY_ENFORCE },
	    { STS_RESULT_FAIL, STS_REASON_PLAINTEXT, STS_ACTION_REJECT, STS_ACTION_REJECT }, JOURNAL_JUDGED, false,
	    P "messages_total{result=\"fail\"} 1\n" P "message_tls_total{policy=\"enforce\",tls=\"none\"} 1\n"
	    P "message_reasons_total{reason=\"plaintext\"} 1\n" P "message_aligned_total{aligned=\"no\"} 1\n"
	    P "message_rcpt_total{policy=\"testing\"} 1\n" P "message_actions_total{action=\"reject\"} 1\n"
	    P "message_delay_seconds_sum 0.012\n" P "message_delay_seconds_count 1\n" P "forged_messages_total 1\n" },
	{ "a domain that has always come over TLS does not",
	    { .tls = { STS_TLS_NONE, "", "", -1 }, .aligned = STS_ALIGNED_YES, .history = STS_HISTORY_DOWNGRADE },
	    { .known = STS_POLICY_ABSENT },
	    { STS_RESULT_NONE, STS_REASON_NONE, STS_ACTION_ACCEPT, STS_ACTION_TEMPFAIL }, JOURNAL_JUDGED, false,
	    P "messages_total{result=\"none\"} 1\n" P "message_tls_total{policy=\"absent\",tls=\"none\"} 1\n"
	    P "message_aligned_total{aligned=\"yes\"} 1\n" P "message_history_total{history=\"downgrade\"} 1\n"
	    P "message_actions_total{action=\"would-tempfail\"} 1\n" P "message_delay_seconds_sum 0.012\n"
	    P "message_delay_seconds_count 1\n" },
	{ "words of a stranger are other",
	    { .tls = { STS_TLS_SECURED, "TLSv9\"} 1", "X", 1 }, .aligned = STS_ALIGNED_UNKNOWN },
	    { .known = STS_POLICY_UNKNOWN },
	    { STS_RESULT_PERMERROR, STS_REASON_POLICY_INVALID, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT }, JOURNAL_JUDGED, true,
	    P "sessions_total{tls=\"other\"} 1\n" P "messages_total{result=\"permerror\"} 1\n"
	    P "message_tls_total{policy=\"unknown\",tls=\"other\"} 1\n" P "message_reasons_total{reason=\"policy-invalid\"} 1\n"
	    P "message_aligned_total{aligned=\"unknown\"} 1\n" P "message_actions_total{action=\"accept\"} 1\n"
	    P "message_delay_seconds_sum 0.012\n" P "message_delay_seconds_count 1\n" },
	{ "values that nobody has thought of", { .tls = { STS_TLS_NONE, "", "", -1 }, .aligned = (enum sts_aligned)9 },
	    { .known = (enum sts_policy_known)77 },
	    { (enum sts_result)77, (enum sts_reason)77, (enum sts_action)77, (enum sts_action)77 }, JOURNAL_JUDGED, false,
	    P "messages_total{result=\"other\"} 1\n" P "message_tls_total{policy=\"other\",tls=\"none\"} 1\n"
	    P "message_reasons_total{reason=\"other\"} 1\n" P "message_aligned_total{aligned=\"other\"} 1\n"
	    P "message_actions_total{action=\"other\"} 1\n" P "message_delay_seconds_sum 0.012\n"
	    P "message_delay_seconds_count 1\n" },
	{ "authenticated", { .tls = { STS_TLS_SECURED, "TLSv1.3", "X", 256 } }, { .known = STS_POLICY_ENFORCE },
	    { STS_RESULT_PASS, STS_REASON_NONE, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT }, JOURNAL_AUTH, true,
	    P "exempt_messages_total{kind=\"auth\"} 1\n" },
	{ "local, with a forged field", { .forged = 1 }, { .known = STS_POLICY_ENFORCE },
	    { STS_RESULT_PASS, STS_REASON_NONE, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT }, JOURNAL_LOCAL, true,
	    P "exempt_messages_total{kind=\"local\"} 1\n" P "forged_messages_total 1\n" },
};

/* The lines that are not 0, in their order. */
static void
lines_of(const struct metrics *metrics, char *out, size_t cap)
{
	static struct metrics_snapshot snapshot;
	static char storage[METRICS_TEXT_CAP];
	struct sts_text text, found;
	size_t len;

	metrics_read(metrics, &snapshot);
	sts_text_init(&text, storage, sizeof(storage));
	metrics_text(&snapshot, &text);
	sts_text_init(&found, out, cap);
	for (const char *line = storage; *line != '\0'; line += len) {
		len = strcspn(line, "\n") + 1;
		if (line[0] == '#' || memcmp(line + len - 3, " 0\n", 3) == 0 || memmem(line, len, "_bucket{", 8) != NULL ||
		    memmem(line, len, " 0.000\n", 7) != NULL)
			continue;
		sts_text_add_bytes(&found, line, len);
	}
}

static void
test_messages(void **state)
{
	static struct metrics metrics;
	static char got[METRICS_TEXT_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct journal_case c = {
			.evidence = &row->evidence, .policy = &row->policy, .verdict = &row->verdict, .exempt = row->exempt,
			.first = row->first, .source = "memory", .waited_ms = 12,
		};

		memset(&metrics, 0, sizeof(metrics));
		metrics_message(&metrics, &c);
		lines_of(&metrics, got, sizeof(got));
		if (strcmp(got, row->want) != 0)
			fail_msg("%s: got\n%swant\n%s", row->name, got, row->want);
	}
}

static void
test_lookup(void **state)
{
	static struct metrics metrics;
	static char got[METRICS_TEXT_CAP];

	(void)state;
	metrics_lookup(&metrics, STS_SOURCE_STORE, STS_POLICY_ABSENT);
	lines_of(&metrics, got, sizeof(got));
	assert_string_equal(got, P "policy_lookups_total{source=\"store\",policy=\"absent\"} 1\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_lookup),
	};

	return cmocka_run_group_tests_name("metrics_message", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_replay.c - entries of the evidence, replayed and added up; and entries that the milter did not write. */
#include "config.h"

#include "stsctl/simulate/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/simulate/simulation_result.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { NOW = 1760000000, PAIRS_MAX = 12 };

static const struct sts_verdict_rules rules = { .tls = { 4, 128, NULL } };
static const struct sts_enforcement enforcement = { .sender_enforce = STS_ACTION_REJECT, .sender_testing = STS_ACTION_TEMPFAIL,
	.recipient_enforce = STS_ACTION_QUARANTINE, .downgrade = STS_ACTION_TEMPFAIL, .percent = 100, .confirm_ms = 1000 };
static const char rules_text[] = "bank.example tls=required action=reject\nexempt.example exempt\n"
    "net.example tls=required client=192.0.2.0/24 action=reject\nrcpt:board.example tls=required action=tempfail\n";

/* name, value, ..., NULL */
static void
make_entry(const char *const *pairs, struct sts_query_entry *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; pairs[i] != NULL; i += 2)
		out->values[out->value_count++] = (struct sts_query_value){ pairs[i], pairs[i + 1], strlen(pairs[i + 1]) };
}

static struct sts_domain_rules *
make_rules(void)
{
	struct sts_domain_rules *domains;

	assert_int_equal(sts_domain_rules_parse(rules_text, sizeof(rules_text) - 1, NULL, NULL, &domains), STS_OK);
	return domains;
}

#define TS "ts", "1759999999123"

static void
test_decisions(void **state)
{
	static const struct {
		const char *pairs[2 * PAIRS_MAX + 1];
		const char *action, *cause;
		enum sts_unmet lacks;
		bool unsure;
	} rows[] = {
		{ { TS, "domain", "a.example", "policy", "enforce", "tls", "none" }, "reject", "sender-policy", STS_UNMET_TLS,
		    false },
		{ { TS, "domain", "a.example", "policy", "testing", "tls", "TLSv1", "cipher", "X", "bits", "256" }, "tempfail",
		    "sender-policy", STS_UNMET_VERSION, false },
		{ { TS, "domain", "a.example", "policy", "enforce", "tls", "TLSv1.3", "cipher", "X", "bits", "56" }, "reject",
		    "sender-policy", STS_UNMET_CIPHER, false },
		{ { TS, "domain", "a.example", "policy", "enforce", "tls", "TLSv1.3" }, "accept", "", STS_UNMET_NOTHING, false },
		{ { TS, "domain", "a.example", "policy", "enforce", "tls", "unknown" }, "accept", "", STS_UNMET_NOTHING, false },
		{ { TS, "domain", "a.example", "policy", "enforce", "tls", "none", "identity", "helo" }, "accept",
		    "sender-policy", STS_UNMET_TLS, false },
		{ { TS, "domain", "-", "policy", "absent", "tls", "none" }, "accept", "", STS_UNMET_NOTHING, false },
		{ { TS, "domain", "a.example", "policy", "unknown", "reason", "pending", "tls", "none" }, "accept", "",
		    STS_UNMET_NOTHING, false },
		{ { TS, "domain", "a.example", "policy", "absent", "tls", "none", "history", "downgrade" }, "tempfail",
		    "downgrade", STS_UNMET_TLS, false },
		{ { TS, "domain", "a.example", "policy", "absent", "tls", "none", "rcpts",
		    "o.example:testing,p.example:enforce" },
		    "quarantine", "recipient-policy", STS_UNMET_TLS, false },
		{ { TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts", "p.example:enforce" }, "reject",
		    "sender-policy", STS_UNMET_TLS, false },
		{ { TS, "domain", "bank.example", "policy", "absent", "tls", "none" }, "reject", "sender-rule", STS_UNMET_TLS,
		    false },
		{ { TS, "domain", "exempt.example", "policy", "enforce", "tls", "none", "rcpts", "p.example:enforce" }, "accept",
		    "recipient-policy", STS_UNMET_TLS, false },
		{ { TS, "domain", "a.example", "policy", "absent", "tls", "none", "rcpts", "board.example:absent" }, "tempfail",
		    "recipient-rule", STS_UNMET_TLS, false },
		{ { TS, "domain", "a.example", "policy", "absent", "tls", "none", "rcpts", "o.example:absent",
		    "refused_rcpts", "p.example:enforce" }, "quarantine", "recipient-policy", STS_UNMET_TLS, false },
		{ { TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts", "p.example:enforce:spared" }, "accept",
		    "recipient-policy", STS_UNMET_TLS, false },
		{ { TS, "domain", "bank.example", "policy", "absent", "tls", "none", "rcpts", "board.example:absent:spared" },
		    "accept", "sender-rule", STS_UNMET_TLS, false },
		{ { TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts",
		    "p.example:enforce:spared,o.example:absent" }, "reject", "sender-policy", STS_UNMET_TLS, false },
		{ { TS, "domain", "net.example", "policy", "absent", "tls", "TLSv1.3", "client", "192.0.2.7" }, "accept", "",
		    STS_UNMET_NOTHING, false },
		{ { TS, "domain", "net.example", "policy", "absent", "tls", "TLSv1.3", "client", "192.0.2.0/24" }, "reject",
		    "sender-rule", STS_UNMET_CLIENT, true },
	};
	struct sts_domain_rules *domains = make_rules();
	const struct sts_enforce_rules by = { &rules, domains, &enforcement };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_query_entry entry;
		struct replay got;

		make_entry(rows[i].pairs, &entry);
		if (!replay_entry(&entry, &by, NOW, &got))
			fail_msg("row %zu: cannot be read", i);
		if (strcmp(sts_action_name(got.decision.action), rows[i].action) != 0 ||
		    strcmp(sts_cause_name(got.decision.cause), rows[i].cause) != 0 || got.lacks != rows[i].lacks ||
		    got.unsure != rows[i].unsure || got.ts_ms != 1759999999123)
			fail_msg("row %zu: got %s, \"%s\", lacks %s", i, sts_action_name(got.decision.action),
			    sts_cause_name(got.decision.cause), sts_unmet_name(got.lacks));
	}
	sts_domain_rules_free(&domains);
}

static void
test_foreign_entries(void **state)
{
	static const char long_word[] = "a23456789012345678901234567890123456789012345678901234567890";
	static const char *const rows[][2 * PAIRS_MAX + 1] = {
		{ NULL },
		{ "domain", "a.example", "policy", "enforce", "tls", "none" },
		{ "ts", "x", "domain", "a.example", "policy", "enforce", "tls", "none" },
		{ TS, "domain", "A.example", "policy", "enforce", "tls", "none" },
		{ TS, "domain", "a..example", "policy", "enforce", "tls", "none" },
		{ TS, "domain", "", "policy", "enforce", "tls", "none" },
		{ TS, "domain", "a.example", "policy", "strict", "tls", "none" },
		{ TS, "domain", "a.example", "tls", "none" },
		{ TS, "domain", "a.example", "policy", "enforce" },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", long_word },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "TLSv1.3", "bits", "many" },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "TLSv1.3", "identity", long_word },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts", "b.example" },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts", "b.example:" },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts", ":enforce" },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts", "b.example:spared" },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts", "b.example:enforce:other" },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "none", "rcpts", ",,," },
		{ TS, "domain", "a.example", "policy", "enforce", "tls", "none", "refused_rcpts", "b.example" },
	};
	const struct sts_enforce_rules by = { &rules, NULL, &enforcement };
	struct sts_query_entry entry;
	struct replay got;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		make_entry(rows[i], &entry);
		if (replay_entry(&entry, &by, NOW, &got))
			fail_msg("row %zu: read", i);
	}
}

static void
test_outcome(void **state)
{
	const struct sts_enforce_rules by = { &rules, NULL, &enforcement };
	struct simulation_result outcome = { .messages = 0 };
	char ts[16], id[16];

	(void)state;
	for (int i = 0; i < 10; i++) {
		const char *const pairs[] = { "ts", ts, "domain", i % 5 == 0 ? "a.example" : "b.example", "policy", "enforce",
			"tls", i < 8 ? "none" : "TLSv1.3", "queue_id", id, "client", "x y", NULL };
		struct sts_query_entry entry;
		struct replay replay;

		snprintf(ts, sizeof(ts), "%d", 1000 + i);
		snprintf(id, sizeof(id), "Q%d", i);
		make_entry(pairs, &entry);
		assert_true(replay_entry(&entry, &by, NOW, &replay));
		assert_int_equal(simulation_result_add(&outcome, &entry, &replay), STS_OK);
	}
	simulation_result_settle(&outcome);
	assert_int_equal(outcome.messages, 10);
	assert_int_equal(outcome.first_ms, 1000);
	assert_int_equal(outcome.last_ms, 1009);
	assert_int_equal(outcome.actions[STS_ACTION_REJECT], 8);
	assert_int_equal(outcome.actions[STS_ACTION_ACCEPT], 2);
	assert_int_equal(HASH_COUNT(outcome.rows), 2);
	assert_string_equal(outcome.rows->domain, "b.example");
	assert_int_equal(outcome.rows->messages, 6);
	assert_int_equal(outcome.rows->of, 8);
	assert_string_equal(outcome.rows->examples[0].queue_id, "Q7");
	assert_string_equal(outcome.rows->examples[2].queue_id, "Q4");
	assert_string_equal(outcome.rows->examples[0].client, "x\\x20y");
	simulation_result_fini(&outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_foreign_entries),
		cmocka_unit_test(test_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * test_enforce.c - decides every combination of inputs, and compares the result with the documentation's
 * sentences as a table of excuses; checks for millions of random cases what is never refused.
 */
#include "config.h"

#include "shared-cache/enforcement/enforce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { NOW = 1760000000, CONFIRM_S = 7200, RANDOM_CASES = 3000000 };

/* XXH64 modulo 100: 2 and 98; see test_share. */
static const char low_domain[] = "d24.example", high_domain[] = "d14.example";

/* All settings differ, so that a mix-up shows. */
static const struct sts_enforcement usual = {
	.sender_enforce = STS_ACTION_REJECT,
	.sender_testing = STS_ACTION_TEMPFAIL,
	.recipient_enforce = STS_ACTION_REJECT,
	.recipient_testing = STS_ACTION_QUARANTINE,
	.downgrade = STS_ACTION_TEMPFAIL,
	.unconfirmed = STS_ACTION_TEMPFAIL,
	.confirm_ms = CONFIRM_S * 1000,
	.percent = 100,
};

static void
describe(const struct sts_enforce_case *c, const struct sts_enforcement *s, char *out, size_t cap)
{
	snprintf(out, cap, "side=%d judged=%d null=%d unknown=%d domain=%s result=%s age=%lld downgrade=%d rule=%d/%s roles=%d "
	    "exempted=%d tripped=%d dry_run=%d percent=%lld", (int)c->side, c->judged, c->null_sender, c->tls_unknown, c->domain,
	    sts_result_name(c->result), (long long)(c->now - c->checked), c->downgrade, (int)c->rule,
	    sts_action_name(c->rule_action), (int)c->roles, (int)c->exempted, c->tripped, s->dry_run, (long long)s->percent);
}

/* ---- the same decision, expressed in another way ---- */

/* The reason to act, before any excuse. */
struct charge {
	enum sts_action action;
	bool by_rule, by_policy;
};

static struct charge
charge_of(const struct sts_enforce_case *c, const struct sts_enforcement *s)
{
	const enum sts_action published[2][STS_RESULT_COUNT] = {
		[STS_SIDE_SENDER] = { [STS_RESULT_FAIL] = s->sender_enforce, [STS_RESULT_SOFTFAIL] = s->sender_testing },
		[STS_SIDE_RECIPIENT] = { [STS_RESULT_FAIL] = s->recipient_enforce, [STS_RESULT_SOFTFAIL] = s->recipient_testing },
	};
	enum sts_action policy = published[c->side][c->result];
	enum sts_action history = c->side == STS_SIDE_SENDER && c->downgrade ? s->downgrade : STS_ACTION_ACCEPT;

	switch (c->rule) {
	case STS_OUTCOME_VIOLATED:
		return (struct charge){ c->rule_action, true, false };
	case STS_OUTCOME_SATISFIED:
	case STS_OUTCOME_EXEMPT:
		return (struct charge){ STS_ACTION_ACCEPT, false, false };
	case STS_OUTCOME_NO_RULE:
		break;
	}
	return history > policy ? (struct charge){ history, false, false } : (struct charge){ policy, false, true };
}

static bool
is_confirmed(const struct sts_enforce_case *c)
{
	return c->checked >= NOW - CONFIRM_S && c->checked <= NOW;
}

/* Each is a sentence of the documentation: whom it applies to, and whether only to refusals. */
static bool
is_excused(const struct sts_enforce_case *c, struct charge charge)
{
	bool refusal = charge.action == STS_ACTION_TEMPFAIL || charge.action == STS_ACTION_REJECT;
	const bool excuses[] = {
		!c->judged,
		c->tls_unknown,
		c->result == STS_RESULT_TEMPERROR,
		c->result == STS_RESULT_PERMERROR,
		c->result == STS_RESULT_NEUTRAL,
		c->null_sender && c->side == STS_SIDE_SENDER,
		c->roles == STS_SHARE_ALL,
		c->roles == STS_SHARE_SOME && refusal,
		!charge.by_rule && c->exempted == STS_SHARE_ALL,
		!charge.by_rule && c->exempted == STS_SHARE_SOME && refusal,
	};

	for (size_t i = 0; i < COUNT(excuses); i++) {
		if (excuses[i])
			return true;
	}
	return false;
}

static struct sts_enforce_decision
expected(const struct sts_enforce_case *c, const struct sts_enforcement *s)
{
	struct charge charge = charge_of(c, s);
	struct sts_enforce_decision want = { .action = STS_ACTION_ACCEPT, .wanted = STS_ACTION_ACCEPT };
	bool in_share = charge.by_rule || s->percent == 100 || (s->percent == 50 && c->domain == low_domain);

	if (charge.by_policy && charge.action == STS_ACTION_REJECT && !is_confirmed(c))
		charge.action = s->unconfirmed;
	else if (!charge.by_rule && charge.action == STS_ACTION_REJECT && c->name_pending)
		charge.action = STS_ACTION_TEMPFAIL;
	if (is_excused(c, charge))
		return want;
	want.wanted = charge.action;
	if (!s->dry_run && !c->tripped && in_share)
		want.action = charge.action;
	return want;
}

static void
check(const struct sts_enforce_case *c, const struct sts_enforcement *s)
{
	struct sts_enforce_decision got, want = expected(c, s);
	char text[400];

	memset(&got, 0xa5, sizeof(got));
	sts_enforce_decide(c, s, &got);
	if (got.action == want.action && got.wanted == want.wanted)
		return;
	describe(c, s, text, sizeof(text));
	fail_msg("%s: got %s of %s (%s, %s), want %s of %s", text, sts_action_name(got.action), sts_action_name(got.wanted),
	    sts_cause_name(got.cause), sts_waiver_name(got.waiver), sts_action_name(want.action), sts_action_name(want.wanted));
}

/* ---- every combination ---- */

/* Splits a number into one value per dimension. */
static unsigned
take(uint64_t *n, unsigned dimension)
{
	unsigned value = (unsigned)(*n % dimension);

	*n /= dimension;
	return value;
}

static const int64_t checked_at[] = { 0, NOW - CONFIRM_S - 1, NOW - CONFIRM_S, NOW + 1 };

/* False when there are no more combinations. */
static bool
combination(uint64_t n, struct sts_enforce_case *c, struct sts_enforcement *s)
{
	static const int64_t percents[] = { 0, 50, 100 };
	uint64_t rest = n;

	*s = usual;
	*c = (struct sts_enforce_case){ .now = NOW };
	c->side = (enum sts_enforce_side)take(&rest, 2);
	c->judged = take(&rest, 2);
	c->null_sender = take(&rest, 2);
	c->tls_unknown = take(&rest, 2);
	c->domain = take(&rest, 2) ? low_domain : high_domain;
	c->result = (enum sts_result)take(&rest, STS_RESULT_COUNT);
	c->checked = checked_at[take(&rest, COUNT(checked_at))];
	c->downgrade = take(&rest, 2);
	c->name_pending = take(&rest, 2);
	c->rule = (enum sts_rule_outcome)take(&rest, 4);
	c->rule_action = (enum sts_action)take(&rest, STS_ACTION_COUNT);
	c->roles = (enum sts_share)take(&rest, 3);
	c->exempted = (enum sts_share)take(&rest, 3);
	c->tripped = take(&rest, 2);
	s->dry_run = take(&rest, 2);
	s->percent = percents[take(&rest, 3)];
	s->unconfirmed = take(&rest, 2) ? STS_ACTION_TEMPFAIL : STS_ACTION_ACCEPT;
	return rest == 0;
}

static void
test_every_combination(void **state)
{
	struct sts_enforce_case c;
	struct sts_enforcement s;
	uint64_t n;

	(void)state;
	for (n = 0; combination(n, &c, &s); n++)
		check(&c, &s);
	assert_int_equal(n, 32 * 7 * 4 * 4 * 4 * 4 * 9 * 4 * 3 * 2);
}

/* Each setting alone, with all its values: it acts where it should, and nowhere else. */
static void
test_settings(void **state)
{
	static const enum sts_result results[] = { STS_RESULT_FAIL, STS_RESULT_SOFTFAIL };

	(void)state;
	for (unsigned which = 0; which < 5; which++) {
		for (unsigned a = 0; a < STS_ACTION_COUNT; a++) {
			struct sts_enforcement s = { .percent = 100, .confirm_ms = CONFIRM_S * 1000,
				.unconfirmed = STS_ACTION_TEMPFAIL };
			enum sts_action *const fields[] = { &s.sender_enforce, &s.sender_testing, &s.recipient_enforce,
				&s.recipient_testing, &s.downgrade };

			assert_false(sts_enforce_acts(&s));
			*fields[which] = (enum sts_action)a;
			assert_int_equal(sts_enforce_acts(&s), a != STS_ACTION_ACCEPT);
			for (unsigned i = 0; i < 8; i++) {
				const struct sts_enforce_case c = { .side = (enum sts_enforce_side)(i / 2 % 2), .judged = true,
					.domain = low_domain, .result = results[i % 2], .checked = NOW, .now = NOW,
					.downgrade = i / 4 };

				check(&c, &s);
			}
		}
	}
}

/* ---- what is never refused ---- */

/* A generator whose sequence is the same everywhere (xorshift64*). */
static uint64_t
draw(uint64_t *x)
{
	*x ^= *x >> 12;
	*x ^= *x << 25;
	*x ^= *x >> 27;
	return *x * 2685821657736338717u;
}

static unsigned
below(uint64_t *x, unsigned bound)
{
	return (unsigned)(draw(x) >> 33) % bound;
}

static void
random_case(uint64_t *x, struct sts_enforce_case *c, struct sts_enforcement *s)
{
	*s = (struct sts_enforcement){
		.sender_enforce = (enum sts_action)below(x, 4), .sender_testing = (enum sts_action)below(x, 4),
		.recipient_enforce = (enum sts_action)below(x, 4), .recipient_testing = (enum sts_action)below(x, 4),
		.downgrade = (enum sts_action)below(x, 4), .unconfirmed = below(x, 2) ? STS_ACTION_TEMPFAIL : STS_ACTION_ACCEPT,
		.confirm_ms = below(x, 100000000), .dry_run = below(x, 4) == 0, .percent = below(x, 101),
	};
	*c = (struct sts_enforce_case){
		.side = (enum sts_enforce_side)below(x, 2), .judged = below(x, 8) > 0, .null_sender = below(x, 4) == 0,
		.tls_unknown = below(x, 4) == 0, .domain = below(x, 2) ? low_domain : high_domain,
		.result = (enum sts_result)below(x, STS_RESULT_COUNT), .checked = NOW - (int64_t)below(x, 200000) + 1000,
		.downgrade = below(x, 2), .name_pending = below(x, 4) == 0, .rule = (enum sts_rule_outcome)below(x, 4),
		.rule_action = (enum sts_action)below(x, 4),
		.roles = (enum sts_share)below(x, 3), .exempted = (enum sts_share)below(x, 3), .tripped = below(x, 4) == 0,
		.now = NOW,
	};
}

/* Looks only at the input and at results that must not occur, not at how the decision is made. */
static const char *
broken_promise(const struct sts_enforce_case *c, const struct sts_enforcement *s, const struct sts_enforce_decision *d)
{
	bool refusal = d->action == STS_ACTION_TEMPFAIL || d->action == STS_ACTION_REJECT;
	bool by_rule = c->rule == STS_OUTCOME_VIOLATED;

	if (d->action > d->wanted)
		return "more is done than is wanted";
	if (d->wanted == STS_ACTION_ACCEPT)
		return NULL;
	if (!c->judged)
		return "an exempt client";
	if (c->tls_unknown)
		return "unknown TLS";
	if (c->result == STS_RESULT_TEMPERROR || c->result == STS_RESULT_PERMERROR || c->result == STS_RESULT_NEUTRAL)
		return "a policy that could not be found out";
	if (!by_rule && !c->downgrade && (c->result == STS_RESULT_PASS || c->result == STS_RESULT_NONE))
		return "nothing was wrong";
	if (c->null_sender && c->side == STS_SIDE_SENDER)
		return "the null sender";
	if (c->roles == STS_SHARE_ALL || (c->roles == STS_SHARE_SOME && refusal))
		return "postmaster";
	if (d->action == STS_ACTION_REJECT && !by_rule && !(c->downgrade && s->downgrade == STS_ACTION_REJECT) &&
	    (c->checked > c->now || c->now - c->checked > s->confirm_ms / 1000))
		return "an id that was not confirmed";
	if (d->action == STS_ACTION_REJECT && !by_rule && c->name_pending)
		return "a client whose name is pending";
	if (d->action != STS_ACTION_ACCEPT && (s->dry_run || c->tripped))
		return "something is done in a dry run";
	return NULL;
}

static void
test_never(void **state)
{
	uint64_t x = 0x9e3779b97f4a7c15u;
	size_t acted = 0;

	(void)state;
	for (size_t i = 0; i < RANDOM_CASES; i++) {
		struct sts_enforce_decision d;
		struct sts_enforce_case c;
		struct sts_enforcement s;
		const char *broken;
		char text[400];

		random_case(&x, &c, &s);
		sts_enforce_decide(&c, &s, &d);
		acted += d.action != STS_ACTION_ACCEPT;
		broken = broken_promise(&c, &s, &d);
		if (broken == NULL)
			continue;
		describe(&c, &s, text, sizeof(text));
		fail_msg("%s: %s, although %s", text, sts_action_name(d.action), broken);
	}
	/* The promise means something only if mail is refused at all. */
	assert_true(acted > RANDOM_CASES / 100);
}

/* ---- causes and waivers ---- */

static void
test_causes(void **state)
{
	static const struct {
		const char *name;
		struct sts_enforce_case c;
		bool dry_run;
		int64_t percent;
		const char *action, *wanted, *cause, *waiver;
	} rows[] = {
		{ "a policy", { .result = STS_RESULT_FAIL, .checked = NOW }, false, 100, "reject", "reject", "sender-policy",
		    "" },
		{ "testing", { .result = STS_RESULT_SOFTFAIL }, false, 100, "tempfail", "tempfail", "sender-policy", "" },
		{ "a recipient's", { .side = STS_SIDE_RECIPIENT, .result = STS_RESULT_SOFTFAIL }, false, 100, "quarantine",
		    "quarantine", "recipient-policy", "" },
		{ "a rule", { .result = STS_RESULT_NONE, .rule = STS_OUTCOME_VIOLATED, .rule_action = STS_ACTION_REJECT }, false, 0,
		    "reject", "reject", "sender-rule", "" },
		{ "a rule, policy pending", { .result = STS_RESULT_TEMPERROR, .rule = STS_OUTCOME_VIOLATED,
		    .rule_action = STS_ACTION_REJECT }, false, 100, "accept", "accept", "sender-rule", "unsure" },
		{ "a recipient's rule", { .side = STS_SIDE_RECIPIENT, .rule = STS_OUTCOME_VIOLATED,
		    .rule_action = STS_ACTION_TEMPFAIL, .exempted = STS_SHARE_ALL }, false, 100, "tempfail", "tempfail",
		    "recipient-rule", "" },
		{ "a rule that lets pass", { .result = STS_RESULT_FAIL, .checked = NOW, .rule = STS_OUTCOME_SATISFIED,
		    .downgrade = true }, false, 100, "accept", "accept", "", "" },
		{ "a downgrade", { .result = STS_RESULT_NONE, .downgrade = true }, false, 100, "tempfail", "tempfail",
		    "downgrade", "" },
		{ "a stronger policy", { .result = STS_RESULT_FAIL, .checked = NOW, .downgrade = true }, false, 100, "reject",
		    "reject", "sender-policy", "" },
		{ "unconfirmed", { .result = STS_RESULT_FAIL, .checked = NOW - CONFIRM_S - 1 }, false, 100, "tempfail",
		    "tempfail", "sender-policy", "unconfirmed" },
		{ "a name that is pending", { .result = STS_RESULT_FAIL, .checked = NOW, .name_pending = true }, false, 100,
		    "tempfail", "tempfail", "sender-policy", "name-pending" },
		{ "dry run", { .result = STS_RESULT_FAIL, .checked = NOW }, true, 100, "accept", "reject", "sender-policy",
		    "dry-run" },
		{ "share", { .result = STS_RESULT_FAIL, .checked = NOW }, false, 50, "accept", "reject", "sender-policy",
		    "percent" },
		{ "trip wire", { .result = STS_RESULT_FAIL, .checked = NOW, .tripped = true }, false, 100, "accept", "reject",
		    "sender-policy", "trip-wire" },
		{ "postmaster", { .result = STS_RESULT_FAIL, .checked = NOW, .roles = STS_SHARE_ALL }, true, 100, "accept",
		    "accept", "sender-policy", "role-account" },
		{ "an exempt recipient", { .result = STS_RESULT_FAIL, .checked = NOW, .exempted = STS_SHARE_SOME }, false, 100,
		    "accept", "accept", "sender-policy", "exempt-rule" },
		{ "the null sender", { .result = STS_RESULT_FAIL, .checked = NOW, .null_sender = true }, false, 100, "accept",
		    "accept", "sender-policy", "null-sender" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_enforce_case c = rows[i].c;
		struct sts_enforcement s = usual;
		struct sts_enforce_decision d;

		c.judged = true;
		c.now = NOW;
		c.domain = high_domain;
		s.dry_run = rows[i].dry_run;
		s.percent = rows[i].percent;
		sts_enforce_decide(&c, &s, &d);
		if (strcmp(sts_action_name(d.action), rows[i].action) != 0 ||
		    strcmp(sts_action_name(d.wanted), rows[i].wanted) != 0 ||
		    strcmp(sts_cause_name(d.cause), rows[i].cause) != 0 ||
		    strcmp(sts_waiver_name(d.waiver), rows[i].waiver) != 0)
			fail_msg("%s: got %s of %s, \"%s\", \"%s\"", rows[i].name, sts_action_name(d.action),
			    sts_action_name(d.wanted), sts_cause_name(d.cause), sts_waiver_name(d.waiver));
	}
}

static void
test_stronger(void **state)
{
	const struct sts_enforce_decision nothing = { .cause = STS_CAUSE_NONE };
	const struct sts_enforce_decision spared = { .cause = STS_CAUSE_SENDER_POLICY, .waiver = STS_WAIVER_ROLE };
	const struct sts_enforce_decision would = { .wanted = STS_ACTION_REJECT, .cause = STS_CAUSE_SENDER_POLICY };
	const struct sts_enforce_decision held = { .action = STS_ACTION_QUARANTINE, .wanted = STS_ACTION_QUARANTINE };
	const struct sts_enforce_decision *const order[] = { &nothing, &spared, &would, &held };

	(void)state;
	for (size_t a = 0; a < COUNT(order); a++) {
		for (size_t b = 0; b < COUNT(order); b++)
			assert_ptr_equal(sts_enforce_stronger(order[a], order[b]), order[a > b ? a : b]);
	}
	assert_int_equal(sts_share_of(0, 0), STS_SHARE_NONE);
	assert_int_equal(sts_share_of(0, 2), STS_SHARE_NONE);
	assert_int_equal(sts_share_of(1, 2), STS_SHARE_SOME);
	assert_int_equal(sts_share_of(2, 2), STS_SHARE_ALL);
}

/* Other nodes and later versions must get the same result: XXH64 of the empty name is ef46db3751d8e999, by its
 * specification. */
static void
test_share(void **state)
{
	static const struct {
		const char *domain;
		int64_t rank;
	} rows[] = { { low_domain, 2 }, { high_domain, 98 }, { "", 21 } };
	size_t within = 0;
	char domain[32];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int64_t percent = 0; percent <= 100; percent++) {
			if (sts_enforce_in_share(rows[i].domain, percent) != (percent > rows[i].rank))
				fail_msg("%s at %d", rows[i].domain, (int)percent);
		}
	}
	for (int i = 0; i < 10000; i++) {
		snprintf(domain, sizeof(domain), "d%d.example", i);
		within += sts_enforce_in_share(domain, 10);
	}
	assert_in_range(within, 900, 1100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_combination),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_stronger),
		cmocka_unit_test(test_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

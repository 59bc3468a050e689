/* SPDX-License-Identifier: ISC */
/* test_readiness_judge.c - what makes a domain ready, not ready, or unknown. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/readiness/readiness_judge.h"

enum { DAY = 86400 };
#define NOW (INT64_C(1795910400))	/* 2026-11-29 */

/* The facts of a domain that is ready; each test removes something. */
struct world {
	struct readiness_facts facts;
	struct check_facts check;
	struct findings found;
	struct summary reports;
	struct sts_policy policy;
	struct readiness verdict;
};

static void
put(struct world *w, const char *day, const char *name, int64_t n)
{
	assert_int_equal(summary_add(&w->reports, day, &(struct sts_report_field){ name, n, NULL }), STS_OK);
}

static int
begin(void **state)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	check_facts_init(&w.check, "example.org");
	findings_init(&w.found);
	w.policy.mode = STS_MODE_TESTING;
	w.check.policy = &w.policy;
	check_facts_add_cert(&w.check, "mx1.example.org", NOW - 30 * DAY, NOW + 60 * DAY);
	put(&w, "2026-11-10", "org:google.com", 1);
	put(&w, "2026-11-10", "org:google.com:sts:success", 15);
	put(&w, "2026-11-28", "org:google.com:sts:success", 15);
	put(&w, "2026-11-28", "org:microsoft.com:sts:success", 5);
	w.facts = (struct readiness_facts){ .domain = "example.org", .now = NOW, .days = 30, .check = &w.check, .found = &w.found,
		.reports = &w.reports, .messages = { 90, 10, 0, true } };
	*state = &w;
	return 0;
}

static int
end(void **state)
{
	struct world *w = *state;

	w->check.policy = NULL;
	findings_fini(&w->found);
	summary_fini(&w->reports);
	return 0;
}

static void
want(struct world *w, enum readiness_verdict verdict, enum readiness_weight weight, const char *id)
{
	bool seen = id == NULL;

	summary_sort(&w->reports);
	readiness_judge(&w->facts, &w->verdict);
	for (size_t i = 0; i < w->verdict.count; i++)
		seen = seen || (w->verdict.reasons[i].weight == weight && strcmp(w->verdict.reasons[i].id, id) == 0);
	if (w->verdict.verdict == verdict && seen)
		return;
	for (size_t i = 0; i < w->verdict.count; i++)
		print_message("%s %s: %s\n", readiness_weight_name(w->verdict.reasons[i].weight), w->verdict.reasons[i].id,
		    w->verdict.reasons[i].text);
	fail_msg("%s", readiness_verdict_name(w->verdict.verdict));
}

static void
test_ready(void **state)
{
	want(*state, READINESS_READY, READINESS_GOOD, "reports.sessions");
}

static void
test_check(void **state)
{
	struct world *w = *state;

	findings_add(&w->found, FINDING_WARN, "smtp.no-tls13", "mx1.example.org", "x", NULL);
	want(w, READINESS_READY, READINESS_GOOD, "check.passes");
	findings_set_unsure(&w->found);
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "check.unsure");
	findings_add(&w->found, FINDING_FAIL, "smtp.name", "mx1.example.org", "other.example\n\033[2J", "mend it");
	want(w, READINESS_NOT_READY, READINESS_BLOCKS, "check.fails");
	for (const char *s = w->verdict.reasons[0].text; *s != '\0'; s++)
		assert_true(*s >= ' ');
}

static void
test_offline(void **state)
{
	struct world *w = *state;

	w->facts.check = NULL;
	w->facts.found = NULL;
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "check.offline");
}

/* The remaining fraction counts, whatever the lifetime. */
static void
test_certificates(void **state)
{
	struct world *w = *state;

	w->check.certs[0] = (struct check_cert){ "mx1.example.org", NOW - 59 * DAY, NOW + 31 * DAY };
	want(w, READINESS_READY, READINESS_GOOD, "certificate.fresh");
	w->check.certs[0] = (struct check_cert){ "mx1.example.org", NOW - 61 * DAY, NOW + 29 * DAY };
	want(w, READINESS_NOT_READY, READINESS_BLOCKS, "certificate.renewal");
	w->check.certs[0] = (struct check_cert){ "mx1.example.org", NOW - 27 * DAY, NOW + 20 * DAY };
	want(w, READINESS_READY, READINESS_GOOD, "certificate.fresh");
	w->check.certs[0] = (struct check_cert){ "mx1.example.org", NOW - 4 * DAY, NOW + 2 * DAY };
	want(w, READINESS_READY, READINESS_GOOD, "certificate.fresh");
}

static void
test_failures(void **state)
{
	struct world *w = *state;

	put(w, "2026-11-15", "detail:sts:certificate-expired:-:mx1.example.org:google.com", 3);
	want(w, READINESS_READY, READINESS_NOTE, "reports.failures");
	put(w, "2026-11-28", "org:google.com:tlsa:failure", 4);
	put(w, "2026-11-28", "detail:tlsa:tlsa-invalid:-:mx1.example.org:google.com", 4);
	want(w, READINESS_READY, READINESS_NOTE, "reports.failures");
	put(w, "2026-11-28", "detail:sts:dane-required:-:-:google.com", 50);
	want(w, READINESS_READY, READINESS_NOTE, "reports.failures");
	put(w, "2026-11-26", "detail:sts:certificate-expired:-:mx1.example.org:google.com", 1);
	want(w, READINESS_NOT_READY, READINESS_BLOCKS, "reports.failures");
}

/* Failures whose cause is unclear block from one in a hundred sessions on. */
static void
test_doubtful_failures(void **state)
{
	struct world *w = *state;

	put(w, "2026-11-28", "org:google.com:sts:success", 165);
	put(w, "2026-11-28", "detail:sts:validation-failure:-:mx1.example.org:microsoft.com", 1);
	want(w, READINESS_READY, READINESS_NOTE, "reports.failures");
	put(w, "2026-11-28", "detail:sts:validation-failure:-:mx1.example.org:microsoft.com", 1);
	want(w, READINESS_NOT_READY, READINESS_BLOCKS, "reports.failures");
}

/* Failed sessions that a report gives no details of have failed all the same. */
static void
test_failures_without_details(void **state)
{
	struct world *w = *state;

	put(w, "2026-11-28", "org:google.com:sts:success", 165);
	put(w, "2026-11-15", "org:google.com:sts:failure", 20);
	want(w, READINESS_READY, READINESS_NOTE, "reports.unexplained");
	put(w, "2026-11-28", "org:google.com:sts:failure", 1);
	put(w, "2026-11-15", "detail:sts:certificate-expired:-:mx1.example.org:google.com", 20);
	want(w, READINESS_READY, READINESS_NOTE, "reports.unexplained");
	put(w, "2026-11-28", "org:google.com:sts:failure", 20);
	want(w, READINESS_NOT_READY, READINESS_BLOCKS, "reports.unexplained");
	put(w, "2026-11-28", "detail:sts:dane-required:-:-:mail.ru", 50);
	want(w, READINESS_NOT_READY, READINESS_BLOCKS, "reports.unexplained");
	put(w, "2026-11-28", "detail:sts:dane-required:-:-:google.com", 21);
	want(w, READINESS_READY, READINESS_NOTE, "reports.failures");
	for (size_t i = 0; i < w->verdict.count; i++)
		assert_string_not_equal(w->verdict.reasons[i].id, "reports.unexplained");
}

static void
test_no_sessions_are_no_evidence(void **state)
{
	struct world *w = *state;

	summary_fini(&w->reports);
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "reports.none");
	put(w, "2026-11-28", "org:google.com", 1);
	put(w, "2026-11-28", "org:google.com:none:success", 1000);
	put(w, "2026-11-28", "org:google.com:tlsa:success", 1000);
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "reports.none");
	for (size_t i = 0; i < w->verdict.count; i++)
		assert_null(strstr(w->verdict.reasons[i].text, "100%"));
}

static void
test_too_little(void **state)
{
	struct world *w = *state;

	summary_fini(&w->reports);
	put(w, "2026-11-20", "org:google.com:sts:success", 9);
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "reports.few");
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "reports.senders");
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "reports.span");
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "reports.old");
}

static void
test_modes(void **state)
{
	struct world *w = *state;

	w->policy.mode = STS_MODE_ENFORCE;
	want(w, READINESS_READY, READINESS_NOTE, "policy.enforce");
	w->policy.mode = STS_MODE_NONE;
	want(w, READINESS_NOT_ENOUGH, READINESS_MISSING, "policy.none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ready, begin, end),
		cmocka_unit_test_setup_teardown(test_check, begin, end),
		cmocka_unit_test_setup_teardown(test_offline, begin, end),
		cmocka_unit_test_setup_teardown(test_certificates, begin, end),
		cmocka_unit_test_setup_teardown(test_failures, begin, end),
		cmocka_unit_test_setup_teardown(test_doubtful_failures, begin, end),
		cmocka_unit_test_setup_teardown(test_failures_without_details, begin, end),
		cmocka_unit_test_setup_teardown(test_no_sessions_are_no_evidence, begin, end),
		cmocka_unit_test_setup_teardown(test_too_little, begin, end),
		cmocka_unit_test_setup_teardown(test_modes, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

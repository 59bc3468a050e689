/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/plan/plan.h"

enum { NOW = 1795525200 };	/* 2026-11-24 13:00:00 UTC */
#define ID "20261124T130000Z"
#define DAY 86400

static struct publish_domain
domain_of(enum sts_mode mode, const char *mx, int64_t days)
{
	return (struct publish_domain){ .name = "example.com", .mode = mode, .mx = (char *)(uintptr_t)mx,
		.max_age_ms = days * DAY * 1000, .rua = (char *)(uintptr_t)"" };
}

static struct publish_history
past_of(const char *text, const char *id)
{
	struct publish_history history = { .written = NOW - DAY, .longest_max_age_s = 7 * DAY };

	snprintf(history.text, sizeof(history.text), "%s", text);
	snprintf(history.id, sizeof(history.id), "%s", id);
	return history;
}

#define TESTING "version: STSv1\r\nmode: testing\r\nmx: mail.example.com\r\nmax_age: 604800\r\n"
#define ENFORCE "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n"
#define NONE "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"

/* The policy and its id, by what was asked for and what there was. Also guide_force_policy_refresh: the id is changed by the
 * tool, never by hand, and without a dash. */
static void
test_text_and_id(void **state)
{
	static const struct {
		const char *name;
		enum sts_mode mode;
		const char *mx;
		const char *dns[4];
		bool retire;
		const char *history, *past_id;
		const char *text;
		enum publish_change change;
		const char *id;
		bool strict_at_once;
	} rows[] = {
		{ "first", STS_MODE_TESTING, "mail.example.com", { NULL }, false, "", "", TESTING, PUBLISH_NEW, ID, false },
		{ "the same", STS_MODE_TESTING, "mail.example.com", { NULL }, false, TESTING, "a1", TESTING, PUBLISH_SAME, "a1",
		    false },
		{ "the same from DNS", STS_MODE_TESTING, "", { "MAIL.example.com", "mail.Example.com" }, false, TESTING, "a1",
		    TESTING, PUBLISH_SAME, "a1", false },
		{ "guide_force_policy_refresh", STS_MODE_ENFORCE, "mail.example.com", { NULL }, false, TESTING, "20250809",
		    ENFORCE, PUBLISH_CHANGED, ID, false },
		{ "twice in a second", STS_MODE_ENFORCE, "mail.example.com", { NULL }, false, TESTING, ID, ENFORCE,
		    PUBLISH_CHANGED, "20261124T130001Z", false },
		{ "after the clock was set back", STS_MODE_ENFORCE, "mail.example.com", { NULL }, false, TESTING,
		    "20261231T235959Z", ENFORCE, PUBLISH_CHANGED, "20270101T000000Z", false },
		{ "enforce at once", STS_MODE_ENFORCE, "mail.example.com", { NULL }, false, "", "", ENFORCE, PUBLISH_NEW, ID,
		    true },
		{ "enforce after none", STS_MODE_ENFORCE, "mail.example.com", { NULL }, false, NONE, "x", ENFORCE,
		    PUBLISH_CHANGED,
		    ID, true },
		{ "order of DNS", STS_MODE_TESTING, "", { "z.example", "a.example", "m.example" }, false, "", "",
		    "version: STSv1\r\nmode: testing\r\nmx: a.example\r\nmx: m.example\r\nmx: z.example\r\nmax_age: 604800\r\n",
		    PUBLISH_NEW, ID, false },
		{ "order of the file", STS_MODE_TESTING, "z.example *.a.example", { NULL }, false, "", "",
		    "version: STSv1\r\nmode: testing\r\nmx: z.example\r\nmx: *.a.example\r\nmax_age: 604800\r\n",
		    PUBLISH_NEW, ID, false },
		{ "the file beats DNS", STS_MODE_TESTING, "mail.example.com", { "other.example" }, false, "", "", TESTING,
		    PUBLISH_NEW, ID, false },
		{ "retire", STS_MODE_ENFORCE, "mail.example.com", { NULL }, true, ENFORCE, "e", NONE, PUBLISH_CHANGED, ID,
		    false },
		{ "retire again", STS_MODE_ENFORCE, "mail.example.com", { NULL }, true, NONE, "n", NONE, PUBLISH_SAME, "n",
		    false },
		{ "no mail exchanger", STS_MODE_TESTING, "", { NULL }, false, "", "", NULL, PUBLISH_NEW, "", false },
		{ "a bad name", STS_MODE_TESTING, "", { "a_b.example" }, false, "", "", NULL, PUBLISH_NEW, "", false },
		{ "a line break", STS_MODE_TESTING, "", { "a.example\r\nmode: none" }, false, "", "", NULL, PUBLISH_NEW, "",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct publish_domain domain = domain_of(rows[i].mode, rows[i].mx, 7);
		const struct publish_history history = rows[i].history[0] == '\0' ? (struct publish_history){ .written = 0 } :
		    past_of(rows[i].history, rows[i].past_id);
		struct publish_intent intent = { .domain = &domain, .mx = rows[i].dns, .history = &history, .now = NOW,
			.retire = rows[i].retire };
		struct publish_plan plan;
		struct sts_diag diag;
		enum sts_status status;

		sts_diag_init(&diag);
		while (rows[i].dns[intent.mx_count] != NULL)
			intent.mx_count++;
		status = publish_plan_make(&intent, &plan, &diag);
		if (rows[i].text == NULL) {
			if (status != STS_EINVAL || diag.error.text[0] == '\0')
				fail_msg("%s: status %d", rows[i].name, (int)status);
			continue;
		}
		if (status != STS_OK || strcmp(plan.next.text, rows[i].text) != 0)
			fail_msg("%s: status %d, %s", rows[i].name, (int)status, plan.next.text);
		if (plan.change != rows[i].change || strcmp(plan.next.id, rows[i].id) != 0 ||
		    plan.strict_at_once != rows[i].strict_at_once)
			fail_msg("%s: change %d, id %s", rows[i].name, (int)plan.change, plan.next.id);
	}
}

/* A value that the spec's parser would refuse is not published either. */
static void
test_bad_report_address(void **state)
{
	struct publish_domain domain = domain_of(STS_MODE_TESTING, "mail.example.com", 7);
	const struct publish_history history = { .written = 0 };
	const struct publish_intent intent = { .domain = &domain, .history = &history, .now = NOW };
	struct publish_plan plan;
	char good[] = "mailto:a@example.com https://r.example/x", foreign[] = "mailto:a@example.com ftp://r.example";

	(void)state;
	domain.rua = good;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	domain.rua = foreign;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_EINVAL);
}

/* A policy that is written but not verified may have been fetched already, so going back is a change, too. */
static void
test_back_again_is_a_change(void **state)
{
	const struct publish_domain testing = domain_of(STS_MODE_TESTING, "mail.example.com", 7);
	const struct publish_domain enforce = domain_of(STS_MODE_ENFORCE, "mail.example.com", 7);
	struct publish_history history = past_of(TESTING, "first");
	struct publish_intent intent = { .domain = &enforce, .history = &history, .now = NOW };
	struct publish_plan plan;

	(void)state;
	history.released = NOW - DAY;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	assert_int_equal(plan.next.released, 0);
	history = plan.next;
	intent.domain = &testing;
	intent.now = NOW + 60;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	assert_int_equal(plan.change, PUBLISH_CHANGED);
	assert_string_equal(plan.next.id, "20261124T130100Z");
	assert_string_equal(plan.next.text, TESTING);
}

static void
test_too_many_mail_exchangers(void **state)
{
	const struct publish_domain domain = domain_of(STS_MODE_TESTING, "", 7);
	const struct publish_history history = { .written = 0 };
	const char *hosts[PUBLISH_MX_MAX + 1];
	char names[PUBLISH_MX_MAX + 1][20];
	struct publish_intent intent = { .domain = &domain, .mx = hosts, .mx_count = PUBLISH_MX_MAX, .history = &history, .now = NOW };
	struct publish_plan plan;

	(void)state;
	for (size_t i = 0; i <= PUBLISH_MX_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "m%zu.example", i);
		hosts[i] = names[i];
	}
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	assert_int_equal(plan.mx_count, PUBLISH_MX_MAX);
	intent.mx_count++;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_EINVAL);
}

/* RFC 8461 section 8.3: the wait lasts for the longest max_age of all policies, not for that of the last one. */
static void
test_way_out(void **state)
{
	struct publish_domain domain = domain_of(STS_MODE_TESTING, "mail.example.com", 60);
	struct publish_history history = { .written = 0 };
	struct publish_intent intent = { .domain = &domain, .history = &history, .now = NOW };
	struct publish_plan plan;
	int64_t when;

	(void)state;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	history = plan.next;
	assert_int_equal(history.longest_max_age_s, 60 * DAY);
	domain.max_age_ms = 7 * DAY * 1000LL;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	history = plan.next;
	history.released = NOW;
	assert_int_equal(history.longest_max_age_s, 60 * DAY);
	assert_int_equal(publish_retirement(&history, NOW, &when), PUBLISH_STAYS);
	intent.retire = true;
	intent.now = NOW + 10;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	history = plan.next;
	assert_int_equal(history.retired, NOW + 10);
	assert_int_equal(history.longest_max_age_s, 60 * DAY);
	assert_int_equal(publish_retirement(&history, NOW + 100 * DAY, &when), PUBLISH_UNSEEN);
	history.released = NOW + 20;
	assert_int_equal(publish_retirement(&history, NOW + 20, &when), PUBLISH_WAITING);
	assert_int_equal(when, NOW + 20 + 60 * DAY);
	assert_int_equal(publish_retirement(&history, when - 1, &when), PUBLISH_WAITING);
	assert_int_equal(publish_retirement(&history, when, &when), PUBLISH_GONE);
	intent.now = NOW + 30;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	assert_int_equal(plan.next.retired, NOW + 10);
	assert_int_equal(plan.next.released, NOW + 20);
	intent.retire = false;
	assert_int_equal(publish_plan_make(&intent, &plan, NULL), STS_OK);
	assert_int_equal(plan.next.retired, 0);
}

static void
test_gate(void **state)
{
	static const struct {
		enum sts_mode mode;
		size_t failures;
		bool unsure, force;
		enum publish_gate gate;
	} rows[] = {
		{ STS_MODE_ENFORCE, 0, false, false, PUBLISH_OPEN },
		{ STS_MODE_ENFORCE, 0, false, true, PUBLISH_OPEN },
		{ STS_MODE_ENFORCE, 1, false, false, PUBLISH_REFUSED },
		{ STS_MODE_ENFORCE, 1, true, false, PUBLISH_REFUSED },
		{ STS_MODE_ENFORCE, 1, false, true, PUBLISH_FORCED },
		{ STS_MODE_ENFORCE, 0, true, false, PUBLISH_UNSURE },
		{ STS_MODE_ENFORCE, 0, true, true, PUBLISH_FORCED },
		{ STS_MODE_TESTING, 9, true, false, PUBLISH_OPEN },
		{ STS_MODE_NONE, 9, true, false, PUBLISH_OPEN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (publish_gate(rows[i].mode, rows[i].failures, rows[i].unsure, rows[i].force) != rows[i].gate)
			fail_msg("row %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_and_id),
		cmocka_unit_test(test_bad_report_address),
		cmocka_unit_test(test_back_again_is_a_change),
		cmocka_unit_test(test_too_many_mail_exchangers),
		cmocka_unit_test(test_way_out),
		cmocka_unit_test(test_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

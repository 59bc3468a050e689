/* SPDX-License-Identifier: ISC */
/* test_outbound_starved.c - send rules and events of Postfix while memory fails. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/send_rules.h"
#include "shared-cache/outbound/sent_event.h"
#include "tests/fake/starve.h"

static void
no_mistake(void *arg, unsigned line, const char *text)
{
	(void)arg;
	fail_msg("line %u: %s", line, text);
}

static enum sts_status
parse_rules(void *arg)
{
	const char *text = arg;
	struct sts_send_rules *rules;
	enum sts_status status = sts_send_rules_parse(text, strlen(text), no_mistake, NULL, &rules);

	assert_int_equal(rules == NULL, status != STS_OK);
	if (rules != NULL) {
		assert_non_null(sts_send_rules_find(rules, "d1.example"));
		assert_null(sts_send_rules_find(rules, "d.example"));
	}
	sts_send_rules_free(&rules);
	return status;
}

/* More rules than the initial hash table. */
static void
test_rules(void **state)
{
	enum { LINES = 400 };
	static char text[LINES * 60];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < LINES; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "send:d%d.example tls=secure match=mx%d.example\n", i, i);
	assert_true(starve(STARVE_ALL, parse_rules, text) > LINES);
}

/* jansson's own allocations do not fail here: see starve.h. */
static enum sts_status
parse_event(void *arg)
{
	const char *text = arg;
	struct sts_sent_event *event;
	enum sts_sent_fault fault = sts_sent_event_parse(text, strlen(text), &event);

	assert_int_equal(event == NULL, fault != STS_SENT_OK);
	sts_sent_event_free(&event);
	return fault == STS_SENT_NO_MEMORY ? STS_ENOMEM : fault == STS_SENT_OK ? STS_OK : STS_EINVAL;
}

static void
test_events(void **state)
{
	static char text[] = "{\"d\":\"a.example\",\"policies\":[{\"policy-type\":9,\"f\":0}]}";

	(void)state;
	assert_int_equal(starve(STARVE_OWN, parse_event, text), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_events),
	};

	if (!starve_can())
		return 77;	/* skipped */
	return cmocka_run_group_tests_name("outbound_starved", tests, NULL, NULL);
}

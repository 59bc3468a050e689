/* SPDX-License-Identifier: ISC */
/* test_recheck_queue.c - domains come out once, when they are due. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/outbound/recheck_queue.h"

enum { INTERVAL = 300 };

static void
takes(struct sts_recheck_queue *r, int64_t now, const char *want)
{
	char domain[STS_DOMAIN_CAP] = "";
	bool took = sts_recheck_queue_take(r, now, INTERVAL, domain);

	if (took != (want != NULL) || (took && strcmp(domain, want) != 0))
		fail_msg("at %d: got \"%s\", want %s", (int)now, domain, want != NULL ? want : "nothing");
}

static void
test_order(void **state)
{
	struct sts_recheck_queue *r;

	(void)state;
	assert_int_equal(sts_recheck_queue_new(3, &r), STS_OK);
	takes(r, 100, NULL);
	sts_recheck_queue_add(r, "late.example", 390, 100);
	sts_recheck_queue_add(r, "soon.example", 101, 100);
	sts_recheck_queue_add(r, "soon.example", 300, 100);	/* in the queue already */
	sts_recheck_queue_add(r, "past.example", 50, 100);
	sts_recheck_queue_add(r, "full.example", 100, 100);
	assert_int_equal(sts_recheck_queue_count(r), 3);
	takes(r, 100, "past.example");
	takes(r, 100, NULL);
	takes(r, 105, "soon.example");
	takes(r, 389, NULL);
	takes(r, 390, "late.example");
	takes(r, 399, NULL);
	takes(r, 400, "past.example");	/* one interval later */
	takes(r, 405, "soon.example");
	takes(r, 405, NULL);
	assert_int_equal(sts_recheck_queue_count(r), 3);
	sts_recheck_queue_free(&r);
}

/* Domains that are not served any more leave the queue. */
static void
test_window(void **state)
{
	struct sts_recheck_queue *r;
	unsigned times = 0;
	char domain[STS_DOMAIN_CAP];

	(void)state;
	assert_int_equal(sts_recheck_queue_new(3, &r), STS_OK);
	sts_recheck_queue_add(r, "once.example", 1000, 1000);
	for (int64_t now = 1000; now < 20000; now++)
		times += sts_recheck_queue_take(r, now, INTERVAL, domain);
	assert_int_equal(times, STS_RECHECK_WINDOW_S / INTERVAL + 1);
	assert_int_equal(sts_recheck_queue_count(r), 0);
	sts_recheck_queue_free(&r);
}

/* Due more than one turn of the wheel ahead, and after a jump of the clock. */
static void
test_rounds(void **state)
{
	struct sts_recheck_queue *r;
	char domain[STS_DOMAIN_CAP];

	(void)state;
	assert_int_equal(sts_recheck_queue_new(10, &r), STS_OK);
	sts_recheck_queue_add(r, "day.example", 86400 + 7, 7);
	sts_recheck_queue_add(r, "hour.example", 3600 + 7, 7);
	for (int64_t now = 7; now < 3607; now += 61)
		takes(r, now, NULL);
	takes(r, 3607, "hour.example");
	takes(r, 3608, NULL);
	/* both, in no particular order */
	assert_true(sts_recheck_queue_take(r, 1000000, INTERVAL, domain));
	assert_true(sts_recheck_queue_take(r, 1000000, INTERVAL, domain));
	takes(r, 1000000, NULL);
	sts_recheck_queue_add(r, "left.example", 1, 1000000);
	sts_recheck_queue_free(&r);
	assert_null(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order), cmocka_unit_test(test_window), cmocka_unit_test(test_rounds) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

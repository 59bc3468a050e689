/* SPDX-License-Identifier: ISC */
/* txt.c - each kind of answer to a TXT question yields the right outcome. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "tests/net/jobs.h"

struct txt_row {
	const char *name;
	enum servers servers;
	const char *question;
	enum sts_dns_outcome want;
	size_t count, bytes;
	const char *text;	/* of the last record */
	uint32_t ttl;
};

static const struct txt_row txt_rows[] = {
	{ "one record", DNS, "_mta-sts.one.test", STS_DNS_OK, 1, 14, "v=STSv1; id=1;", 0 },
	{ "three strings", DNS, "_mta-sts.strings.test", STS_DNS_OK, 1, 14, "v=STSv1; id=1;", 0 },
	{ "two records", DNS, "_mta-sts.two.test", STS_DNS_OK, 2, 23, NULL, 0 },
	{ "any bytes", DNS, "_mta-sts.bytes.test", STS_DNS_OK, 1, 6, "a", 0 },
	{ "empty string", DNS, "_mta-sts.empty.test", STS_DNS_OK, 1, 0, "", 0 },
	{ "alias", DNS, "_mta-sts.alias.test", STS_DNS_OK, 1, 14, "v=STSv1; id=1;", 0 },
	{ "over TCP", DNS, "_mta-sts.large.test", STS_DNS_OK, 40, 40 * 94, NULL, 0 },
	{ "any case", DNS, "_MTA-STS.One.TEST", STS_DNS_OK, 1, 14, "v=STSv1; id=1;", 0 },
	{ "too many records", DNS, "_mta-sts.crowd.test", STS_DNS_FAILURE, 0, 0, "", 0 },
	{ "no such name", DNS, "_mta-sts.nothing.test", STS_DNS_NODATA, 0, 0, "", NEGATIVE_TTL },
	{ "no such record", DNS, "mta-sts.ok.test", STS_DNS_NODATA, 0, 0, "", NEGATIVE_TTL },
	{ "dangling alias", DNS, "_mta-sts.dangling.test", STS_DNS_NODATA, 0, 0, "", NEGATIVE_TTL },
	{ "longest name", DNS, "_mta-sts." LABEL63 "." LABEL63 "." LABEL63 "." LABEL47 ".test", STS_DNS_OK, 1, 14, NULL, 0 },
	{ "name too long", DNS, "_mta-sts." LABEL63 "." LABEL63 "." LABEL63 "." LABEL47 "b.test", STS_DNS_NODATA, 0, 0, "", 0 },
	{ "label too long", DNS, "_mta-sts.a" LABEL63 ".test", STS_DNS_NODATA, 0, 0, "", 0 },
	{ "empty label", DNS, "_mta-sts..test", STS_DNS_NODATA, 0, 0, "", 0 },
	{ "SERVFAIL", DNS, "_mta-sts.servfail.test", STS_DNS_FAILURE, 0, 0, "", 0 },
	{ "alias that the server does not follow", DNS, "_mta-sts.astray.test", STS_DNS_NODATA, 0, 0, "", 0 },
	{ "REFUSED", DNS, "_mta-sts.example.com", STS_DNS_FAILURE, 0, 0, "", 0 },
	{ "malformed", QUIRKS, "malformed.test", STS_DNS_FAILURE, 0, 0, "", 0 },
	{ "nobody there", CLOSED, "_mta-sts.one.test", STS_DNS_FAILURE, 0, 0, "", 0 },
	{ "nobody at the first server", CLOSED_DNS, "_mta-sts.one.test", STS_DNS_OK, 1, 14, "v=STSv1; id=1;", 0 },
	{ "first server refuses", QUIRKS_DNS, "_mta-sts.one.test", STS_DNS_OK, 1, 14, "v=STSv1; id=1;", 0 },
	{ "both servers refuse", QUIRKS_DNS, "_mta-sts.servfail.test", STS_DNS_FAILURE, 0, 0, "", 0 },
	{ "first server silent", HOLE_DNS, "_mta-sts.one.test", STS_DNS_OK, 1, 14, "v=STSv1; id=1;", 0 },
	{ "no such name, first server silent", HOLE_DNS, "_mta-sts.nothing.test", STS_DNS_NODATA, 0, 0, "", NEGATIVE_TTL },
	{ "answer to the third try", QUIRKS, "slow.test", STS_DNS_OK, 1, 4, "late", 0 },
};

static void
check_txt(const struct txt_row *row, const struct job *job)
{
	check_call(row->name, job);
	if (job->outcome != row->want || job->count != row->count || job->bytes != row->bytes || job->ttl != row->ttl)
		fail_msg("%s: got outcome %d, %zu records, %zu bytes, ttl %u, want %d, %zu, %zu, %u", row->name,
		    (int)job->outcome, job->count, job->bytes, job->ttl, (int)row->want, row->count, row->bytes, row->ttl);
	if (row->text != NULL && strcmp(job->text, row->text) != 0)
		fail_msg("%s: got '%s', want '%s'", row->name, job->text, row->text);
}

void
txt_answers(void **state)
{
	static struct job jobs[COUNT(txt_rows)];

	(void)state;
	memset(jobs, 0, sizeof(jobs));
	for (size_t i = 0; i < COUNT(txt_rows); i++) {
		/* a silent server costs a quarter of the budget */
		struct sts_net_loop *loop = new_loop(txt_rows[i].servers, 4000, PLENTY_MS, true);

		start_txt(loop, txt_rows[i].question, &jobs[i]);
		run_all(loop, &jobs[i], 1);
		sts_net_loop_free(&loop);
		check_txt(&txt_rows[i], &jobs[i]);
	}
}

void
txt_all_at_once(void **state)
{
	static struct job jobs[COUNT(txt_rows)];
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);

	(void)state;
	memset(jobs, 0, sizeof(jobs));
	for (size_t i = 0; i < COUNT(txt_rows); i++) {
		if (txt_rows[i].servers == DNS)
			start_txt(loop, txt_rows[i].question, &jobs[i]);
		else
			jobs[i].calls = 1;
	}
	run_all(loop, jobs, COUNT(jobs));
	for (size_t i = 0; i < COUNT(txt_rows); i++) {
		if (txt_rows[i].servers == DNS)
			check_txt(&txt_rows[i], &jobs[i]);
	}
	sts_net_loop_free(&loop);
}

/* A CNAME loop is no answer; servers report it differently. */
void
txt_circle(void **state)
{
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);
	struct job job = { .calls = 0 };

	(void)state;
	start_txt(loop, "_mta-sts.circle.test", &job);
	run_all(loop, &job, 1);
	check_call("circle", &job);
	assert_true(job.outcome == STS_DNS_FAILURE || job.outcome == STS_DNS_NODATA);
	assert_int_equal(job.count, 0);
	sts_net_loop_free(&loop);
}

static const struct {
	const char *name;
	enum servers servers;
	const char *question;
} txt_timeouts[] = {
	{ "black hole", HOLE, "_mta-sts.one.test" },
	{ "silent over TCP", QUIRKS, "truncated.test" },
	{ "answers to another question", QUIRKS, "notforme.test" },
};

void
txt_time_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(txt_timeouts); i++) {
		struct sts_net_loop *loop = new_loop(txt_timeouts[i].servers, SHORT_MS, PLENTY_MS, true);
		int64_t start = sts_clock_mono_ms(), took;
		struct job job = { .calls = 0 };

		start_txt(loop, txt_timeouts[i].question, &job);
		run_all(loop, &job, 1);
		took = sts_clock_mono_ms() - start;
		check_call(txt_timeouts[i].name, &job);
		if (job.outcome != STS_DNS_TIMEOUT || took < SHORT_MS)
			fail_msg("%s: got outcome %d after %d ms", txt_timeouts[i].name, (int)job.outcome, (int)took);
		sts_net_loop_free(&loop);
	}
}

/* The caller's deadline applies if it is the earlier one, even if it has passed; a late answer is dropped. */
void
txt_deadline(void **state)
{
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);
	const struct sts_net *net = sts_net_loop_net(loop);
	struct job past = { .calls = 0 }, after = { .calls = 0 };

	(void)state;
	net->txt(net->self, "_mta-sts.one.test", sts_clock_mono_ms() - 1, on_txt, &past);
	assert_int_equal(past.calls, 0);
	usleep(50000);		/* the answer has arrived when the deadline is checked: either may be handled first */
	run_all(loop, &past, 1);
	start_txt(loop, "_mta-sts.two.test", &after);
	run_all(loop, &after, 1);
	assert_int_equal(past.calls, 1);
	assert_true(past.outcome == STS_DNS_TIMEOUT || past.outcome == STS_DNS_OK);
	assert_int_equal(after.calls, 1);
	assert_int_equal(after.outcome, STS_DNS_OK);
	sts_net_loop_free(&loop);
}

void
txt_from_callback(void **state)
{
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);
	struct job job = { .again_on = loop };
	int64_t deadline = sts_clock_mono_ms() + PLENTY_MS;

	(void)state;
	start_txt(loop, "_mta-sts..test", &job);
	while (job.calls < 2 && sts_clock_mono_ms() < deadline)
		sts_net_loop_run_once(loop, 1000);
	assert_int_equal(job.calls, 2);
	assert_false(job.came_early);
	assert_int_equal(job.outcome, STS_DNS_OK);
	sts_net_loop_free(&loop);
}

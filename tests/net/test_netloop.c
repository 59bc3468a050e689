/* SPDX-License-Identifier: ISC */
/*
 * test_netloop.c - the real network half against real servers on loopback (servers.py): each kind of DNS answer and each
 * kind of broken policy host gets the reason it should.
 *
 * Rows that must succeed run under limits that a slow machine does not reach; rows that must time out run under short ones.
 * STS_NET_SERVERS in the environment is the path of servers.py. Exit 77 when a server program is not installed.
 */
#include "config.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/network/https.h"
#include "shared-cache/network/net_loop.h"
#include "tests/net/world.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define POLICY "version: STSv1\r\nmode: enforce\r\nmx: mail.example.test\r\nmax_age: 86400\r\n"

enum { PLENTY_MS = 60000, SHORT_MS = 600, NEGATIVE_TTL = 77 };

static struct world world;

/* ---- loops ---- */

enum servers { DNS, HOLE, QUIRKS, CLOSED, QUIRKS_DNS, HOLE_DNS, CLOSED_DNS };

static void
list_servers(enum servers servers, char *out, size_t cap)
{
	static const char one[] = "127.0.0.1:%u", two[] = "127.0.0.1:%u,127.0.0.1:%u";

	switch (servers) {
	case DNS:
		snprintf(out, cap, one, world.dns);
		break;
	case HOLE:
		snprintf(out, cap, one, world.hole);
		break;
	case QUIRKS:
		snprintf(out, cap, one, world.quirks);
		break;
	case CLOSED:		/* the policy hosts' port, where nobody listens for UDP */
		snprintf(out, cap, one, world.https);
		break;
	case QUIRKS_DNS:
		snprintf(out, cap, two, world.quirks, world.dns);
		break;
	case HOLE_DNS:
		snprintf(out, cap, two, world.hole, world.dns);
		break;
	case CLOSED_DNS:
		snprintf(out, cap, two, world.https, world.dns);
		break;
	}
}

static struct sts_net_loop *
new_loop(enum servers servers, int64_t dns_ms, int64_t fetch_ms, bool allow_private)
{
	char list[64];
	const struct sts_net_loop_params params = { .dns_servers = list, .ca_file = world.ca, .dns_timeout_ms = dns_ms,
		.fetch_timeout_ms = fetch_ms, .policy_port = (uint16_t)world.https,
		.allow_private_addresses = allow_private };
	struct sts_net_loop *loop;

	list_servers(servers, list, sizeof(list));
	assert_int_equal(sts_net_loop_new(&params, &loop), STS_OK);
	return loop;
}

/* One question or fetch under way. */
struct job {
	bool in_call;		/* a callback now would come from inside the call */
	bool came_early;
	unsigned calls;
	enum sts_dns_outcome outcome;
	size_t count;
	size_t bytes;
	char text[512];		/* of the last record; of a fetch the detail */
	uint32_t ttl;
	enum sts_reason reason;
	size_t len;
	char body[256];
	struct sts_net_loop *again_on;	/* asks once more from inside the callback */
};

static void start_txt(struct sts_net_loop *loop, const char *name, struct job *job);

static void
on_txt(void *arg, const struct sts_txt_answer *answer)
{
	struct job *job = arg;
	struct sts_net_loop *loop = job->again_on;

	job->came_early |= job->in_call;
	job->calls++;
	job->outcome = answer->outcome;
	job->count = answer->count;
	job->ttl = answer->negative_ttl_s;
	job->bytes = 0;
	for (size_t i = 0; i < answer->count; i++) {
		job->bytes += answer->rrset[i].len;
		snprintf(job->text, sizeof(job->text), "%.*s", (int)answer->rrset[i].len, answer->rrset[i].data);
	}
	job->again_on = NULL;
	if (loop != NULL)
		start_txt(loop, "_mta-sts.one.test", job);
}

static void
on_fetch(void *arg, const struct sts_fetch_answer *answer)
{
	struct job *job = arg;

	job->came_early |= job->in_call;
	job->calls++;
	job->reason = answer->reason;
	job->len = answer->len;
	snprintf(job->text, sizeof(job->text), "%s", answer->detail);
	snprintf(job->body, sizeof(job->body), "%.*s", (int)answer->len, answer->body);
}

static void
start_txt(struct sts_net_loop *loop, const char *name, struct job *job)
{
	const struct sts_net *net = sts_net_loop_net(loop);

	job->in_call = true;
	net->txt(net->self, name, sts_clock_mono_ms() + PLENTY_MS, on_txt, job);
	job->in_call = false;
}

static void
start_fetch(struct sts_net_loop *loop, const char *domain, struct job *job)
{
	const struct sts_net *net = sts_net_loop_net(loop);

	job->in_call = true;
	net->fetch(net->self, domain, sts_clock_mono_ms() + PLENTY_MS, on_fetch, job);
	job->in_call = false;
}

static void
run_all(struct sts_net_loop *loop, const struct job *jobs, size_t count)
{
	int64_t deadline = sts_clock_mono_ms() + PLENTY_MS;
	size_t done = 0;

	while (done < count && sts_clock_mono_ms() < deadline) {
		sts_net_loop_run_once(loop, 1000);
		for (done = 0; done < count && jobs[done].calls > 0; done++)
			continue;
	}
}

static void
check_call(const char *name, const struct job *job)
{
	if (job->calls != 1)
		fail_msg("%s: %u callbacks", name, job->calls);
	if (job->came_early)
		fail_msg("%s: the callback came from inside the call", name);
}

/* ---- TXT ---- */

#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LABEL47 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

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

static void
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

static void
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

/* A CNAME loop is no answer; servers differ in how they say so. */
static void
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

static void
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

/* The caller's deadline counts when it is the nearer one, also when it has passed; the late answer is dropped. */
static void
txt_deadline(void **state)
{
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);
	const struct sts_net *net = sts_net_loop_net(loop);
	struct job past = { .calls = 0 }, after = { .calls = 0 };

	(void)state;
	net->txt(net->self, "_mta-sts.one.test", sts_clock_mono_ms() - 1, on_txt, &past);
	assert_int_equal(past.calls, 0);
	usleep(50000);		/* so that the answer is there when the deadline is looked at: either order must do */
	run_all(loop, &past, 1);
	start_txt(loop, "_mta-sts.two.test", &after);
	run_all(loop, &after, 1);
	assert_int_equal(past.calls, 1);
	assert_true(past.outcome == STS_DNS_TIMEOUT || past.outcome == STS_DNS_OK);
	assert_int_equal(after.calls, 1);
	assert_int_equal(after.outcome, STS_DNS_OK);
	sts_net_loop_free(&loop);
}

static void
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

/* ---- fetches ---- */

struct fetch_row {
	const char *domain;
	enum sts_reason want;
	const char *detail;	/* is in the detail; NULL: any */
};

static const struct fetch_row fetch_rows[] = {
	{ "ok.test", STS_REASON_NONE, NULL },
	{ "ok-parameters.test", STS_REASON_NONE, NULL },
	{ "ok-hints.test", STS_REASON_NONE, NULL },
	{ "ok-identity.test", STS_REASON_NONE, NULL },
	{ "ok-chunked.test", STS_REASON_NONE, NULL },
	{ "ok-largest.test", STS_REASON_NONE, NULL },
	{ "ok-until-close.test", STS_REASON_NONE, NULL },
	{ "ok-empty.test", STS_REASON_NONE, NULL },
	{ "ok6.test", STS_REASON_NONE, NULL },
	{ "alias.test", STS_REASON_NONE, NULL },
	{ "dead-first.test", STS_REASON_NONE, NULL },
	{ "crowd.test", STS_REASON_FETCH_CONNECT, NULL },	/* 39 addresses, nobody there */
	{ "redirect.test", STS_REASON_FETCH_STATUS, "status 301 to https://mta-sts.ok.test/.well-known/mta-sts.txt" },
	{ "redirect307.test", STS_REASON_FETCH_STATUS, "status 307 to /" },
	{ "status404.test", STS_REASON_FETCH_STATUS, "status 404" },
	{ "status404-huge.test", STS_REASON_FETCH_STATUS, "status 404" },
	{ "status500.test", STS_REASON_FETCH_STATUS, "status 500" },
	{ "status204.test", STS_REASON_FETCH_STATUS, "status 204" },
	{ "status206.test", STS_REASON_FETCH_STATUS, "status 206" },
	{ "status101.test", STS_REASON_FETCH_STATUS, "status 101" },
	{ "not-http.test", STS_REASON_FETCH_STATUS, NULL },
	{ "http2-only.test", STS_REASON_FETCH_STATUS, NULL },
	{ "type-html.test", STS_REASON_FETCH_TYPE, "Content-Type is text/html;\\x20charset\\x3dutf-8" },
	{ "type-longer.test", STS_REASON_FETCH_TYPE, "text/plainer" },
	{ "type-list.test", STS_REASON_FETCH_TYPE, "text/plain,\\x20text/html" },
	{ "type-hostile.test", STS_REASON_FETCH_TYPE, "Content-Type is x\\x1b[31m\\xff\\x22\\x3d;\\x20y" },
	{ "type-missing.test", STS_REASON_FETCH_TYPE, "no Content-Type" },
	{ "type-twice.test", STS_REASON_FETCH_TYPE, "Content-Type is text/html" },
	{ "type-html-huge.test", STS_REASON_FETCH_TYPE, "Content-Type is text/html" },
	{ "gzip.test", STS_REASON_FETCH_TYPE, "Content-Encoding is gzip" },
	{ "size-declared.test", STS_REASON_FETCH_SIZE, "Content-Length is 65537" },
	{ "size-chunked.test", STS_REASON_FETCH_SIZE, "body beyond 65536 bytes" },
	{ "size-until-close.test", STS_REASON_FETCH_SIZE, "body beyond 65536 bytes" },
	{ "size-claimed.test", STS_REASON_FETCH_SIZE, "Content-Length is 1000000000000" },
	{ "size-header.test", STS_REASON_FETCH_SIZE, "header beyond 65536 bytes" },
	{ "size-hints.test", STS_REASON_FETCH_SIZE, "header beyond 65536 bytes" },
	{ "partial.test", STS_REASON_FETCH_CONNECT, NULL },
	{ "no-reply.test", STS_REASON_FETCH_CONNECT, "Empty reply" },
	{ "half-header.test", STS_REASON_FETCH_CONNECT, "within the header" },
	{ "cut.test", STS_REASON_FETCH_CONNECT, NULL },	/* found out by us, or by a newer OpenSSL in its own words */
	{ "reset.test", STS_REASON_FETCH_CONNECT, NULL },
	{ "refused.test", STS_REASON_FETCH_CONNECT, NULL },
	{ "nothing.test", STS_REASON_FETCH_CONNECT, "the policy host has no address" },
	{ "servfail.test", STS_REASON_FETCH_CONNECT, "SERVFAIL" },
	{ "example.com", STS_REASON_FETCH_CONNECT, "REFUSED" },
	{ LABEL63 "." LABEL63 "." LABEL63 "." LABEL47 "bbbbbb.test", STS_REASON_FETCH_CONNECT, "no address" },
	{ "wrong-host.test", STS_REASON_FETCH_TLS, "mismatch" },
	{ "cn-only.test", STS_REASON_FETCH_TLS, "mismatch" },
	{ "partial-wildcard.test", STS_REASON_FETCH_TLS, "mismatch" },
	{ "deep-wildcard.test", STS_REASON_FETCH_TLS, "mismatch" },
	{ "wildcard.test", STS_REASON_NONE, NULL },
	{ "self-signed.test", STS_REASON_FETCH_TLS, "self-signed certificate" },
	{ "expired.test", STS_REASON_FETCH_TLS, "certificate has expired" },
	{ "not-yet.test", STS_REASON_FETCH_TLS, "not yet valid" },
	{ "tls-old.test", STS_REASON_FETCH_TLS, NULL },
	{ "tls-reset.test", STS_REASON_FETCH_TLS, NULL },
	{ "tls-garbage.test", STS_REASON_FETCH_TLS, NULL },
	{ "tls-closed.test", STS_REASON_FETCH_TLS, NULL },
};

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			return false;
	}
	return true;
}

static void
check_fetch(const struct fetch_row *row, const struct job *job)
{
	check_call(row->domain, job);
	if (job->reason != row->want)
		fail_msg("%s: got '%s' (%s), want '%s'", row->domain, sts_reason_name(job->reason), job->text,
		    sts_reason_name(row->want));
	if (row->detail != NULL && strstr(job->text, row->detail) == NULL)
		fail_msg("%s: got detail '%s', want '%s' in it", row->domain, job->text, row->detail);
	if (!is_printable(job->text) || (job->text[0] != '\0') != (job->reason != STS_REASON_NONE))
		fail_msg("%s: detail '%s'", row->domain, job->text);
	if (job->reason != STS_REASON_NONE && job->len != 0)
		fail_msg("%s: %zu bytes of a refused body", row->domain, job->len);
}

static void
check_body(const struct fetch_row *row, const struct job *job)
{
	size_t want = strcmp(row->domain, "ok-empty.test") == 0 ? 0 : strcmp(row->domain, "ok-largest.test") == 0 ? 65536 :
	    strlen(POLICY);

	if (row->want != STS_REASON_NONE)
		return;
	if (job->len != want || (want == strlen(POLICY) && strcmp(job->body, POLICY) != 0))
		fail_msg("%s: got %zu bytes '%s'", row->domain, job->len, job->body);
}

static void
fetches(void **state)
{
	static struct job jobs[COUNT(fetch_rows)];
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);

	(void)state;
	memset(jobs, 0, sizeof(jobs));
	for (size_t i = 0; i < COUNT(fetch_rows); i++)
		start_fetch(loop, fetch_rows[i].domain, &jobs[i]);
	run_all(loop, jobs, COUNT(jobs));
	for (size_t i = 0; i < COUNT(fetch_rows); i++) {
		check_fetch(&fetch_rows[i], &jobs[i]);
		check_body(&fetch_rows[i], &jobs[i]);
	}
	sts_net_loop_free(&loop);
}

static const struct {
	enum servers servers;
	const char *domain;
} fetch_timeouts[] = {
	{ DNS, "silent.test" },
	{ DNS, "mute.test" },
	{ DNS, "full.test" },
	{ DNS, "hang.test" },
	{ DNS, "drip.test" },
	{ HOLE, "ok.test" },
};

static void
fetches_time_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fetch_timeouts); i++) {
		struct sts_net_loop *loop = new_loop(fetch_timeouts[i].servers, PLENTY_MS, SHORT_MS, true);
		const struct fetch_row row = { fetch_timeouts[i].domain, STS_REASON_FETCH_TIMEOUT, NULL };
		struct job job = { .calls = 0 };

		start_fetch(loop, row.domain, &job);
		run_all(loop, &job, 1);
		check_fetch(&row, &job);
		sts_net_loop_free(&loop);
	}
}

/* The connection to the first address is never made, or made and then silent. */
static void
second_address(void **state)
{
	static const struct fetch_row rows[] = {
		{ "full-first.test", STS_REASON_NONE, NULL },
		{ "mute6.test", STS_REASON_NONE, NULL },
		{ "silent-first.test", STS_REASON_NONE, NULL },
	};
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, 8000, true);
	struct job jobs[COUNT(rows)];

	(void)state;
	memset(jobs, 0, sizeof(jobs));
	for (size_t i = 0; i < COUNT(rows); i++)
		start_fetch(loop, rows[i].domain, &jobs[i]);
	run_all(loop, jobs, COUNT(jobs));
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_fetch(&rows[i], &jobs[i]);
		check_body(&rows[i], &jobs[i]);
	}
	sts_net_loop_free(&loop);
}

/* ---- addresses that are refused ---- */

static void
special_addresses(void **state)
{
	static const struct fetch_row rows[] = {
		{ "ok.test", STS_REASON_FETCH_REFUSED, "127.0.0.1 is a loopback address" },
		{ "ok6.test", STS_REASON_FETCH_REFUSED, "::1 is a loopback address" },
		{ "alias.test", STS_REASON_FETCH_REFUSED, "127.0.0.1 is a loopback address" },
		{ "mapped.test", STS_REASON_FETCH_REFUSED, "127.0.0.1 is a loopback address" },
		{ "nat64.test", STS_REASON_FETCH_REFUSED, "is a loopback address" },
		{ "linklocal.test", STS_REASON_FETCH_REFUSED, "fe80::1 is a link-local address" },
		{ "private.test", STS_REASON_FETCH_REFUSED, "private address" },
		{ "dead-first.test", STS_REASON_FETCH_REFUSED, "loopback" },
		{ "crowd.test", STS_REASON_FETCH_REFUSED, "loopback" },
		{ "nothing.test", STS_REASON_FETCH_CONNECT, "no address" },
	};
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, false);
	struct job jobs[COUNT(rows)];
	long before = world_count(&world);

	(void)state;
	memset(jobs, 0, sizeof(jobs));
	for (size_t i = 0; i < COUNT(rows); i++)
		start_fetch(loop, rows[i].domain, &jobs[i]);
	run_all(loop, jobs, COUNT(jobs));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_fetch(&rows[i], &jobs[i]);
	sts_net_loop_free(&loop);
	assert_true(before > 0);
	assert_int_equal(world_count(&world), before);
}

static void
on_https(void *arg, const struct sts_https_answer *answer)
{
	const struct sts_fetch_answer same = { .reason = answer->reason, .body = answer->body, .len = answer->len,
		.detail = answer->detail };

	on_fetch(arg, &same);
}

/* The check where the socket is made does not rest on the one before. */
static void
special_address_at_the_socket(void **state)
{
	static const char *const addrs[] = { "127.0.0.1", "::1" };
	const struct sts_https_params params = { .ca_file = world.ca, .port = (uint16_t)world.https };
	long before = world_count(&world);

	(void)state;
	for (size_t i = 0; i < COUNT(addrs); i++) {
		const struct fetch_row row = { addrs[i], STS_REASON_FETCH_REFUSED, "is a loopback address" };
		struct sts_ipaddr addr;
		struct sts_https_request request = { .host = "mta-sts.ok.test", .addrs = &addr, .addr_count = 1,
			.deadline_ms = sts_clock_mono_ms() + PLENTY_MS, .connect_timeout_ms = PLENTY_MS };
		struct job job = { .calls = 0 };
		struct sts_https *https;

		assert_true(sts_ipaddr_parse(addrs[i], strlen(addrs[i]), &addr));
		assert_int_equal(sts_https_new(&params, &https), STS_OK);
		assert_int_equal(sts_https_get(https, &request, on_https, &job), STS_OK);
		while (job.calls == 0) {
			sts_https_wait(https, NULL, 0, 100);
			sts_https_process(https);
		}
		check_fetch(&row, &job);
		sts_https_free(&https);
	}
	assert_int_equal(world_count(&world), before);
}

static void
no_address_at_all(void **state)
{
	const struct sts_https_params params = { .ca_file = world.ca, .port = (uint16_t)world.https, .allow_special = true };
	struct sts_https_request request = { .host = "localhost", .deadline_ms = sts_clock_mono_ms() + PLENTY_MS,
		.connect_timeout_ms = PLENTY_MS };
	struct job job = { .calls = 0 };
	struct sts_https *https;

	(void)state;
	assert_int_equal(sts_https_new(&params, &https), STS_OK);
	assert_int_equal(sts_https_get(https, &request, on_https, &job), STS_OK);
	assert_int_equal(job.calls, 0);
	sts_https_process(https);
	assert_int_equal(job.calls, 1);
	assert_int_equal(job.reason, STS_REASON_FETCH_CONNECT);
	assert_string_equal(job.text, "no address");
	sts_https_free(&https);
}

/* ---- environment ---- */

/* A proxy in the environment, as a system-wide setting may put it there, is none of ours: it would see every policy. */
static void
proxies_are_ignored(void **state)
{
	static const struct fetch_row row = { "ok.test", STS_REASON_NONE, NULL };
	struct sts_net_loop *loop;
	struct job job = { .calls = 0 };
	char proxy[64];

	(void)state;
	snprintf(proxy, sizeof(proxy), "http://127.0.0.3:%u", world.https);
	setenv("https_proxy", proxy, 1);
	setenv("ALL_PROXY", proxy, 1);
	loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);
	start_fetch(loop, row.domain, &job);
	run_all(loop, &job, 1);
	unsetenv("https_proxy");
	unsetenv("ALL_PROXY");
	check_fetch(&row, &job);
	sts_net_loop_free(&loop);
}

/* The system's certificates know nothing of our CA, and ours is not used besides them. */
static void
system_certificates(void **state)
{
	static const struct fetch_row row = { "ok.test", STS_REASON_FETCH_TLS, NULL };
	const struct sts_net_loop_params params = { .dns_servers = "127.0.0.1", .ca_file = "", .dns_timeout_ms = PLENTY_MS,
		.fetch_timeout_ms = PLENTY_MS, .policy_port = (uint16_t)world.https, .allow_private_addresses = true };
	struct sts_net_loop_params with_port = params;
	struct sts_net_loop *loop;
	struct job job = { .calls = 0 };
	char list[64];

	(void)state;
	list_servers(DNS, list, sizeof(list));
	with_port.dns_servers = list;
	assert_int_equal(sts_net_loop_new(&with_port, &loop), STS_OK);
	start_fetch(loop, row.domain, &job);
	run_all(loop, &job, 1);
	check_fetch(&row, &job);
	sts_net_loop_free(&loop);
}

/* ---- the loop itself ---- */

static const struct {
	const char *dns_servers, *ca_file;
	enum sts_status want;
} news[] = {
	{ "", "", STS_OK },
	{ "127.0.0.1", "", STS_OK },
	{ "127.0.0.1:5353,[::1]:53,192.0.2.1", "", STS_OK },
	{ ",", "", STS_EINVAL },
	{ "localhost", "", STS_EINVAL },
	{ "127.0.0.1:x", "", STS_EINVAL },
	{ "127.0.0.1,ns.example.com", "", STS_EINVAL },
	{ "127.0.0.1", "/nonexistent/ca.pem", STS_EINVAL },
};

static void
making_loops(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(news); i++) {
		const struct sts_net_loop_params params = { .dns_servers = news[i].dns_servers, .ca_file = news[i].ca_file,
			.dns_timeout_ms = 1000, .fetch_timeout_ms = 1000, .policy_port = 443 };
		struct sts_net_loop *loop;
		enum sts_status got = sts_net_loop_new(&params, &loop);

		if (got != news[i].want || (loop != NULL) != (got == STS_OK))
			fail_msg("'%s' '%s': got %s, want %s", news[i].dns_servers, news[i].ca_file, sts_status_text(got),
			    sts_status_text(news[i].want));
		sts_net_loop_free(&loop);
		assert_null(loop);
	}
}

static void
free_ends_everything(void **state)
{
	struct sts_net_loop *holes = new_loop(HOLE, PLENTY_MS, PLENTY_MS, true);
	struct sts_net_loop *loop = new_loop(DNS, PLENTY_MS, PLENTY_MS, true);
	struct job txt = { .again_on = holes }, addrs = { .calls = 0 }, tls = { .calls = 0 }, body = { .calls = 0 };
	struct job fresh = { .calls = 0 };
	long before = world_count(&world);

	(void)state;
	start_txt(holes, "_mta-sts.one.test", &txt);
	start_fetch(holes, "ok.test", &addrs);
	start_fetch(loop, "silent.test", &tls);
	start_fetch(loop, "hang.test", &body);
	while (world_count(&world) < before + 2)
		sts_net_loop_run_once(loop, 10);
	sts_net_loop_run_once(holes, 10);
	start_fetch(loop, "ok.test", &fresh);
	sts_net_loop_free(&holes);
	sts_net_loop_free(&loop);
	assert_int_equal(txt.calls, 2);		/* the second was asked for while the loop ended */
	assert_int_equal(txt.outcome, STS_DNS_TIMEOUT);
	check_call("addresses", &addrs);
	check_call("TLS", &tls);
	check_call("body", &body);
	check_call("fresh", &fresh);
	assert_int_equal(addrs.reason, STS_REASON_FETCH_TIMEOUT);
	assert_int_equal(tls.reason, STS_REASON_FETCH_TIMEOUT);
	assert_int_equal(body.reason, STS_REASON_FETCH_TIMEOUT);
	assert_int_equal(fresh.reason, STS_REASON_FETCH_TIMEOUT);
}

static void *
wake(void *arg)
{
	usleep(50000);		/* most likely the loop waits by then; if not, the wakeup must not be lost either */
	sts_net_loop_wakeup(arg);
	return NULL;
}

static void
wakeups(void **state)
{
	struct sts_net_loop *loop = new_loop(HOLE, PLENTY_MS, PLENTY_MS, true);
	int64_t start = sts_clock_mono_ms();
	struct job job = { .calls = 0 };
	pthread_t thread;

	(void)state;
	sts_net_loop_wakeup(loop);
	sts_net_loop_run_once(loop, PLENTY_MS);
	start_txt(loop, "_mta-sts.one.test", &job);	/* its first retry is due after PLENTY_MS / 4 */
	assert_int_equal(pthread_create(&thread, NULL, wake, loop), 0);
	sts_net_loop_run_once(loop, PLENTY_MS);
	pthread_join(thread, NULL);
	if (sts_clock_mono_ms() - start >= PLENTY_MS / 4)
		fail_msg("the wakeup did not wake");
	sts_net_loop_free(&loop);
}

/* A loop that waits for nothing but time must not spin. */
static void
waiting_costs_nothing(void **state)
{
	struct sts_net_loop *loop = new_loop(CLOSED, SHORT_MS, SHORT_MS, true);
	struct sts_net_loop *hole = new_loop(HOLE, SHORT_MS, SHORT_MS, true);
	struct job refused = { .calls = 0 }, silent = { .calls = 0 };
	unsigned turns = 0;

	(void)state;
	start_txt(loop, "_mta-sts.one.test", &refused);
	for (; refused.calls == 0; turns++)
		sts_net_loop_run_once(loop, 1000);
	start_txt(hole, "_mta-sts.one.test", &silent);
	for (; silent.calls == 0; turns++)
		sts_net_loop_run_once(hole, 1000);
	if (turns > 40)
		fail_msg("%u turns", turns);
	sts_net_loop_free(&hole);
	sts_net_loop_free(&loop);
}

static size_t
count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void
no_descriptor_is_left(void **state)
{
	size_t before = count_descriptors();

	fetches(state);
	txt_all_at_once(state);
	free_ends_everything(state);
	assert_int_equal(count_descriptors(), before);
}

/* A system-wide minimum of TLS 1.2, as Debian has it, would hide that ours is missing. */
static void
allow_old_tls(const char *servers)
{
	const char *slash = strrchr(servers, '/');
	char path[600];

	snprintf(path, sizeof(path), "%.*s/openssl.cnf", slash == NULL ? 1 : (int)(slash - servers), slash == NULL ? "." : servers);
	if (access(path, R_OK) != 0) {
		fprintf(stderr, "test_netloop: cannot read %s\n", path);
		exit(1);
	}
	setenv("OPENSSL_CONF", path, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(making_loops),
		cmocka_unit_test(txt_answers),
		cmocka_unit_test(txt_all_at_once),
		cmocka_unit_test(txt_circle),
		cmocka_unit_test(txt_time_out),
		cmocka_unit_test(txt_deadline),
		cmocka_unit_test(txt_from_callback),
		cmocka_unit_test(fetches),
		cmocka_unit_test(fetches_time_out),
		cmocka_unit_test(second_address),
		cmocka_unit_test(special_addresses),
		cmocka_unit_test(special_address_at_the_socket),
		cmocka_unit_test(no_address_at_all),
		cmocka_unit_test(proxies_are_ignored),
		cmocka_unit_test(system_certificates),
		cmocka_unit_test(free_ends_everything),
		cmocka_unit_test(wakeups),
		cmocka_unit_test(waiting_costs_nothing),
		cmocka_unit_test(no_descriptor_is_left),
	};
	const char *servers = getenv("STS_NET_SERVERS");
	int status;

	if (servers == NULL)
		servers = "tests/net/servers.py";
	signal(SIGPIPE, SIG_IGN);
	status = world_start(&world, servers);
	if (status != 0)
		return status;
	allow_old_tls(servers);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	return world_stop(&world) == 0 && status == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: ISC */
/* fetches.c - each kind of broken policy host yields the right reason. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/jobs.h"

#define POLICY "version: STSv1\r\nmode: enforce\r\nmx: mail.example.test\r\nmax_age: 86400\r\n"

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
	{ "crowd.test", STS_REASON_FETCH_CONNECT, NULL },	/* 39 addresses, no server at any */
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
	{ "cut.test", STS_REASON_FETCH_CONNECT, NULL },	/* detected by us, or by a newer OpenSSL in its own words */
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

void
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

/* The fetch process parses the policy itself, and passes on only valid ones. */
static struct fetch_row
row_for_process(const struct fetch_row *row)
{
	bool is_no_policy = strcmp(row->domain, "ok-empty.test") == 0 || strcmp(row->domain, "ok-largest.test") == 0;
	struct fetch_row other = *row;

	if (fetcher_program != NULL && is_no_policy)
		other.want = STS_REASON_POLICY_INVALID;
	return other;
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

void
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
		const struct fetch_row row = row_for_process(&fetch_rows[i]);

		check_fetch(&row, &jobs[i]);
		check_body(&row, &jobs[i]);
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

void
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

/* The connection to the first address is never established, or is, and then stays silent. */
void
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

/* ---- environment ---- */

/* A proxy in the environment, perhaps from a system-wide setting, is ignored: it would see every policy. */
void
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

/* The system's certificates do not include our CA, and the test's CA is not used beside them. */
void
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

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

#include "stsctl/fetches/fetch_clients.h"
#include "tests/fake/starve.h"

enum { NOW = 1795525200 };	/* 2026-11-24 13:00:00 UTC */

static bool
is_own(void *arg, const struct sts_ipaddr *addr)
{
	(void)arg;
	return addr->family == 4 && addr->bytes[0] == 127;
}

/* A line of the combined format. */
static void
add(struct fetch_clients *f, const char *domain, const char *client, const char *date, const char *request, const char *rest)
{
	struct fetch_log log = { .is_http = false };
	char line[600];

	snprintf(log.domain, sizeof(log.domain), "%s", domain);
	snprintf(line, sizeof(line), "%s - - [%s +0000] \"%s\" %s", client, date, request, rest);
	fetch_clients_add_line(f, &log, line, strlen(line));
}

#define GET "GET /.well-known/mta-sts.txt HTTP/1.1"
#define GOOGLE "200 66 \"-\" \"Google-SMTP-STS\""

static void
test_sums(void **state)
{
	struct fetch_clients f;
	const struct fetch_clients_domain *d;
	const struct fetch_client *who;

	(void)state;
	fetch_clients_init(&f, is_own, NULL);
	add(&f, "a.example", "203.0.113.5", "24/Nov/2026:10:00:00", GET, GOOGLE);
	add(&f, "a.example", "203.0.113.5", "23/Nov/2026:10:00:00", GET, GOOGLE);
	add(&f, "a.example", "203.0.113.5", "24/Nov/2026:11:00:00", GET, "404 66 \"-\" \"Google-SMTP-STS\"");
	add(&f, "a.example", "203.0.113.5", "24/Nov/2026:12:00:00", GET, "200 66 \"-\" \"curl/8\"");
	add(&f, "a.example", "127.0.0.1", "24/Nov/2026:12:30:00", GET, "200 66 \"-\" \"curl/8\"");
	/* not fetches of a policy: another path, another method */
	add(&f, "a.example", "203.0.113.6", "24/Nov/2026:12:00:00", "GET / HTTP/1.1", "404 1");
	add(&f, "a.example", "203.0.113.6", "24/Nov/2026:12:00:00", "GET /.well-known/mta-sts.txts HTTP/1.1", "404 1");
	add(&f, "a.example", "203.0.113.6", "24/Nov/2026:12:00:00", "GET /.well-known/mta-sts.tyt HTTP/1.1", "404 1");
	add(&f, "a.example", "203.0.113.6", "24/Nov/2026:12:00:00", "PUT /.well-known/mta-sts.txt HTTP/1.1", "404 1");
	add(&f, "a.example", "203.0.113.6", "24/Nov/2026:12:00:00", "HEAD /.well-known/mta-sts.txt HTTP/1.1", "200 1");
	fetch_clients_add_line(&f, &(struct fetch_log){ .domain = "a.example" }, "rubbish", 7);
	/* the line's host takes precedence over the file's name */
	add(&f, "a.example", "mta-sts.B.example:443 203.0.113.7", "24/Nov/2026:12:00:00",
	    "GET /.well-known/mta-sts.txt?x HTTP/1.1", "304 0 \"-\" \"postfix-tlspol/1.8\"");
	add(&f, "a.example", "www.a.example 203.0.113.8", "24/Nov/2026:12:00:00", GET, "200 0");
	fetch_clients_sort(&f);
	assert_int_equal(f.domain_count, 2);
	assert_int_equal(f.unreadable, 1);
	assert_int_equal(f.dropped, 0);
	d = &f.domains[0];
	assert_string_equal(d->name, "a.example");
	assert_int_equal(d->own, 1);
	assert_int_equal(d->last, NOW - 3600);
	who = d->list;
	assert_string_equal(who->who.agent, "curl/8");
	assert_null(who->sender);
	who = who->hh.next;
	assert_string_equal(who->who.client, "203.0.113.8");
	who = who->hh.next;
	assert_string_equal(who->sender, "Google");
	assert_int_equal(who->fetched, 2);
	assert_int_equal(who->failed, 1);
	assert_int_equal(who->last_status, 404);
	assert_int_equal(who->first, NOW - 27 * 3600);
	assert_int_equal(who->last, NOW - 2 * 3600);
	assert_null(who->hh.next);
	assert_string_equal(f.domains[1].name, "b.example");
	assert_string_equal(f.domains[1].list->sender, "postfix-tlspol");
	fetch_clients_fini(&f);
}

/* A day's fetches by others, good and failed; a day without any; a domain that nobody asked for. */
static void
test_days(void **state)
{
	struct fetch_clients f;
	const struct fetch_day *day;

	(void)state;
	fetch_clients_init(&f, is_own, NULL);
	add(&f, "a.example", "203.0.113.5", "24/Nov/2026:10:00:00", GET, GOOGLE);
	add(&f, "a.example", "203.0.113.5", "24/Nov/2026:00:00:00", GET, "404 66");
	add(&f, "a.example", "203.0.113.5", "23/Nov/2026:23:59:59", GET, "304 66");
	add(&f, "b.example", "127.0.0.1", "24/Nov/2026:10:00:00", GET, GOOGLE);
	day = fetch_clients_day(&f, "a.example", NOW / 86400);
	assert_non_null(day);
	assert_int_equal(day->fetched, 1);
	assert_int_equal(day->failed, 1);
	assert_int_equal(day->failed_status, 404);
	assert_int_equal(fetch_clients_day(&f, "a.example", NOW / 86400 - 1)->fetched, 1);
	assert_null(fetch_clients_day(&f, "a.example", NOW / 86400 - 2));
	assert_null(fetch_clients_day(&f, "b.example", NOW / 86400));
	assert_null(fetch_clients_day(&f, "c.example", NOW / 86400));
	fetch_clients_fini(&f);
}

/* Clients that came at the same time are sorted by name; a long field is truncated, a NUL shown as `?'. */
static void
test_odd_clients(void **state)
{
	static const char nul[] = "203.0.113.\0 - - [24/Nov/2026:10:00:00 +0000] \"" GET "\" 200 66";
	const struct fetch_log log = { .domain = "a.example" };
	struct fetch_clients f;
	char longer[FETCH_CLIENTS_CLIENT_CAP + 20];
	const struct fetch_client *who;

	(void)state;
	fetch_clients_init(&f, is_own, NULL);
	memset(longer, 'z', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	add(&f, "a.example", longer, "24/Nov/2026:10:00:00", GET, "200 66");
	add(&f, "a.example", "b", "24/Nov/2026:10:00:00", GET, "200 66");
	fetch_clients_add_line(&f, &log, nul, sizeof(nul) - 1);
	add(&f, "a.example", "c", "24/Nov/2026:11:00:00", GET, "200 66");
	fetch_clients_sort(&f);
	who = f.domains[0].list;
	assert_string_equal(who->who.client, "c");
	assert_string_equal((who = who->hh.next)->who.client, "203.0.113.?");
	assert_string_equal((who = who->hh.next)->who.client, "b");
	assert_int_equal(strlen((who = who->hh.next)->who.client), FETCH_CLIENTS_CLIENT_CAP - 1);
	fetch_clients_fini(&f);
}

/* guide_issue_4_no_external_fetches: only this machine in the log, or nobody for two days. */
static void
test_guide_issue_4_no_external_fetches(void **state)
{
	static const struct {
		const char *client, *date, *rest;
		bool silent;
	} rows[] = {
		{ "203.0.113.5", "24/Nov/2026:12:00:00", "200 66", false },
		{ "203.0.113.5", "22/Nov/2026:13:00:00", "200 66", false },
		{ "203.0.113.5", "22/Nov/2026:12:59:59", "200 66", true },
		{ "203.0.113.5", "24/Nov/2026:12:00:00", "404 66", true },
		{ "203.0.113.5", "24/Nov/2026:12:00:00", "304 0", false },
		{ "127.0.0.1", "24/Nov/2026:12:00:00", "200 66", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fetch_clients f;

		fetch_clients_init(&f, is_own, NULL);
		fetch_clients_add_domain(&f, "a.example");
		assert_true(fetch_clients_is_silent(&f.domains[0], NOW));
		add(&f, "a.example", rows[i].client, rows[i].date, GET, rows[i].rest);
		if (fetch_clients_is_silent(&f.domains[0], NOW) != rows[i].silent)
			fail_msg("row %zu", i);
		fetch_clients_fini(&f);
	}
}

static void
test_names_of_logs(void **state)
{
	static const struct {
		const char *path, *domain;
		bool is_http;
	} rows[] = {
		{ "/var/log/apache2/mta-sts.a.example_access.log", "a.example", false },
		{ "mta-sts.a.example_access.log.2.gz", "a.example", false },
		{ "MTA-STS.A.Example_access.log", "a.example", false },
		{ "x/mta-sts.xn--bcher-kva.example_access.log", "xn--bcher-kva.example", false },
		{ "mta-sts.a.example_http_access.log", "", true },
		{ "mta-sts.a.example_http_access.log.3.gz", "", true },
		{ "mta-sts.a.example_error.log", "", false },
		{ "access.log", "", false },
		{ "mta-sts._access.log", "", false },
		{ "mta-sts.a b_access.log", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fetch_log log;

		fetch_clients_read_name(rows[i].path, &log);
		if (log.is_http != rows[i].is_http || strcmp(log.domain, rows[i].domain) != 0)
			fail_msg("%s: %s", rows[i].path, log.domain);
	}
}

/* One line of a log shared by virtual hosts, besides one of a known domain: which domains result, with how many fetches and failures. */
static void
test_other_hosts(void **state)
{
	static const struct {
		const char *name, *file, *client, *status, *want;
	} rows[] = {
		{ "another host's", "other_vhosts_access.log", "www.a.example:443 192.0.2.1", "404", "a.example 1/0" },
		{ "another host's, which has it", "other_vhosts_access.log", "www.a.example:443 192.0.2.1", "200", "a.example 1/0" },
		{ "a policy host of no domain", "other_vhosts_access.log", "mta-sts.a..b:443 192.0.2.1", "200", "a.example 1/0" },
		{ "our own, of whose domain nobody knows", "access.log", "127.0.0.1", "302", "a.example 1/0" },
		{ "likewise, but we got it", "access.log", "127.0.0.1", "200", " 0/0 a.example 1/0" },
		{ "capitals", "other_vhosts_access.log", "MTA-STS.A.example:443 192.0.2.1", "404", "a.example 1/1" },
		{ "a redirect of HTTPS", "other_vhosts_access.log", "mta-sts.a.example:443 192.0.2.1", "301", "a.example 1/1" },
		{ "another redirect of HTTPS", "mta-sts.a.example_access.log", "192.0.2.1", "308", "a.example 1/1" },
		{ "a redirect of HTTP", "other_vhosts_access.log", "mta-sts.a.example:80 192.0.2.1", "302", "a.example 1/0" },
		{ "HTTP, by the file's name", "mta-sts.a.example_http_access.log", "192.0.2.1", "308", "a.example 1/0" },
		{ "HTTP serves it, too", "mta-sts.a.example_http_access.log", "192.0.2.1", "200", "a.example 1/0" },
		{ "the port beats the file's name", "x_http_access.log", "mta-sts.b.example:443 192.0.2.1", "200",
		  "a.example 1/0 b.example 1/0" },
		{ "whose it is, nobody knows", "access.log", "192.0.2.1", "302", "a.example 1/0" },
		{ "likewise, but it has it", "access.log", "192.0.2.1", "200", " 1/0 a.example 1/0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fetch_clients f;
		struct fetch_log log;
		char line[400], got[1000] = "";

		fetch_clients_init(&f, is_own, NULL);
		add(&f, "a.example", "203.0.113.5", "24/Nov/2026:10:00:00", GET, GOOGLE);
		fetch_clients_read_name(rows[i].file, &log);
		snprintf(line, sizeof(line), "%s - - [24/Nov/2026:12:00:00 +0000] \"" GET "\" %s 1", rows[i].client, rows[i].status);
		fetch_clients_add_line(&f, &log, line, strlen(line));
		fetch_clients_sort(&f);
		for (size_t k = 0; k < f.domain_count; k++) {
			size_t fetched = 0, failed = 0;

			for (const struct fetch_client *who = f.domains[k].list; who != NULL; who = who->hh.next) {
				fetched += who->fetched;
				failed += who->failed;
			}
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.60s %zu/%zu", k > 0 ? " " : "",
			    f.domains[k].name, fetched, failed);
		}
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: \"%s\"", rows[i].name, got);
		fetch_clients_fini(&f);
	}
}

/* Invented clients and hosts cost bounded memory, and do not hide the time of the last fetch. */
static void
test_bounds(void **state)
{
	struct fetch_clients f;
	char client[100];

	(void)state;
	fetch_clients_init(&f, is_own, NULL);
	for (int i = 0; i < FETCH_CLIENTS_MAX + 5; i++) {
		snprintf(client, sizeof(client), "10.1.%d.%d", i / 256, i % 256);
		add(&f, "a.example", client, "24/Nov/2026:11:00:00", GET, GOOGLE);
	}
	assert_int_equal(f.total, FETCH_CLIENTS_MAX);
	assert_int_equal(f.dropped, 5);
	add(&f, "a.example", "10.2.1.1", "24/Nov/2026:12:00:00", GET, GOOGLE);
	assert_int_equal(f.domains[0].last, NOW - 3600);
	for (int i = 0; i < FETCH_CLIENTS_DOMAINS_MAX + 5; i++) {
		snprintf(client, sizeof(client), "mta-sts.d%d.example:443 10.1.1.1", i);
		add(&f, "a.example", client, "24/Nov/2026:12:00:00", GET, GOOGLE);
	}
	assert_int_equal(f.domain_count, FETCH_CLIENTS_DOMAINS_MAX);
	fetch_clients_sort(&f);
	fetch_clients_fini(&f);
}

static void
test_days_are_bounded(void **state)
{
	struct fetch_clients f;
	char date[40];

	(void)state;
	fetch_clients_init(&f, is_own, NULL);
	for (int i = 0; i < FETCH_CLIENTS_DAYS_MAX + 3; i++) {
		snprintf(date, sizeof(date), "%02d/Jan/%d:10:00:00", i % 28 + 1, 1990 + i / 28);
		add(&f, "a.example", "203.0.113.5", date, GET, GOOGLE);
	}
	assert_int_equal(f.domains[0].day_count, FETCH_CLIENTS_DAYS_MAX);
	assert_int_equal(f.dropped, 3);
	fetch_clients_fini(&f);
}

/* ---- without memory: what is missing is said to be ---- */

static enum sts_status
count_some(void *arg)
{
	struct fetch_clients f;
	char client[40];
	enum sts_status status;

	(void)arg;
	fetch_clients_init(&f, is_own, NULL);
	fetch_clients_add_domain(&f, "b.example");
	for (int i = 0; i < 400; i++) {		/* more than a table's initial size */
		snprintf(client, sizeof(client), "203.0.113.%d", i);
		add(&f, "a.example", client, "24/Nov/2026:11:00:00", GET, GOOGLE);
	}
	status = f.no_memory ? STS_ENOMEM : STS_OK;
	assert_int_equal(f.total, f.no_memory ? f.total : 400);
	fetch_clients_fini(&f);
	return status;
}

static void
test_starved(void **state)
{
	(void)state;
	if (!starve_can())
		skip();
	assert_true(starve(STARVE_OWN, count_some, NULL) > 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_odd_clients),
		cmocka_unit_test(test_guide_issue_4_no_external_fetches),
		cmocka_unit_test(test_names_of_logs),
		cmocka_unit_test(test_other_hosts),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_days_are_bounded),
		cmocka_unit_test(test_starved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

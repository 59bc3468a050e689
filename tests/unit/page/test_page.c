/* SPDX-License-Identifier: ISC */
/* test_page.c - from data to document to page: none, a day, four hundred days, too much, and hostile names. */
#include "config.h"

#include "stsctl/page/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/page/contents.h"

enum { NOW = 1795910400, DAY_S = 86400 };	/* 2026-11-29 */

static char *
page_of(const struct page_data *data)
{
	struct document doc = { .title = NULL };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	contents_write(data, &doc);
	assert_true(document_is_whole(&doc));
	page_print(&doc, to);
	assert_int_equal(fclose(to), 0);
	document_fini(&doc);
	return text;
}

static void
give_days(struct page_data *f, size_t count, int64_t messages)
{
	f->host = "mx1.example.net";
	f->now = NOW;
	f->limit = 20;
	f->days = calloc(count, sizeof(*f->days));
	assert_non_null(f->days);
	f->day_count = count;
	for (size_t i = 0; i < count; i++) {
		struct page_data_day *day = &f->days[i];

		sts_day_of(NOW - (int64_t)(count - 1 - i) * DAY_S, day->day);
		day->messages = messages;
		day->tls[PAGE_DATA_TLS13] = messages - messages / 4;
		day->tls[PAGE_DATA_PLAIN] = messages / 4;
		page_data_add(&f->messages, messages);
		page_data_add(&f->tls[PAGE_DATA_TLS13], day->tls[PAGE_DATA_TLS13]);
		page_data_add(&f->tls[PAGE_DATA_PLAIN], day->tls[PAGE_DATA_PLAIN]);
	}
}

static size_t
count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

static void
test_nothing(void **state)
{
	struct page_data f = { .host = NULL };
	char *text;

	(void)state;
	give_days(&f, 30, 0);
	text = page_of(&f);
	assert_non_null(strstr(text, "No message was judged in these days."));
	assert_non_null(strstr(text, "No sender domain is known."));
	assert_non_null(strstr(text, "Not known: local_domains does not say which domains are yours."));
	assert_non_null(strstr(text, "Not known: nothing here has checked them."));
	assert_non_null(strstr(text, "No milter has sent a heartbeat"));
	assert_null(strstr(text, "Outgoing mail"));
	assert_int_equal(count_of(text, "<rect"), 0);
	assert_int_equal(count_of(text, "100.0%") + count_of(text, "nan") + count_of(text, "(null)"), 0);
	free(text);
	page_data_fini(&f);
}

static void
test_days(void **state)
{
	static const struct {
		size_t days, columns;
		int64_t messages;
		const char *says, *labels;
	} cases[] = {
		{ 1, 1, 12, "2026-11-29 (UTC), not yet over", "<span>2026-11-29</span>" },
		{ 7, 7, 12, "2026-11-23 to 2026-11-29, 7 days (UTC)", "<span>11-23</span><span>11-24</span>" },
		{ 92, 92, 4, "92 days (UTC)", "<span>2026-08-30</span><span>2026-11-29</span>" },
		{ 93, 14, 4, "93 days (UTC)", "<span>2026-08-29</span><span>2026-11-23</span>" },
		{ 400, 58, 999999999999999, "400 days (UTC)", "<span>2025-10-26</span><span>2026-11-23</span>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_data f = { .host = NULL };
		char *text;

		give_days(&f, cases[i].days, cases[i].messages);
		text = page_of(&f);
		assert_non_null(strstr(text, cases[i].says));
		assert_non_null(strstr(text, cases[i].labels));
		/* each column has plaintext in two charts, and TLS 1.3 in one */
		assert_int_equal(count_of(text, "<rect class=\"f-plain\" x="), 2 * cases[i].columns);
		assert_int_equal(count_of(text, "<rect class=\"f-tls13\" x="), cases[i].columns);
		assert_null(strstr(text, "On "));	/* no day without messages */
		free(text);
		page_data_fini(&f);
	}
}

/* The first of many weeks may be shorter; it has its own messages, and no others. */
static void
test_weeks(void **state)
{
	struct page_data f = { .host = NULL };
	char *text;

	(void)state;
	give_days(&f, 93, 4);
	text = page_of(&f);
	assert_non_null(strstr(text, "<title>2026-08-29: TLS 1.3 6, plaintext 2</title>"));
	assert_non_null(strstr(text, "<title>2026-08-31: TLS 1.3 21, plaintext 7</title>"));
	assert_null(strstr(text, "<title>2026-11-23: older TLS"));
	assert_non_null(strstr(text, "The first column of such a chart is 2 days"));
	assert_non_null(strstr(text, "<title>2026-11-23: plaintext 25%</title>"));
	free(text);
	page_data_fini(&f);
}

/* Whoever can write to Redis, or to a file that we read, cannot inject HTML. */
static void
test_hostile(void **state)
{
	static const char evil[] = "\"><script>alert(1)</script>";
	struct page_data f = { .host = NULL };
	char *text;

	(void)state;
	give_days(&f, 2, 8);
	f.host = evil;
	f.senders = calloc(1, sizeof(*f.senders));
	f.reported.failures = calloc(1, sizeof(*f.reported.failures));
	f.reported.list = calloc(1, sizeof(*f.reported.list));
	f.nodes = calloc(1, sizeof(*f.nodes));
	f.certificates = calloc(1, sizeof(*f.certificates));
	assert_true(f.senders != NULL && f.reported.failures != NULL && f.reported.list != NULL && f.nodes != NULL && f.certificates != NULL);
	f.sender_count = f.reported.failure_count = f.reported.count = f.node_count = f.certificate_count = 1;
	f.reported.reports = f.certificates_seen = 1;
	strcpy(f.senders[0].domain, evil);
	strcpy(f.reported.failures[0].result, evil);
	strcpy(f.reported.list[0].domain, evil);
	strcpy(f.nodes[0].name, evil);
	strcpy(f.certificates[0].host, evil);
	strcpy(f.certificates[0].domain, evil);
	strcpy(f.days[0].day, "<day>");
	text = page_of(&f);
	assert_int_equal(count_of(text, "<script"), 0);
	assert_int_equal(count_of(text, "<day"), 0);
	/* the title, the headline, and one in each list; a certificate has two */
	assert_int_equal(count_of(text, "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"), 2 + 4 + 2);
	free(text);
	page_data_fini(&f);
}

static void
test_numbers_on_it(void **state)
{
	struct page_data f = { .host = NULL };
	char *text;

	(void)state;
	give_days(&f, 3, 1000);
	f.domains = 5;
	f.postures[PAGE_DATA_ENFORCE] = (struct page_data_posture){ 2, 1200, { 900, 0, 100, 200, 0 } };
	f.postures[PAGE_DATA_ABSENT] = (struct page_data_posture){ 3, 1800, { 1800, 0, 0, 0, 0 } };
	f.senders_all = 1021;
	f.senders = calloc(1, sizeof(*f.senders));
	assert_non_null(f.senders);
	f.sender_count = 1;
	f.senders[0] = (struct page_data_sender){ "a.example", PAGE_DATA_ENFORCE, 1100, 200, 100, 299, NOW };
	text = page_of(&f);
	assert_non_null(strstr(text, "<b>3,000</b><span>of 5 sender domains</span>"));
	assert_non_null(strstr(text, "<b>25.0%</b><span>750 messages</span>"));
	assert_non_null(strstr(text, "policy enforce, last seen 2026-11-29, 299 from clients of its own"));
	assert_non_null(strstr(text, "<td role=\"cell\" data-head=\"Plaintext\">200</td><td role=\"cell\" data-head=\"Older TLS\">100</td>"
	    "<td role=\"cell\" data-head=\"Messages\">1,100</td><td role=\"cell\" data-head=\"Share\">27.3%</td>"));
	assert_non_null(strstr(text, "And 1,020 more"));
	/* enforce: three quarters TLS 1.3, a twelfth old, a sixth plaintext */
	assert_non_null(strstr(text, "x=\"0\" y=\"0\" width=\"7500\" height=\"10\"/><rect class=\"f-old\" x=\"7500\" y=\"0\" width=\"833\" "
	    "height=\"10\"/><rect class=\"f-plain\" x=\"8333\" y=\"0\" width=\"1667\""));
	assert_non_null(strstr(text, "data-head=\"Plaintext or old TLS\">25.0%</td>"));
	assert_null(strstr(text, ">testing<"));
	free(text);
	page_data_fini(&f);
}

/* Its Content-Security-Policy allows its style sheet; nothing is loaded, run or sent. */
static void
test_self_contained(void **state)
{
	static const char *const never[] = { "http://", "https://", "<script", "<link", "<img", "<iframe", "url(", "@import", " style=\"", " src=",
		" href=", "javascript:", " onclick", "<form" };
	struct page_data f = { .host = NULL };
	char *text, hash[PAGE_HASH_CAP], *style;

	(void)state;
	page_hash("abc", hash);
	assert_string_equal(hash, "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
	give_days(&f, 30, 8);
	text = page_of(&f);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_null(strstr(text, never[i]));
	style = strstr(text, "<style>") + strlen("<style>");
	*strstr(style, "</style>") = '\0';
	page_hash(style, hash);
	assert_non_null(strstr(text, hash));
	assert_non_null(strstr(text, "default-src 'none'; style-src 'sha256-"));
	free(text);
	page_data_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_weeks),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_numbers_on_it),
		cmocka_unit_test(test_self_contained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* test_top_frame.c - the screen of stsctl top, in every size; the page of stsctl status. */
#include "config.h"

#include "stsctl/overview/top_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/overview/status_page.h"

enum { NOW = 1786300000 };

static const struct {
	const char *name, *n;
} counters[] = {
	{ "messages", "1000" }, { "result:fail", "100" }, { "result:none", "200" }, { "result:pass", "700" }, { "tls:TLSv1.3", "799" },
	{ "tls:none", "200" }, { "tls:unknown", "1" },
};

struct scene {
	struct snapshot snapshot;
	struct domain_rates domains;
	struct top_frame_view view;
	struct top_frame frame;
};

static struct scene *
make_scene(size_t nodes, size_t domains)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->snapshot.now = NOW;
	strcpy(s->snapshot.day, "2026-08-09");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		assert_int_equal(sts_tally_take(&s->snapshot.today, counters[i].name, strlen(counters[i].name), counters[i].n,
		    strlen(counters[i].n)), STS_OK);
	for (size_t i = 0; i < nodes; i++) {
		snprintf(s->snapshot.nodes[i].name, sizeof(s->snapshot.nodes[i].name), "mx%zu.a-rather-long-name.example", i);
		strcpy(s->snapshot.nodes[i].version, "0.1.0");
		s->snapshot.nodes[i].seen = NOW - 3;
		s->snapshot.nodes[i].started = NOW - 7200;
	}
	s->snapshot.node_count = nodes;
	for (size_t i = 0; i < domains; i++) {
		struct domain_rate row = { .messages = (int64_t)(1000 - i), .last_seen = NOW - (int64_t)i, .rate = i == 0 ? 1.5 : -1 };

		snprintf(row.domain, sizeof(row.domain), "d%zu.%s", i, i == 1 ?
		    "a-domain-with-a-name-that-is-much-longer-than-any-screen-that-one-would-want-to-have.example" : "example");
		assert_true(domain_rates_add(&s->domains, &row));
	}
	s->view = (struct top_frame_view){ .redis = "unix:/r.sock", .snapshot = &s->snapshot, .rate = 12.34, .domains = &s->domains,
		.domain_window_s = 300, .width = 80, .height = 24, .keys = true };
	for (int i = 0; i < 100; i++)
		top_frame_samples_add(&s->view.samples, i);
	return s;
}

static void
free_scene(struct scene *s)
{
	snapshot_fini(&s->snapshot);
	domain_rates_fini(&s->domains);
	free(s);
}

static const char *
line_with(const struct top_frame *frame, const char *words)
{
	for (size_t i = 0; i < frame->count; i++)
		if (strstr(frame->lines[i].text, words) != NULL)
			return frame->lines[i].text;
	fail_msg("no line with %s", words);
	return NULL;
}

static void
test_usual(void **state)
{
	struct scene *s = make_scene(2, 3);

	(void)state;
	top_frame_make(&s->view, &s->frame);
	assert_int_equal(s->frame.count, 24);
	assert_string_equal(line_with(&s->frame, "stsctl top"),
	    "stsctl top  2026-08-09T18:26:40Z  milters: 2, silent: 0, tripped: 0             ");
	assert_string_equal(line_with(&s->frame, "a second"), "messages  12.3 a second, 1000 today, 79.9% over TLS, 0 refused");
	assert_string_equal(line_with(&s->frame, "results"), "results   pass 70.0%  fail 10.0%  none 20.0%");
	assert_string_equal(line_with(&s->frame, "TLSv1.3 "), "TLS       TLSv1.3 79.9%  none 20.0%  unknown 0.1%");
	assert_string_equal(line_with(&s->frame, "mx1"),
	    "mx1.a-rather-long-name.exa.. 0.1.0        off      3 s ago             0       0");
	assert_string_equal(line_with(&s->frame, "*rate"),
	    "domain                           *rate  messages plaintext    fail         seen");
	assert_string_equal(line_with(&s->frame, "d0."),
	    "d0.example                         1.5      1000         0       0      0 s ago");
	assert_string_equal(line_with(&s->frame, "d1."),
	    "d1.a-domain-with-a-name-tha..        -       999         0       0      1 s ago");
	assert_int_equal(s->frame.lines[23].style, TOP_FRAME_TITLE);
	assert_memory_equal(s->frame.lines[23].text, "q quit", 6);
	free_scene(s);
}

static size_t
columns_of(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;	/* of UTF-8 the first byte */
	return n;
}

/* Nothing is written out of bounds, however small the screen and however much there is to show. */
static void
test_sizes(void **state)
{
	static const size_t widths[] = { 1, 2, 10, 40, 79, 80, 81, 200, 500, 5000 };

	(void)state;
	for (size_t nodes = 0; nodes <= SNAPSHOT_NODES_MAX; nodes += 100) {
		struct scene *s = make_scene(nodes, 1000);

		s->view.utf8 = nodes > 0;
		s->view.away = nodes == 100 ? "connection refused" : NULL;
		for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
			for (size_t height = 0; height <= 600; height += height < 40 ? 1 : 280) {
				s->view.width = widths[i];
				s->view.height = height;
				top_frame_make(&s->view, &s->frame);
				assert_true(s->frame.count <= TOP_FRAME_LINES_MAX && (height == 0 || s->frame.count <= height));
				for (size_t k = 0; k < s->frame.count; k++)
					if (columns_of(s->frame.lines[k].text) > widths[i] && widths[i] >= 40)
						fail_msg("%zu columns, %zu lines: %s", widths[i], height, s->frame.lines[k].text);
			}
		}
		free_scene(s);
	}
}

static void
test_away(void **state)
{
	struct scene *s = make_scene(0, 0);

	(void)state;
	s->view.away = "connection refused";
	s->view.rate = -1;
	top_frame_make(&s->view, &s->frame);
	assert_string_equal(line_with(&s->frame, "redis"), "trying again; redis unix:/r.sock: connection refused");
	assert_string_equal(line_with(&s->frame, "a second"), "messages  - a second, 1000 today, 79.9% over TLS, 0 refused");
	line_with(&s->frame, "no mail in the last 300 s");
	free_scene(s);
}

/* ---- status ---- */

static char *
page_of(const struct overview *o, size_t width)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	assert_true(status_page_print(o, width, to));
	fclose(to);
	return text;
}

static void
want(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("no '%s' in\n%s", words, text);
}

static void
test_page(void **state)
{
	struct scene *s = make_scene(2, 0);
	struct overview *o = calloc(1, sizeof(*o));
	char *text;

	(void)state;
	assert_non_null(o);
	*o = (struct overview){ .version = "0.1.0", .redis = "unix:/r.sock", .has_redis = true, .reachable = true, .why = "",
		.enforces = true, .metrics_listen = "", .snapshot = s->snapshot };
	o->snapshot.nodes[1].seen = NOW - 3600;
	o->snapshot.nodes[0].pending_messages = 12;
	problems_find(&o->snapshot, &o->problems);
	text = page_of(o, 80);
	want(text, "stsctl 0.1.0, 2026-08-09T18:26:40Z\nRedis         unix:/r.sock, answered in 0 ms\n");
	want(text, "Enforcement   on: mail is refused or held\nTrip wire     not tripped; 0 messages");
	want(text, "  messages    1000, 79.9% over TLS\n  results     pass 70.0%, none 20.0%, fail 10.0%\n");
	want(text, "  TLS         TLSv1.3 79.9%, none 20.0%, unknown 0.1%\n");
	want(text, "\nmx1.a-rather-long-name.example  0.1.0    silent   60 min ago");
	want(text, "Warnings, the newest first\n  60 min ago  mx1.a-rather-long-name.example is silent");
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
	free(text);

	o->reachable = false;
	o->why = "connection refused";
	o->metrics_listen = "127.0.0.1:9925";
	o->local = (struct local_metrics){ .answered = true, .pending_messages = 99, .pending_rows = 7, .store_up = 0 };
	text = page_of(o, 80);
	want(text, "Redis         unix:/r.sock: connection refused\n");
	want(text, "This milter   counters of 99 messages wait for Redis, in 7 rows (/metrics);\n              after failures, it waits");
	assert_null(strstr(text, "Today"));
	free(text);
	free(o);
	free_scene(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_away),
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

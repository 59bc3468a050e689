/* SPDX-License-Identifier: ISC */
/* test_markup.c - escaping; rectangles compared with their numbers. */
#include "config.h"

#include "stsctl/page/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/page/number_format.h"

struct paper {
	FILE *to;
	char *text;
	size_t len;
};

static void
begin(struct paper *paper)
{
	paper->to = open_memstream(&paper->text, &paper->len);
	assert_non_null(paper->to);
}

static void
finish(struct paper *paper)
{
	assert_int_equal(fclose(paper->to), 0);
}

static void
test_text(void **state)
{
	static const char *const cases[][2] = {
		{ NULL, "" },
		{ "", "" },
		{ "a.example", "a.example" },
		{ "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "\"><img src=x onerror='y'>&amp;", "&quot;&gt;&lt;img src=x onerror=&#39;y&#39;&gt;&amp;amp;" },
		{ "a\nb\tc\x01\x7f", "a b c  " },
		{ "b\xc3\xbc" "cher", "b\xc3\xbc" "cher" },
		{ "\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd" },			/* an overlong `<' */
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },	/* a surrogate */
		{ "\xe2\x82<", "\xef\xbf\xbd\xef\xbf\xbd&lt;" },		/* truncated, and something behind it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct paper paper;

		begin(&paper);
		markup_text(paper.to, cases[i][0]);
		finish(&paper);
		assert_string_equal(paper.text, cases[i][1]);
		free(paper.text);
	}
}

static void
test_stack(void **state)
{
	static const struct {
		int64_t parts[3], end;
		int ends[3];
	} cases[] = {
		{ { 0, 0, 0 }, 2, { 0, 0, 0 } },
		{ { 1, 1, 0 }, 2, { 5000, 10000, 10000 } },
		{ { 1, 1, 1 }, 3, { 3333, 6667, 10000 } },
		{ { 5, 0, 5 }, 100, { 500, 500, 1000 } },
		{ { 1, 1, 1 }, 0, { 0, 0, 0 } },
		{ { INT64_MAX, INT64_MAX, 1 }, INT64_MAX, { 10000, 10000, 10000 } },
		{ { 999999999999999, 1, 0 }, 2000000000000000, { 5000, 5000, 5000 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ends[DOCUMENT_SERIES];

		markup_stack(cases[i].parts, 3, cases[i].end, ends);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(ends[k], cases[i].ends[k]);
	}
}

/* ---- pictures ---- */

static const struct document_series series[] = { { "TLS 1.3", TONE_TLS13 }, { "plaintext", TONE_PLAIN } };

static void
fill(struct document *doc, struct document_block *block, size_t rows, int64_t (*n)(size_t row, size_t part))
{
	block->series = series;
	block->series_count = 2;
	for (size_t i = 0; i < rows; i++) {
		struct document_row *row = document_row(doc, block);

		document_cell(doc, row, "2026-01-%02zu", i + 1);
		for (size_t k = 0; k < 2; k++)
			row->parts[k] = n(i, k);
	}
}

/* The attributes of a rectangle. */
struct rect {
	char tone[16];
	long x, y, width, height;
};

/* Parses the next one at *at, and moves *at. False: none left. */
static bool
next_rect(const char **at, struct rect *out)
{
	const char *found = strstr(*at, "<rect ");

	if (found == NULL)
		return false;
	assert_int_equal(sscanf(found, "<rect class=\"f-%15[a-z0-9]\" x=\"%ld\" y=\"%ld\" width=\"%ld\" height=\"%ld\"/>", out->tone, &out->x,
	    &out->y, &out->width, &out->height), 5);
	*at = found + 1;
	return true;
}

static bool
is_near(long place, double share)
{
	double difference = (double)place - share * (double)DOCUMENT_WHOLE;

	return difference < 0.51 && difference > -0.51;
}

/* Compares each rectangle with its number: the first part stands on the base line, the second on the first, and both have the right
 * height to half a unit in ten thousand. */
static void
hold_against_numbers(const char *text, const struct document_block *block)
{
	double end = (double)number_axis_end(document_greatest(block));
	struct rect rect;

	for (size_t i = 0; i < block->row_count; i++) {
		double below = 0;

		for (size_t k = 0; k < block->series_count; k++) {
			double above = below + (double)block->rows[i].parts[k];

			if (block->rows[i].parts[k] > 0) {
				assert_true(next_rect(&text, &rect));
				assert_string_equal(rect.tone, markup_tone(block->series[k].tone));
				assert_true(rect.x >= (long)i * 10 && rect.x + rect.width <= ((long)i + 1) * 10);
				assert_true(is_near(DOCUMENT_WHOLE - rect.y, above / end));
				assert_true(is_near(DOCUMENT_WHOLE - rect.y - rect.height, below / end));
			}
			below = above;
		}
	}
	assert_false(next_rect(&text, &rect));
}

static int64_t
like_a_saw(size_t row, size_t part)
{
	return (int64_t)(part == 0 ? 100 + row * 37 % 91 : row % 7 * 10);
}

static int64_t
one_and_none(size_t row, size_t part)
{
	return row == 1 && part == 0 ? 0 : 3;
}

static int64_t
nothing(size_t row, size_t part)
{
	(void)row;
	(void)part;
	return 0;
}

static int64_t
huge(size_t row, size_t part)
{
	return part == 0 ? 999999999999999 : (int64_t)row * 100000000000000;
}

static void
test_columns(void **state)
{
	static const struct {
		size_t rows;
		int64_t (*n)(size_t, size_t);
	} cases[] = { { 30, like_a_saw }, { 92, like_a_saw }, { 1, one_and_none }, { 2, one_and_none }, { 5, nothing }, { 9, huge } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct document doc = { .title = NULL };
		struct document_block *block = document_add(&doc, DOCUMENT_COLUMNS, "<caption>");
		struct paper paper;

		document_set(&doc, &block->summary, "%s", "what one sees & more");
		fill(&doc, block, cases[i].rows, cases[i].n);
		begin(&paper);
		markup_columns(paper.to, block, 7);
		finish(&paper);
		assert_non_null(strstr(paper.text, "<title id=\"c7t\">&lt;caption&gt;</title>"));
		assert_non_null(strstr(paper.text, "<desc id=\"c7d\">what one sees &amp; more</desc>"));
		hold_against_numbers(paper.text, block);
		free(paper.text);
		document_fini(&doc);
	}
}

static void
test_column_title(void **state)
{
	struct document doc = { .title = NULL };
	struct document_block *block = document_add(&doc, DOCUMENT_COLUMNS, "x");
	struct paper paper;

	(void)state;
	fill(&doc, block, 2, one_and_none);
	begin(&paper);
	markup_columns(paper.to, block, 1);
	finish(&paper);
	assert_non_null(strstr(paper.text, "<title>2026-01-01: TLS 1.3 3, plaintext 3</title>"));
	assert_non_null(strstr(paper.text, "<title>2026-01-02: plaintext 3</title>"));
	free(paper.text);
	document_fini(&doc);
}

static void
test_bar(void **state)
{
	static const struct {
		bool by_greatest;
		const char *bars[2];
	} cases[] = {
		{ false, { "x=\"0\" y=\"0\" width=\"7500\" height=\"10\"/><rect class=\"f-plain\" x=\"7500\" y=\"0\" width=\"2500\"",
		    "<rect class=\"f-tls13\" x=\"0\" y=\"0\" width=\"10000\"" } },
		{ true, { "x=\"0\" y=\"0\" width=\"7500\" height=\"10\"/><rect class=\"f-plain\" x=\"7500\" y=\"0\" width=\"2500\"",
		    "<rect class=\"f-tls13\" x=\"0\" y=\"0\" width=\"2500\"" } },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct document doc = { .title = NULL };
		struct document_block *block = document_add(&doc, DOCUMENT_TABLE, "x");

		block->by_greatest = cases[i].by_greatest;
		fill(&doc, block, 2, nothing);
		block->rows[0].parts[0] = 300;
		block->rows[0].parts[1] = block->rows[1].parts[0] = 100;
		for (size_t k = 0; k < 2; k++) {
			struct paper paper;

			begin(&paper);
			markup_bar(paper.to, block, &block->rows[k]);
			finish(&paper);
			assert_non_null(strstr(paper.text, cases[i].bars[k]));
			free(paper.text);
		}
		document_fini(&doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_column_title),
		cmocka_unit_test(test_bar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

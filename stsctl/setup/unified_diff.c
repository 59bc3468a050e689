/* SPDX-License-Identifier: ISC */
/* unified_diff.c - finds the longest common subsequence of lines, and prints the rest in hunks. */
#include "config.h"

#include "stsctl/setup/unified_diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3, CELLS_MAX = 4 << 20 };

/* A line with its newline, which the last one may lack. */
struct line {
	const char *text;
	size_t len;
};

struct side {
	struct line *lines;
	size_t count;
};

/* One line of the edit script. */
struct step {
	char mark;		/* ' ', '-', '+' */
	struct line line;
};

struct script {
	struct step *steps;
	size_t count;
};

static bool
split(const char *text, struct side *out)
{
	size_t count = 0;

	for (const char *c = text; *c != '\0'; c++)
		count += *c == '\n' || c[1] == '\0';
	out->count = 0;
	out->lines = calloc(count + 1, sizeof(*out->lines));
	if (out->lines == NULL)
		return false;
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		len += text[len] == '\n';
		out->lines[out->count++] = (struct line){ text, len };
		text += len;
	}
	return true;
}

static bool
same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static void
add(struct script *script, char mark, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		script->steps[script->count++] = (struct step){ mark, lines[i] };
}

/* Adds the steps for the middle, where both sides differ. cells: the lengths of the common subsequences of both rests, row by row. */
static void
walk(struct script *script, const struct line *a, size_t n, const struct line *b, size_t m, const uint32_t *cells)
{
	size_t i = 0, j = 0;

	while (i < n && j < m) {
		if (same(&a[i], &b[j])) {
			add(script, ' ', &a[i], 1);
			i++;
			j++;
		} else if (cells[(i + 1) * (m + 1) + j] >= cells[i * (m + 1) + j + 1])
			add(script, '-', &a[i++], 1);
		else
			add(script, '+', &b[j++], 1);
	}
	add(script, '-', a + i, n - i);
	add(script, '+', b + j, m - j);
}

static bool
compare(struct script *script, const struct line *a, size_t n, const struct line *b, size_t m)
{
	uint32_t *cells;

	if (n == 0 || m == 0 || n + 1 > CELLS_MAX / (m + 1)) {
		add(script, '-', a, n);
		add(script, '+', b, m);
		return true;
	}
	cells = calloc((n + 1) * (m + 1), sizeof(*cells));
	if (cells == NULL)
		return false;
	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			uint32_t down = cells[(i + 1) * (m + 1) + j], right = cells[i * (m + 1) + j + 1];

			cells[i * (m + 1) + j] = same(&a[i], &b[j]) ? cells[(i + 1) * (m + 1) + j + 1] + 1 :
			    down > right ? down : right;
		}
	walk(script, a, n, b, m, cells);
	free(cells);
	return true;
}

static bool
make_script(const struct side *a, const struct side *b, struct script *out)
{
	size_t head = 0, tail = 0, least = a->count < b->count ? a->count : b->count;

	out->count = 0;
	out->steps = calloc(a->count + b->count + 1, sizeof(*out->steps));
	if (out->steps == NULL)
		return false;
	while (head < least && same(&a->lines[head], &b->lines[head]))
		head++;
	while (tail < least - head && same(&a->lines[a->count - 1 - tail], &b->lines[b->count - 1 - tail]))
		tail++;
	add(out, ' ', a->lines, head);
	if (!compare(out, a->lines + head, a->count - head - tail, b->lines + head, b->count - head - tail))
		return false;
	add(out, ' ', a->lines + a->count - tail, tail);
	return true;
}

/* ---- hunks ---- */

/* The end of the hunk whose first change is at first: after the context of the last change that is close enough to the one before it. */
static size_t
end_of_hunk(const struct script *script, size_t first)
{
	size_t last = first;

	for (size_t i = first; i < script->count && i <= last + 2 * CONTEXT + 1; i++)
		if (script->steps[i].mark != ' ')
			last = i;
	return last + 1 + CONTEXT < script->count ? last + 1 + CONTEXT : script->count;
}

/* Prints "12,4". An empty range names the line before it. */
static void
print_range(char sign, size_t before, size_t count, FILE *to)
{
	fprintf(to, " %c%zu", sign, count > 0 ? before + 1 : before);
	if (count != 1)
		fprintf(to, ",%zu", count);
}

static void
print_hunk(const struct script *script, size_t from, size_t end, const size_t before[2], FILE *to)
{
	size_t counts[2] = { 0, 0 };

	for (size_t i = from; i < end; i++) {
		counts[0] += script->steps[i].mark != '+';
		counts[1] += script->steps[i].mark != '-';
	}
	fputs("@@", to);
	print_range('-', before[0], counts[0], to);
	print_range('+', before[1], counts[1], to);
	fputs(" @@\n", to);
	for (size_t i = from; i < end; i++) {
		const struct line *line = &script->steps[i].line;

		putc(script->steps[i].mark, to);
		fwrite(line->text, 1, line->len, to);
		if (line->text[line->len - 1] != '\n')
			fputs("\n\\ No newline at end of file\n", to);
	}
}

static void
print_hunks(const struct script *script, FILE *to)
{
	size_t before[2] = { 0, 0 };

	for (size_t i = 0, done = 0; i < script->count; i++) {
		size_t from = i > done + CONTEXT ? i - CONTEXT : done, end;

		if (script->steps[i].mark == ' ')
			continue;
		for (; done < from; done++) {
			before[0]++;
			before[1]++;
		}
		end = end_of_hunk(script, i);
		print_hunk(script, from, end, before, to);
		for (; done < end; done++) {
			before[0] += script->steps[done].mark != '+';
			before[1] += script->steps[done].mark != '-';
		}
		i = end - 1;
	}
}

bool
unified_diff(const char *path, const char *before, const char *after, FILE *to)
{
	struct side a = { NULL, 0 }, b = { NULL, 0 };
	struct script script = { NULL, 0 };
	bool ok = split(before != NULL ? before : "", &a) && split(after, &b) && make_script(&a, &b, &script);

	if (ok && (before == NULL || strcmp(before, after) != 0)) {
		fprintf(to, "--- %s\n+++ %s\n", before != NULL ? path : "/dev/null", path);
		print_hunks(&script, to);
	}
	free(a.lines);
	free(b.lines);
	free(script.steps);
	return ok;
}

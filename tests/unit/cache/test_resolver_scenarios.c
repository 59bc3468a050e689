/* SPDX-License-Identifier: ISC */
/*
 * test_resolver_scenarios.c - plays the files of tests/scenarios: the real resolver, with its memory and its rules of time, in a
 * world whose DNS, web servers, store and clocks are made up. A year takes a moment. tests/scenarios/README explains the words.
 *
 * Usage: test_resolver_scenarios [FILE...], by default all.
 */
#include "config.h"

#include <ctype.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/story.h"

enum { NODES = 3, LINE_CAP = 512, STEP_S = 600, LEAST = 100 };

/* One node: a process's memory and resolver. */
struct node {
	struct sts_l1 *l1;
	struct sts_resolver *resolver;
};

struct play {
	struct world *w;
	struct node nodes[NODES];	/* the current one's is in w */
	size_t current;
	int64_t seconds;		/* since the scenario's start, on the monotonic clock */
	unsigned published;
	char where[LINE_CAP + 16];		/* file, line, text */
};

struct scenario {
	char name[LINE_CAP];
	char file[LINE_CAP];
	long offset;			/* of the line after its name */
	unsigned line;
	bool fleet;
};

/* ---- nodes ---- */

static void
switch_to(struct play *p, size_t node)
{
	p->nodes[p->current] = (struct node){ p->w->l1, p->w->resolver };
	p->current = node;
	p->w->l1 = p->nodes[node].l1;
	p->w->resolver = p->nodes[node].resolver;
	if (p->w->resolver == NULL)
		world_begin_process(p->w);
}

/* All other nodes do what is due, and get what was published (always about d.example). */
static void
run_others(struct play *p)
{
	size_t current = p->current;
	bool news = p->w->fleet.published != p->published;

	p->published = p->w->fleet.published;
	for (size_t i = 0; i < NODES; i++) {
		if (i == current || p->nodes[i].resolver == NULL)
			continue;
		switch_to(p, i);
		if (news) {
			sts_l1_forget(p->w->l1, "d.example");
			sts_resolver_forget(p->w->resolver, "d.example");
		}
		world_line(p->w, "ms 0");
	}
	switch_to(p, current);
}

/* ---- words that only scenarios have ---- */

/* "90", "5m", "2h", "7d", a sum of these, or negative. */
static int64_t
read_time(const struct play *p, const char *text)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	int64_t sum = 0, sign = text[0] == '-' ? -1 : 1;
	char *end;

	for (text += text[0] == '-'; *text != '\0'; text = end) {
		int64_t n = strtoll(text, &end, 10), factor = *end == '\0' ? 1 : 0;

		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			factor = *end == units[i].unit ? units[i].seconds : factor;
		if (end == text || factor == 0)
			fail_msg("%s: no time: %s", p->where, text);
		end += *end != '\0';
		sum += n * factor;
	}
	return sign * sum;
}

/* In steps, as an event loop would run. */
static void
pass(struct play *p, int64_t seconds)
{
	char line[40];

	if (seconds < 0)
		fail_msg("%s: time does not go back; jump does", p->where);
	p->seconds += seconds;
	while (seconds > 0) {
		int64_t step = seconds < STEP_S ? seconds : STEP_S;

		snprintf(line, sizeof(line), "time %lld", (long long)step);
		world_line(p->w, line);
		run_others(p);
		seconds -= step;
	}
}

static void
restart(struct play *p)
{
	world_end_process(p->w);
	world_begin_process(p->w);
}

static void
do_line(struct play *p, const char *line)
{
	if (strncmp(line, "time ", 5) == 0)
		pass(p, read_time(p, line + 5));
	else if (strncmp(line, "at ", 3) == 0)
		pass(p, read_time(p, line + 3) - p->seconds);
	else if (strncmp(line, "jump ", 5) == 0)
		p->w->net.now += read_time(p, line + 5);
	else if (strcmp(line, "restart") == 0)
		restart(p);
	else if (strncmp(line, "node ", 5) == 0 && line[5] >= '1' && line[5] <= '0' + NODES)
		switch_to(p, (size_t)(line[5] - '1'));
	else
		world_line(p->w, line);
	run_others(p);
}

/* ---- a line: event => answer | DNS lookups, fetches ---- */

static void
expect(struct play *p, const char *word, const char *what)
{
	char line[LINE_CAP];

	if (what == NULL || what[0] == '\0')
		return;
	snprintf(line, sizeof(line), "%s %s", word, what);
	world_line(p->w, line);
}

static char *
trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	for (len = strlen(text); len > 0 && isspace((unsigned char)text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}

/* Cuts text at mark; returns what follows it, or NULL if there is no mark. */
static char *
cut(char *text, const char *mark)
{
	char *at = strstr(text, mark);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return trim(at + strlen(mark));
}

static void
play_line(struct play *p, char *text)
{
	char *want = cut(text, "=>"), *asked = cut(want != NULL ? want : text, " | "), step[32], *what = trim(text);
	int times = 1, skip = 0;

	if (sscanf(what, "every %31s %d %n", step, &times, &skip) == 2 && skip > 0)
		what += skip;
	else
		step[0] = '\0';
	for (int i = 0; i < times; i++) {
		if (step[0] != '\0')
			pass(p, read_time(p, step));
		do_line(p, what);
		expect(p, "want", want != NULL ? trim(want) : NULL);
	}
	expect(p, "asked", asked);
}

/* ---- a scenario ---- */

static void
end_others(struct play *p)
{
	const struct node mine = { p->w->l1, p->w->resolver };

	for (size_t i = 0; i < NODES; i++) {
		if (i == p->current || p->nodes[i].resolver == NULL)
			continue;
		p->w->l1 = p->nodes[i].l1;
		p->w->resolver = p->nodes[i].resolver;
		world_end_process(p->w);
	}
	p->w->l1 = mine.l1;
	p->w->resolver = mine.resolver;
}

static void
test_scenario(void **state)
{
	const struct scenario *s = *state;
	const struct story story = { .name = NULL, .fleet = s->fleet };
	struct play p = { .w = world_new(&story) };
	FILE *file = fopen(s->file, "r");
	char text[LINE_CAP];
	unsigned number = s->line;

	assert_non_null(file);
	fseek(file, s->offset, SEEK_SET);
	while (fgets(text, sizeof(text), file) != NULL && strncmp(text, "scenario ", 9) != 0) {
		number++;
		text[strcspn(text, "#\n")] = '\0';
		if (trim(text)[0] == '\0')
			continue;
		snprintf(p.where, sizeof(p.where), "%s:%u", s->file, number);
		p.w->story = p.where;
		play_line(&p, text);
	}
	fclose(file);
	end_others(&p);
	world_free(p.w);
}

/* Adds the file's scenarios. */
static size_t
list_scenarios(const char *path, struct scenario *out, size_t max)
{
	FILE *file = fopen(path, "r");
	char text[LINE_CAP];
	unsigned number = 0;
	size_t count = 0;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	while (fgets(text, sizeof(text), file) != NULL) {
		number++;
		if (strncmp(text, "scenario ", 9) != 0 || count == max)
			continue;
		text[strcspn(text, "\n")] = '\0';
		out[count].fleet = strncmp(text + 9, "fleet: ", 7) == 0;
		snprintf(out[count].name, sizeof(out[count].name), "%s", text + 9);
		snprintf(out[count].file, sizeof(out[count].file), "%s", path);
		out[count].line = number;
		out[count++].offset = ftell(file);
	}
	fclose(file);
	return count;
}

int
main(int argc, char **argv)
{
	enum { MAX = 1000 };
	static struct scenario scenarios[MAX];
	static struct CMUnitTest tests[MAX];
	const char *source = getenv("STS_SOURCE");
	char pattern[LINE_CAP];
	size_t count = 0;
	glob_t found = { 0 };

	snprintf(pattern, sizeof(pattern), "%s/tests/scenarios/*.scn", source != NULL ? source : "../../..");
	for (int i = 1; i < argc; i++)
		count += list_scenarios(argv[i], scenarios + count, MAX - count);
	if (argc < 2 && glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			count += list_scenarios(found.gl_pathv[i], scenarios + count, MAX - count);
	globfree(&found);
	if (argc < 2 && count < LEAST) {
		fprintf(stderr, "%s: %zu scenarios; there are at least %d\n", pattern, count, LEAST);
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){ scenarios[i].name, test_scenario, NULL, NULL, &scenarios[i] };
	return _cmocka_run_group_tests("scenarios", tests, count, NULL, NULL);
}

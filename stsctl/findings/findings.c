/* SPDX-License-Identifier: ISC */
/* findings.c - the list of findings and its verdict. */
#include "config.h"

#include "stsctl/findings/findings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/terminal/paste.h"

enum { FIRST_CAP = 32, FIX_LINES_CAP = 8192 };

const char *
finding_level_name(enum finding_level level)
{
	static const char *const names[] = {
		[FINDING_PASS] = "pass",
		[FINDING_INFO] = "info",
		[FINDING_WARN] = "warn",
		[FINDING_FAIL] = "fail",
	};

	return names[level];
}

void
findings_init(struct findings *findings)
{
	memset(findings, 0, sizeof(*findings));
}

static void
finding_fini(struct finding *f)
{
	free(f->subject);
	free(f->seen);
	free(f->fix);
}

void
findings_fini(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		finding_fini(&findings->list[i]);
	free(findings->list);
	findings_init(findings);
}

static bool
reserve(struct findings *findings, size_t more)
{
	size_t cap = findings->cap == 0 ? FIRST_CAP : findings->cap;
	struct finding *grown;

	while (cap < findings->count + more)
		cap *= 2;
	if (cap == findings->cap)
		return true;
	grown = realloc(findings->list, cap * sizeof(*grown));
	if (grown == NULL) {
		findings->no_memory = true;
		return false;
	}
	findings->list = grown;
	findings->cap = cap;
	return true;
}

/* The given lines, or the sentence of the table. */
static const char *
fix_of(enum finding_level level, const char *id, const char *given)
{
	const char *remedy = level >= FINDING_WARN ? finding_remedy(id) : NULL;

	if (given != NULL && given[0] != '\0')
		return given;
	return remedy != NULL ? remedy : "";
}

void
findings_add(struct findings *findings, enum finding_level level, const char *id, const char *subject, const char *seen,
    const char *fix)
{
	struct finding f = { .id = id, .level = level };

	assert(finding_why(id) != NULL);
	if (!reserve(findings, 1))
		return;
	f.subject = strdup(subject);
	f.seen = strdup(seen);
	f.fix = strdup(fix_of(level, id, fix));
	if (f.subject == NULL || f.seen == NULL || f.fix == NULL) {
		finding_fini(&f);
		findings->no_memory = true;
		return;
	}
	findings->list[findings->count++] = f;
}

void
findings_move(struct findings *to, struct findings *from)
{
	to->no_memory = to->no_memory || from->no_memory;
	to->unsure = to->unsure || from->unsure;
	if (from->count > 0 && reserve(to, from->count)) {
		memcpy(to->list + to->count, from->list, from->count * sizeof(*from->list));
		to->count += from->count;
		from->count = 0;
	}
	findings_fini(from);
}

void
findings_set_unsure(struct findings *findings)
{
	findings->unsure = true;
}

void
findings_fill_in_command(struct findings *findings, const struct cmd_context *context)
{
	char text[FIX_LINES_CAP], *copy;

	for (size_t i = 0; i < findings->count; i++) {
		struct finding *finding = &findings->list[i];

		if (paste_as_called(context, finding->fix, text, sizeof(text)) != text)
			continue;
		if ((copy = strdup(text)) == NULL) {
			findings->no_memory = true;
			return;
		}
		free(finding->fix);
		finding->fix = copy;
	}
}

size_t
findings_count(const struct findings *findings, enum finding_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->count; i++)
		n += findings->list[i].level == level;
	return n;
}

enum finding_level
findings_verdict(const struct findings *findings)
{
	if (findings_count(findings, FINDING_FAIL) > 0)
		return FINDING_FAIL;
	return findings_count(findings, FINDING_WARN) > 0 ? FINDING_WARN : FINDING_PASS;
}

enum cmd_exit
findings_exit(const struct findings *findings)
{
	if (findings_verdict(findings) == FINDING_FAIL)
		return CMD_NO;
	return findings->unsure || findings->no_memory ? CMD_UNKNOWN : CMD_FINE;
}

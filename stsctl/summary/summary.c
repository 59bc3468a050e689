/* SPDX-License-Identifier: ISC */
/* summary.c - parses the names of counters, and adds them up over days. Knows no store. */
#include "config.h"

#include "stsctl/summary/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 6 };

void
summary_fini(struct summary *s)
{
	for (size_t i = 0; i < s->policy_count; i++)
		free(s->policies[i].text);
	free(s->orgs);
	free(s->failures);
	free(s->policies);
	*s = (struct summary){ .only_org = s->only_org };
}

/* ---- names ---- */

struct name {
	char parts[PARTS_MAX][STS_SAFE_WORD_CAP];
	size_t count;
};

/* Splits a name. False: more or longer parts than our names have. */
static bool
split_name(const char *text, struct name *out)
{
	out->count = 0;
	for (;;) {
		size_t len = strcspn(text, ":");

		if (out->count == PARTS_MAX || len >= STS_SAFE_WORD_CAP)
			return false;
		memcpy(out->parts[out->count], text, len);
		out->parts[out->count++][len] = '\0';
		if (text[len] == '\0')
			return true;
		text += len + 1;
	}
}

static bool
is_kind(const char *word, enum sts_report_kind *out)
{
	for (size_t k = 0; k < STS_REPORT_KINDS; k++)
		if (strcmp(word, sts_report_kind_name((enum sts_report_kind)k)) == 0) {
			*out = (enum sts_report_kind)k;
			return true;
		}
	return false;
}

static bool
is_outcome(const char *word, bool *failure)
{
	*failure = strcmp(word, "failure") == 0;
	return *failure || strcmp(word, "success") == 0;
}

/* Adds an element to a list. NULL: no memory, or beyond max. */
static void *
append(struct summary *s, void **list, size_t *count, size_t size, size_t max)
{
	void *grown;

	if (*count >= max) {
		s->dropped++;
		return NULL;
	}
	grown = realloc(*list, (*count + 1) * size);
	if (grown == NULL)
		return NULL;
	*list = grown;
	memset((char *)grown + *count * size, 0, size);
	return (char *)grown + (*count)++ * size;
}

/* ---- the three lists ---- */

static struct summary_org *
find_org(struct summary *s, const char *name)
{
	struct summary_org *org;
	void *list = s->orgs;

	for (size_t i = 0; i < s->org_count; i++)
		if (strcmp(s->orgs[i].name, name) == 0)
			return &s->orgs[i];
	org = append(s, &list, &s->org_count, sizeof(*org), SUMMARY_ORGS_MAX);
	s->orgs = list;
	if (org != NULL)
		strcpy(org->name, name);
	return org;
}

/* org:ORG, org:ORG:KIND:success */
static bool
add_org(struct summary *s, const char *day, const struct name *name, int64_t n)
{
	enum sts_report_kind kind = STS_REPORT_STS;
	struct summary_org *org;
	bool failure = false;

	if ((name->count != 2 && name->count != 4) || (s->only_org != NULL && strcmp(name->parts[1], s->only_org) != 0) ||
	    (name->count == 4 && (!is_kind(name->parts[2], &kind) || !is_outcome(name->parts[3], &failure))))
		return true;
	org = find_org(s, name->parts[1]);
	if (org == NULL)
		return s->org_count == SUMMARY_ORGS_MAX;
	if (name->count == 2) {
		org->reports += n;
		s->reports += n;
	} else if (failure) {
		org->failure[kind] += n;
		s->failure[kind] += n;
		if (n > 0 && strcmp(s->last_failure[kind], day) < 0)
			snprintf(s->last_failure[kind], sizeof(s->last_failure[kind]), "%s", day);
	} else {
		org->success[kind] += n;
		s->success[kind] += n;
	}
	return true;
}

static bool
same_failure(const struct summary_failure *f, enum sts_report_kind kind, const struct name *name)
{
	return f->kind == kind && strcmp(f->result, name->parts[2]) == 0 && strcmp(f->reason, name->parts[3]) == 0 &&
	    strcmp(f->mx, name->parts[4]) == 0 && strcmp(f->org, name->parts[5]) == 0;
}

/* detail:KIND:RESULT:REASON:MX:ORG */
static bool
add_failure(struct summary *s, const char *day, const struct name *name, int64_t n)
{
	struct summary_failure *f = NULL;
	enum sts_report_kind kind;
	void *list = s->failures;

	if (name->count != 6 || !is_kind(name->parts[1], &kind) ||
	    (s->only_org != NULL && strcmp(name->parts[5], s->only_org) != 0))
		return true;
	for (size_t i = 0; i < s->failure_count && f == NULL; i++)
		if (same_failure(&s->failures[i], kind, name))
			f = &s->failures[i];
	if (f == NULL) {
		f = append(s, &list, &s->failure_count, sizeof(*f), SUMMARY_FAILURES_MAX);
		s->failures = list;
		if (f == NULL)
			return s->failure_count == SUMMARY_FAILURES_MAX;
		f->kind = kind;
		strcpy(f->result, name->parts[2]);
		strcpy(f->reason, name->parts[3]);
		strcpy(f->mx, name->parts[4]);
		strcpy(f->org, name->parts[5]);
	}
	f->n += n;
	if (strcmp(f->last_day, day) < 0)
		snprintf(f->last_day, sizeof(f->last_day), "%s", day);
	return true;
}

static struct summary_policy *
find_policy(struct summary *s, const char *hash, const char *day)
{
	struct summary_policy *p = NULL;
	void *list = s->policies;

	if (strlen(hash) >= sizeof(p->hash))
		return NULL;
	for (size_t i = 0; i < s->policy_count && p == NULL; i++)
		if (strcmp(s->policies[i].hash, hash) == 0)
			p = &s->policies[i];
	if (p == NULL) {
		p = append(s, &list, &s->policy_count, sizeof(*p), SUMMARY_POLICIES_MAX);
		s->policies = list;
		if (p == NULL)
			return NULL;
		strcpy(p->hash, hash);
		strcpy(p->mode, "other");
	}
	if (p->first_day[0] == '\0' || strcmp(p->first_day, day) > 0)
		snprintf(p->first_day, sizeof(p->first_day), "%s", day);
	if (strcmp(p->last_day, day) < 0)
		snprintf(p->last_day, sizeof(p->last_day), "%s", day);
	return p;
}

/* policy:HASH:MODE:success, text:HASH. These are not counted by organisation. */
static bool
add_policy(struct summary *s, const char *day, const struct name *name, const struct sts_report_field *field)
{
	struct summary_policy *p;
	bool failure = false;

	if (s->only_org != NULL || name->count != (field->text != NULL ? 2 : 4) ||
	    (name->count == 4 && !is_outcome(name->parts[3], &failure)))
		return true;
	p = find_policy(s, name->parts[1], day);
	if (p == NULL)
		return true;
	if (field->text != NULL)
		return p->text != NULL || (p->text = strdup(field->text)) != NULL;
	snprintf(p->mode, sizeof(p->mode), "%.15s", name->parts[2]);
	*(failure ? &p->failure : &p->success) += field->n;
	return true;
}

/* ---- the whole summary ---- */

static void
note_day(struct summary *s, const char *day)
{
	if (s->first_day[0] == '\0' || strcmp(s->first_day, day) > 0)
		snprintf(s->first_day, sizeof(s->first_day), "%s", day);
	if (strcmp(s->last_day, day) < 0)
		snprintf(s->last_day, sizeof(s->last_day), "%s", day);
}

enum sts_status
summary_add(struct summary *s, const char *day, const struct sts_report_field *field)
{
	struct name name;
	bool good = true;

	if (strcmp(field->name, "folded") == 0)
		s->folded += field->n;
	if (!split_name(field->name, &name))
		return STS_OK;
	if (strcmp(name.parts[0], "org") == 0 && field->text == NULL) {
		good = add_org(s, day, &name, field->n);
		note_day(s, day);
	} else if (strcmp(name.parts[0], "detail") == 0 && field->text == NULL)
		good = add_failure(s, day, &name, field->n);
	else if (strcmp(name.parts[0], "policy") == 0 || strcmp(name.parts[0], "text") == 0)
		good = add_policy(s, day, &name, field);
	return good ? STS_OK : STS_ENOMEM;
}

enum sts_status
summary_add_to_day(void *arg, const struct sts_report_field *field)
{
	const struct summary_day *d = arg;

	return summary_add(d->summary, d->day, field);
}

static int
compare_numbers(int64_t a, int64_t b)
{
	return a == b ? 0 : a > b ? -1 : 1;
}

static int
by_sessions(const void *left, const void *right)
{
	const struct summary_org *a = left, *b = right;
	int order = compare_numbers(a->success[STS_REPORT_STS] + a->failure[STS_REPORT_STS],
	    b->success[STS_REPORT_STS] + b->failure[STS_REPORT_STS]);

	return order != 0 ? order : strcmp(a->name, b->name);
}

static int
by_count(const void *left, const void *right)
{
	const struct summary_failure *a = left, *b = right;
	int order = compare_numbers(a->n, b->n);

	if (order == 0)
		order = strcmp(a->result, b->result);
	if (order == 0)
		order = strcmp(a->org, b->org);
	return order != 0 ? order : strcmp(a->mx, b->mx);
}

static int
by_day(const void *left, const void *right)
{
	const struct summary_policy *a = left, *b = right;
	int order = strcmp(a->last_day, b->last_day);

	return order != 0 ? order : strcmp(a->hash, b->hash);
}

void
summary_sort(struct summary *s)
{
	if (s->org_count > 1)
		qsort(s->orgs, s->org_count, sizeof(*s->orgs), by_sessions);
	if (s->failure_count > 1)
		qsort(s->failures, s->failure_count, sizeof(*s->failures), by_count);
	if (s->policy_count > 1)
		qsort(s->policies, s->policy_count, sizeof(*s->policies), by_day);
}

const struct sts_advice *
summary_advice(const struct summary_failure *failure)
{
	return sts_advice_find(failure->result, strcmp(failure->reason, "-") == 0 ? "" : failure->reason, failure->org);
}

/* By organisation: what one tells more than once says nothing of another's sessions. */
int64_t
summary_unexplained(const struct summary *s, enum sts_report_kind kind)
{
	int64_t sum = 0;

	for (size_t o = 0; o < s->org_count; o++) {
		int64_t n = s->orgs[o].failure[kind];

		for (size_t i = 0; i < s->failure_count && n > 0; i++)
			if (s->failures[i].kind == kind && strcmp(s->failures[i].org, s->orgs[o].name) == 0)
				n -= s->failures[i].n;
		sum += n > 0 ? n : 0;
	}
	return sum;
}

bool
summary_must_act(const struct summary *s)
{
	for (size_t i = 0; i < s->failure_count; i++)
		if (s->failures[i].kind != STS_REPORT_NONE && summary_advice(&s->failures[i])->act == STS_ACT_YES)
			return true;
	return false;
}

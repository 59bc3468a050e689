/* SPDX-License-Identifier: ISC */
/* readiness_judge.c - weighs the sources, and sums up the verdict. */
#include "config.h"

#include "stsctl/readiness/readiness_judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/date.h"
#include "shared-cache/base/text.h"

enum { DAY_S = 86400, FINDINGS_SHOWN = 10, FAILURES_SHOWN = 10, SEEN_MAX = 160 };

const char *
readiness_verdict_name(enum readiness_verdict verdict)
{
	static const char *const names[] = { "ready", "not-ready", "not-enough-evidence" };

	return names[verdict];
}

const char *
readiness_weight_name(enum readiness_weight weight)
{
	static const char *const names[] = { "blocks", "missing", "note", "good" };

	return names[weight];
}

static void add(struct readiness *out, enum readiness_weight weight, const char *id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void
add(struct readiness *out, enum readiness_weight weight, const char *id, const char *format, ...)
{
	struct readiness_reason *reason = &out->reasons[out->count];
	va_list ap;

	if (out->count == READINESS_REASONS_MAX) {
		out->dropped++;
		return;
	}
	out->count++;
	reason->weight = weight;
	reason->id = id;
	va_start(ap, format);
	vsnprintf(reason->text, sizeof(reason->text), format, ap);
	va_end(ap);
}

/* ---- check ---- */

static void
judge_findings(const struct readiness_facts *f, struct readiness *out)
{
	size_t failures = findings_count(f->found, FINDING_FAIL), shown = 0;
	char seen[SEEN_MAX + 64];
	struct sts_text text;

	for (size_t i = 0; i < f->found->count && shown < FINDINGS_SHOWN; i++) {
		const struct finding *finding = &f->found->list[i];

		if (finding->level != FINDING_FAIL)
			continue;
		sts_text_init(&text, seen, sizeof(seen));
		sts_text_add_shown(&text, finding->seen, strlen(finding->seen), SEEN_MAX);
		add(out, READINESS_BLOCKS, "check.fails", "check: %s, %s: %s", finding->id, finding->subject, seen);
		shown++;
	}
	if (failures > shown)
		add(out, READINESS_BLOCKS, "check.fails", "check: %zu more findings fail: stsctl check %s", failures - shown, f->domain);
	if (f->found->unsure)
		add(out, READINESS_MISSING, "check.unsure", "check could not determine everything: stsctl check %s", f->domain);
	if (failures == 0 && !f->found->unsure)
		add(out, READINESS_GOOD, "check.passes", "check finds nothing that fails");
}

/* Judges the remaining share of the lifetime, because a number of days says nothing: lifetimes are 90 days today, and soon 47.
 * Certificates are usually renewed when a third is left. */
static void
judge_certificates(const struct readiness_facts *f, struct readiness *out)
{
	for (size_t i = 0; i < f->check->cert_count; i++) {
		const struct check_cert *cert = &f->check->certs[i];
		int64_t whole = cert->expires_s - cert->begins_s, left = cert->expires_s - f->now;

		if (whole <= 0 || left <= 0)	/* check has reported it */
			continue;
		if (left < whole / 3)
			add(out, READINESS_BLOCKS, "certificate.renewal", "the certificate of %s has %" PRId64 "%% of its %" PRId64
			    " days left: it should have been renewed by now; once expired, with enforce, mail stops", cert->host,
			    left * 100 / whole, whole / DAY_S);
		else
			add(out, READINESS_GOOD, "certificate.fresh", "the certificate of %s has %" PRId64 "%% of its %" PRId64
			    " days left", cert->host, left * 100 / whole, whole / DAY_S);
	}
}

static void
judge_policy(const struct readiness_facts *f, struct readiness *out)
{
	if (f->check->policy == NULL)
		return;		/* a finding says why */
	if (f->check->policy->mode == STS_MODE_ENFORCE)
		add(out, READINESS_NOTE, "policy.enforce", "the policy is in mode enforce already");
	else if (f->check->policy->mode == STS_MODE_NONE)
		add(out, READINESS_MISSING, "policy.none", "the policy is in mode none: senders test it only in mode testing");
}

/* ---- reports ---- */

static int64_t
age_in_days(const struct readiness_facts *f, const char *day)
{
	int32_t number;

	return sts_date_parse(day, strlen(day), &number) ? (int64_t)sts_date_day_of(f->now) - number : INT64_MAX;
}

static enum readiness_weight
weight_of(const struct readiness_facts *f, const struct summary_failure *failure)
{
	int64_t sessions = f->reports->success[failure->kind] + f->reports->failure[failure->kind];

	if (age_in_days(f, failure->last_day) > READINESS_RECENT_DAYS)
		return READINESS_NOTE;
	/* kind tlsa: senders that use DANE do not deliver even now, whatever the policy's mode */
	if (failure->kind != STS_REPORT_STS)
		return READINESS_NOTE;
	switch (summary_advice(failure)->act) {
	case STS_ACT_YES:
		return READINESS_BLOCKS;
	case STS_ACT_LOOK:
		return failure->n * 100 >= sessions ? READINESS_BLOCKS : READINESS_NOTE;
	default:
		return READINESS_NOTE;
	}
}

static void
judge_failures(const struct readiness_facts *f, enum readiness_weight weight, struct readiness *out)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < f->reports->failure_count; i++) {
		const struct summary_failure *failure = &f->reports->failures[i];

		if (failure->kind == STS_REPORT_NONE || weight_of(f, failure) != weight)
			continue;
		if (shown++ >= FAILURES_SHOWN) {
			more++;
			continue;
		}
		add(out, weight, "reports.failures", "%s: %" PRId64 " x %s at %s, says %s (%s, cause: %s, last on %s)",
		    weight == READINESS_BLOCKS ? "sessions would not have delivered mail" : "sessions failed", failure->n,
		    failure->result, failure->mx[0] != '-' ? failure->mx : "no host named", failure->org,
		    sts_report_kind_word(failure->kind), sts_advice_cause_name(summary_advice(failure)->cause), failure->last_day);
	}
	if (more > 0)
		add(out, weight, "reports.failures", "%zu more kinds of failure: stsctl report show %s", more, f->domain);
}

/* Anybody's fault, as far as is known. */
static void
judge_unexplained(const struct readiness_facts *f, struct readiness *out)
{
	const struct summary *s = f->reports;
	int64_t n = summary_unexplained(s, STS_REPORT_STS), sessions = s->success[STS_REPORT_STS] + s->failure[STS_REPORT_STS];
	bool recent = age_in_days(f, s->last_failure[STS_REPORT_STS]) <= READINESS_RECENT_DAYS;

	if (n > 0)
		add(out, recent && n * 100 >= sessions ? READINESS_BLOCKS : READINESS_NOTE, "reports.unexplained", "of %" PRId64
		    " sessions that failed, the reports do not say how (the last failure on %s)", n, s->last_failure[STS_REPORT_STS]);
}

static size_t
count_honouring(const struct summary *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->org_count; i++)
		n += s->orgs[i].success[STS_REPORT_STS] + s->orgs[i].failure[STS_REPORT_STS] > 0;
	return n;
}

static void
judge_amount(const struct readiness_facts *f, struct readiness *out)
{
	const struct summary *s = f->reports;
	int64_t sessions = s->success[STS_REPORT_STS] + s->failure[STS_REPORT_STS];
	int64_t span = s->first_day[0] != '\0' ? age_in_days(f, s->first_day) - age_in_days(f, s->last_day) + 1 : 0;
	size_t senders = count_honouring(s);

	if (sessions == 0) {
		add(out, READINESS_MISSING, "reports.none", "no verified report has a session under MTA-STS in the last %zu days%s: "
		    "without sessions there is no evidence", f->days, f->unverified > 0 ? " (unverified reports do not count)" : "");
		return;
	}
	if (sessions < READINESS_SESSIONS_MIN)
		add(out, READINESS_MISSING, "reports.few",
		    "only %" PRId64 " sessions under MTA-STS were reported; at least %d are needed", sessions, (int)READINESS_SESSIONS_MIN);
	if (senders < READINESS_SENDERS_MIN)
		add(out, READINESS_MISSING, "reports.senders", "only one sender is known to honour the policy; at least %d are needed",
		    (int)READINESS_SENDERS_MIN);
	if (span < READINESS_SPAN_MIN)
		add(out, READINESS_MISSING, "reports.span", "the reports cover %" PRId64 " days; at least %d are needed", span,
		    (int)READINESS_SPAN_MIN);
	if (age_in_days(f, s->last_day) > READINESS_FRESH_DAYS)
		add(out, READINESS_MISSING, "reports.old", "the latest report is for %s: do reports still arrive?", s->last_day);
	add(out, s->failure[STS_REPORT_STS] == 0 ? READINESS_GOOD : READINESS_NOTE, "reports.sessions",
	    "sessions under MTA-STS, reported by %zu senders: %" PRId64 " succeeded, %" PRId64 " failed; under DANE: %" PRId64 " and %" PRId64, senders,
	    s->success[STS_REPORT_STS], s->failure[STS_REPORT_STS], s->success[STS_REPORT_TLSA], s->failure[STS_REPORT_TLSA]);
}

/* ---- our own evidence ---- */

static void
judge_messages(const struct readiness_facts *f, struct readiness *out)
{
	const struct readiness_messages *m = &f->messages;

	if (!m->known || m->tls + m->plaintext + m->unknown == 0)
		add(out, READINESS_NOTE, "messages.none", "there is no evidence of messages for %s: is it in local_domains?", f->domain);
	else
		add(out, READINESS_NOTE, "messages.seen", "messages for %s that we have received: %" PRId64 " over TLS, %" PRId64
		    " in plaintext (senders without MTA-STS may continue to do so), %" PRId64 " unknown", f->domain, m->tls, m->plaintext,
		    m->unknown);
}

/* ---- the verdict ---- */

static int
by_weight(const void *left, const void *right)
{
	const struct readiness_reason *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	return strcmp(a->id, b->id) != 0 ? strcmp(a->id, b->id) : strcmp(a->text, b->text);
}

void
readiness_judge(const struct readiness_facts *facts, struct readiness *out)
{
	memset(out, 0, sizeof(*out));
	if (facts->check != NULL) {
		judge_findings(facts, out);
		judge_certificates(facts, out);
		judge_policy(facts, out);
	} else
		add(out, READINESS_MISSING, "check.offline", "the deployment was not checked");
	judge_failures(facts, READINESS_BLOCKS, out);
	judge_unexplained(facts, out);
	judge_amount(facts, out);
	judge_messages(facts, out);
	judge_failures(facts, READINESS_NOTE, out);
	qsort(out->reasons, out->count, sizeof(out->reasons[0]), by_weight);
	if (out->count > 0 && out->reasons[0].weight == READINESS_BLOCKS)
		out->verdict = READINESS_NOT_READY;
	else
		out->verdict = out->count > 0 && out->reasons[0].weight == READINESS_MISSING ? READINESS_NOT_ENOUGH : READINESS_READY;
}

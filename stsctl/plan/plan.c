/* SPDX-License-Identifier: ISC */
/* plan/plan.c - composes the text of a policy, chooses its id, and decides on the next state. */
#include "config.h"

#include "stsctl/plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "shared-cache/policy/tlsrpt_record.h"

enum { PATTERN_CAP = STS_DOMAIN_CAP + 2 };	/* `*.' and a domain */

/* ---- the policy's text ---- */

struct patterns {
	char list[PUBLISH_MX_MAX][PATTERN_CAP];
	size_t count;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
add_pattern(struct patterns *p, const char *text, size_t len, struct sts_diag *diag)
{
	if (!sts_policy_mx_valid(text, len, 0, diag))
		return false;
	if (p->count == PUBLISH_MX_MAX) {
		sts_diag_error(diag, 0, "more than %d mail exchangers; use patterns in mx", PUBLISH_MX_MAX);
		return false;
	}
	for (size_t i = 0; i < len; i++)
		p->list[p->count][i] = sts_ascii_lower(text[i]);
	p->list[p->count++][len] = '\0';
	return true;
}

static void
drop_duplicates(struct patterns *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (kept > 0 && strcmp(p->list[i], p->list[kept - 1]) == 0)
			continue;
		/* the compiler may turn this into a memcpy, which must not overlap */
		if (kept != i)
			memmove(p->list[kept], p->list[i], PATTERN_CAP);
		kept++;
	}
	p->count = kept;
}

/* DNS answers come in varying order, so their names are sorted: the text of the policy must not change. */
static bool
collect(const struct publish_intent *intent, struct patterns *p, struct sts_diag *diag)
{
	const char *rest = intent->domain->mx, *element;
	size_t len;
	bool good = true;

	*p = (struct patterns){ .count = 0 };
	while (good && (element = publish_list_next(&rest, &len)) != NULL)
		good = add_pattern(p, element, len, diag);
	if (intent->domain->mx[0] == '\0') {
		for (size_t i = 0; good && i < intent->mx_count; i++)
			good = add_pattern(p, intent->mx[i], strlen(intent->mx[i]), diag);
		qsort(p->list, p->count, PATTERN_CAP, compare);
	}
	drop_duplicates(p);
	return good;
}

/* A policy of mode none has no mx (RFC 8461 section 8.3). */
static void
write_text(const struct patterns *p, const struct publish_plan *plan, struct sts_text *to)
{
	sts_text_addf(to, "version: STSv1\r\nmode: %s\r\n", sts_mode_name(plan->mode));
	for (size_t i = 0; plan->mode != STS_MODE_NONE && i < p->count; i++)
		sts_text_addf(to, "mx: %s\r\n", p->list[i]);
	sts_text_addf(to, "max_age: %lu\r\n", (unsigned long)plan->max_age_s);
}

/* Parses the text with the milter's own parser, to make sure that it says what it should. */
static enum sts_status
check_text(const struct sts_text *text, struct publish_plan *plan, struct sts_diag *diag)
{
	struct sts_policy *policy;
	enum sts_status status = text->overflow ? STS_EINVAL : sts_policy_parse(text->buf, text->len, &policy, diag);

	if (text->overflow)
		sts_diag_error(diag, 0, "the policy is too long");
	if (status != STS_OK)
		return status;
	if (policy->mode != plan->mode || policy->max_age_s != plan->max_age_s) {
		sts_diag_error(diag, 0, "the policy does not say what it should");
		status = STS_EINVAL;
	}
	plan->mx_count = policy->mx_count;
	sts_policy_free(&policy);
	return status;
}

/* ---- the id ---- */

static const char id_format[] = "%Y%m%dT%H%M%SZ";

static void
format_id(int64_t now, char out[STS_ID_CAP])
{
	time_t seconds = (time_t)now;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL || strftime(out, STS_ID_CAP, id_format, &tm) == 0)
		snprintf(out, STS_ID_CAP, "%lld", (long long)now);
}

/* The time in an id of ours; 0 for any other id. */
static int64_t
time_of_id(const char *id)
{
	struct tm tm = { .tm_isdst = 0 };
	const char *end = strptime(id, id_format, &tm);

	return end != NULL && *end == '\0' ? (int64_t)timegm(&tm) : 0;
}

/* Senders would not notice a policy with an old id. Each id is therefore later than the last one, even if two policies are written within
 * a second, or the clock was set back. */
static void
choose_id(const struct publish_intent *intent, struct publish_plan *plan)
{
	int64_t last;

	if (plan->change == PUBLISH_SAME) {
		memcpy(plan->next.id, intent->history->id, STS_ID_CAP);
		return;
	}
	last = time_of_id(intent->history->id);
	format_id(intent->now > last ? intent->now : last + 1, plan->next.id);
}

static bool
id_is_good(const char *id, struct sts_diag *diag)
{
	char record[PUBLISH_RECORD_CAP], found[STS_ID_CAP];
	struct sts_txt txt = { .data = record };

	publish_record(id, record);
	txt.len = strlen(record);
	return sts_record_select(&txt, 1, found, diag) == STS_RECORD_VALID && strcmp(found, id) == 0;
}

static bool
tlsrpt_is_good(const struct publish_domain *domain, struct sts_diag *diag)
{
	char record[PUBLISH_TLSRPT_CAP];
	struct sts_txt txt = { .data = record };
	struct sts_tlsrpt found;
	const char *rest = domain->rua;
	size_t len, count = 0;

	publish_tlsrpt(domain, record);
	txt.len = strlen(record);
	while (publish_list_next(&rest, &len) != NULL)
		count++;
	return count == 0 ||
	    (sts_tlsrpt_select(&txt, 1, &found, diag) == STS_RECORD_VALID && found.rua_count == count);
}

/* ---- the plan ---- */

/* Compares the text with the one written last, not with the one released: senders may have fetched a written one already, under whatever
 * id was in DNS at that time. */
static void
decide(const struct publish_intent *intent, struct publish_plan *plan)
{
	const struct publish_history *history = intent->history;
	struct publish_history *next = &plan->next;

	plan->change = history->text[0] == '\0' ? PUBLISH_NEW :
	    strcmp(history->text, next->text) == 0 ? PUBLISH_SAME : PUBLISH_CHANGED;
	choose_id(intent, plan);
	next->written = plan->change == PUBLISH_SAME ? history->written : intent->now;
	next->released = plan->change == PUBLISH_SAME ? history->released : 0;
	next->retired = !intent->retire ? 0 : history->retired != 0 ? history->retired : intent->now;
	next->longest_max_age_s = history->longest_max_age_s;
	if (plan->mode != STS_MODE_NONE && plan->max_age_s > next->longest_max_age_s)
		next->longest_max_age_s = plan->max_age_s;
	plan->strict_at_once = plan->mode == STS_MODE_ENFORCE && strstr(history->text, "\nmode: testing\r") == NULL &&
	    strstr(history->text, "\nmode: enforce\r") == NULL;
}

enum sts_status
publish_plan_make(const struct publish_intent *intent, struct publish_plan *out, struct sts_diag *diag)
{
	const struct publish_domain *domain = intent->domain;
	struct patterns patterns;
	struct sts_text text;
	enum sts_status status;

	*out = (struct publish_plan){ .mode = intent->retire ? STS_MODE_NONE : domain->mode };
	out->max_age_s = intent->retire ? PUBLISH_RETIRE_MAX_AGE_S : (uint32_t)(domain->max_age_ms / 1000);
	patterns.count = 0;
	if (out->mode != STS_MODE_NONE && !collect(intent, &patterns, diag))
		return STS_EINVAL;
	sts_text_init(&text, out->next.text, sizeof(out->next.text));
	write_text(&patterns, out, &text);
	status = check_text(&text, out, diag);
	if (status != STS_OK)
		return status;
	decide(intent, out);
	return id_is_good(out->next.id, diag) && tlsrpt_is_good(domain, diag) ? STS_OK : STS_EINVAL;
}

/* ---- gate and retirement ---- */

enum publish_gate
publish_gate(enum sts_mode mode, size_t failures, bool unsure, bool force)
{
	if (mode != STS_MODE_ENFORCE || (failures == 0 && !unsure))
		return PUBLISH_OPEN;
	if (force)
		return PUBLISH_FORCED;
	return failures > 0 ? PUBLISH_REFUSED : PUBLISH_UNSURE;
}

/* Once mode none has been seen, no older policy is served any more, so all cached ones expire within the longest max_age from then. */
enum publish_retirement
publish_retirement(const struct publish_history *history, int64_t now, int64_t *when)
{
	*when = history->released + history->longest_max_age_s;
	if (history->retired == 0)
		return PUBLISH_STAYS;
	if (history->released == 0)
		return PUBLISH_UNSEEN;
	return now < *when ? PUBLISH_WAITING : PUBLISH_GONE;
}

const char *
publish_change_name(enum publish_change change)
{
	static const char *const names[] = { [PUBLISH_NEW] = "new", [PUBLISH_CHANGED] = "changed", [PUBLISH_SAME] = "same" };

	return names[change];
}

const char *
publish_gate_name(enum publish_gate gate)
{
	static const char *const names[] = { [PUBLISH_OPEN] = "open", [PUBLISH_REFUSED] = "refused", [PUBLISH_UNSURE] = "unsure",
		[PUBLISH_FORCED] = "forced" };

	return names[gate];
}

const char *
publish_retirement_name(enum publish_retirement state)
{
	static const char *const names[] = { [PUBLISH_STAYS] = "stays", [PUBLISH_UNSEEN] = "unseen",
		[PUBLISH_WAITING] = "waiting", [PUBLISH_GONE] = "gone" };

	return names[state];
}

/* ---- records ---- */

void
publish_record(const char *id, char out[PUBLISH_RECORD_CAP])
{
	snprintf(out, PUBLISH_RECORD_CAP, "v=STSv1; id=%s;", id);
}

void
publish_tlsrpt(const struct publish_domain *domain, char out[PUBLISH_TLSRPT_CAP])
{
	const char *rest = domain->rua, *uri;
	struct sts_text text;
	size_t len;

	sts_text_init(&text, out, PUBLISH_TLSRPT_CAP);
	while ((uri = publish_list_next(&rest, &len)) != NULL) {
		sts_text_add(&text, text.len == 0 ? "v=TLSRPTv1; rua=" : ",");
		sts_text_add_bytes(&text, uri, len);
	}
}


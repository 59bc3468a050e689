/* SPDX-License-Identifier: ISC */
/* report_show_json.c - prints reports for programs: JSON and CSV. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/report/report_show_view.h"
#include "stsctl/terminal/csv.h"
#include "stsctl/terminal/output.h"

static json_t *
kinds_json(const int64_t success[STS_REPORT_KINDS], const int64_t failure[STS_REPORT_KINDS])
{
	json_t *object = json_object();

	for (size_t k = 0; k < STS_REPORT_KINDS; k++)
		json_put(&object, sts_report_kind_name((enum sts_report_kind)k), json_pack("{s:I, s:I}", "success",
		    (json_int_t)success[k], "failure", (json_int_t)failure[k]));
	return object;
}

static json_t *
orgs_json(const struct summary *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->org_count; i++)
		json_add(&list, json_pack("{s:s, s:I, s:o}", "org", s->orgs[i].name, "reports",
		    (json_int_t)s->orgs[i].reports, "sessions", kinds_json(s->orgs[i].success, s->orgs[i].failure)));
	return list;
}

static const char *
or_empty(const char *word)
{
	return strcmp(word, "-") == 0 ? "" : word;
}

static json_t *
failure_json(const struct report_show_view *view, const struct summary_failure *f)
{
	const struct sts_advice *advice = summary_advice(f);
	char next[REPORT_SHOW_NEXT_CAP], log[WEB_LOG_WHY_CAP] = "";
	enum web_log_word word = WEB_LOG_SILENT;

	if (web_log_concerns(f))
		word = web_log_ask(&view->log, view->domain, f->last_day, log);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "policy_type",
	    sts_report_kind_name(f->kind), "result_type", f->result, "reason", or_empty(f->reason), "mx", or_empty(f->mx), "org",
	    f->org, "sessions", (json_int_t)f->n, "last_day", f->last_day, "must_act", sts_must_act_name(advice->act), "cause",
	    sts_advice_cause_name(advice->cause), "meaning", advice->meaning, "next", report_show_next(view, f, next), "web_log",
	    web_log_word_name(word));
}

static json_t *
policies_json(const struct report_show_view *view, const struct summary *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->policy_count; i++) {
		const struct summary_policy *p = &s->policies[i];
		const char *id = published_policies_id(&view->published, view->domain, p->hash);

		json_add(&list, json_pack("{s:s, s:s?, s:b, s:s, s:s, s:s, s:I, s:I, s:o}", "hash", p->hash, "id",
		    id, "never_ours", id == NULL && published_policies_knows(&view->published, view->domain), "mode", p->mode, "first_day",
		    p->first_day, "last_day", p->last_day, "success", (json_int_t)p->success, "failure", (json_int_t)p->failure,
		    "text", p->text != NULL ? json_text(p->text) : json_null()));
	}
	return list;
}

static json_t *
summary_json(const struct report_show_view *view, const struct summary *s)
{
	json_t *failures = json_array();

	for (size_t i = 0; i < s->failure_count; i++)
		json_add(&failures, failure_json(view, &s->failures[i]));
	return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:I, s:o, s:I, s:I}", "reports", (json_int_t)s->reports, "first_day",
	    s->first_day, "last_day", s->last_day, "sessions", kinds_json(s->success, s->failure), "orgs", orgs_json(s), "failures",
	    failures, "unexplained", (json_int_t)summary_unexplained(s, STS_REPORT_STS), "policies", policies_json(view, s), "folded", (json_int_t)s->folded, "dropped", (json_int_t)s->dropped);
}

enum cmd_exit
report_show_json(const struct cmd_context *context, const struct report_show_view *view)
{
	json_t *silent = json_array();

	for (size_t i = 0; i < view->silent_count; i++)
		json_add(&silent, json_pack("{s:s, s:I}", "domain", view->silent[i].domain, "messages_over_tls",
		    (json_int_t)view->silent[i].messages));
	return output_json(context, report_show_exit(view), json_pack("{s:s, s:I, s:o, s:o, s:o}", "domain", view->domain, "days",
	    (json_int_t)view->days, "verified", summary_json(view, &view->verified), "unverified",
	    summary_json(view, &view->unverified), "never_report", silent));
}

/* ---- CSV ---- */

/* Writes the text columns; NULL: an empty field. */
static void
csv_begin(struct csv *csv, const char *const words[7])
{
	for (size_t i = 0; i < 7; i++)
		csv_text(csv, words[i] != NULL ? words[i] : "");
}

static void
csv_of(struct csv *csv, const char *domain, const struct summary *s, const char *trust)
{
	for (size_t i = 0; i < s->org_count; i++) {
		const struct summary_org *o = &s->orgs[i];

		for (size_t k = 0; k < STS_REPORT_KINDS; k++) {
			if (o->success[k] + o->failure[k] == 0)
				continue;
			csv_begin(csv, (const char *const[7]){ domain, trust, o->name, sts_report_kind_name((enum sts_report_kind)k) });
			csv_number(csv, o->success[k]);
			csv_number(csv, o->failure[k]);
			csv_end(csv);
		}
	}
	for (size_t i = 0; i < s->failure_count; i++) {
		const struct summary_failure *f = &s->failures[i];

		csv_begin(csv, (const char *const[7]){ domain, trust, f->org, sts_report_kind_name(f->kind), f->result,
		    or_empty(f->reason), or_empty(f->mx) });
		csv_text(csv, "");
		csv_number(csv, f->n);
		csv_end(csv);
	}
}

void
report_show_csv(const struct report_show_view *view)
{
	struct csv csv = { .to = stdout };

	csv_head(&csv, (const char *const[]){ "domain", "trust", "org", "policy_type", "result_type", "reason", "mx", "success",
		"failure", NULL });
	csv_of(&csv, view->domain, &view->verified, "verified");
	csv_of(&csv, view->domain, &view->unverified, "unverified");
}

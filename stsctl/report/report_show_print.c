/* SPDX-License-Identifier: ISC */
/* report_show_print.c - prints reports for people. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/report/report_show_view.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/paste.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { FAILURES_SHOWN = 40 };

enum cmd_exit
report_show_exit(const struct report_show_view *view)
{
	return summary_must_act(&view->verified) ? CMD_NO : CMD_FINE;
}

const char *
report_show_next(const struct report_show_view *view, const struct summary_failure *failure, char out[REPORT_SHOW_NEXT_CAP])
{
	char plain[4 * STS_DOMAIN_CAP];
	struct sts_text to;

	sts_text_init(&to, plain, sizeof(plain));
	for (const char *s = summary_advice(failure)->next; *s != '\0'; s++) {
		if (*s == '%' && (s[1] == 'd' || s[1] == 'm'))
			sts_text_add(&to, *++s == 'd' ? view->domain : failure->mx);
		else
			sts_text_add_bytes(&to, s, 1);
	}
	if (paste_as_called(view->context, plain, out, REPORT_SHOW_NEXT_CAP) == plain)
		memcpy(out, plain, sizeof(plain));
	return out;
}

/* ---- organisations ---- */

static void
print_orgs(const struct summary *s)
{
	static const char *const heads[] = { "organisation", "reports", "sts", "failed", "share", "tlsa", "failed", "no policy" };
	struct table *table = table_new("lrrrrrrr");
	char share[HUMAN_PERCENT_CAP];

	table_row(table);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		table_text(table, heads[i]);
	for (size_t i = 0; i < s->org_count; i++) {
		const struct summary_org *o = &s->orgs[i];
		int64_t sts = o->success[STS_REPORT_STS] + o->failure[STS_REPORT_STS];

		table_row(table);
		table_text(table, o->name);
		table_number(table, o->reports);
		table_number(table, sts);
		table_number(table, o->failure[STS_REPORT_STS]);
		table_text(table, human_percent(o->failure[STS_REPORT_STS], sts, share));
		table_number(table, o->success[STS_REPORT_TLSA] + o->failure[STS_REPORT_TLSA]);
		table_number(table, o->failure[STS_REPORT_TLSA]);
		table_number(table, o->success[STS_REPORT_NONE] + o->failure[STS_REPORT_NONE]);
	}
	if (!table_print(table, terminal_width(), stdout))
		puts("(no memory for the table)");
	table_free(&table);
}

/* ---- failures ---- */

static const char *
must_act_text(enum sts_must_act act)
{
	static const char *const texts[] = { "Nothing to do", "Look once", "Act" };

	return texts[act];
}

static void
print_failure(const struct report_show_view *view, const struct summary_failure *f)
{
	const struct sts_advice *advice = summary_advice(f);
	char next[REPORT_SHOW_NEXT_CAP], log[WEB_LOG_WHY_CAP];

	printf("\n%" PRId64 " x %s%s%s at %s, says %s (%s, last on %s)\n", f->n, f->result, f->reason[0] != '-' ? ", " : "",
	    f->reason[0] != '-' ? f->reason : "", f->mx[0] != '-' ? f->mx : "no host named", f->org,
	    sts_report_kind_word(f->kind), f->last_day);
	printf("  %s: %s\n", must_act_text(advice->act), advice->meaning);
	if (web_log_concerns(f) && web_log_ask(&view->log, view->domain, f->last_day, log) != WEB_LOG_SILENT)
		printf("  Log: %s.\n", log);
	if (advice->next[0] != '\0')
		printf("  Next: %s\n", report_show_next(view, f, next));
}

static void
print_failures(const struct report_show_view *view, const struct summary *s)
{
	for (size_t i = 0; i < s->failure_count && i < FAILURES_SHOWN; i++)
		print_failure(view, &s->failures[i]);
	if (s->failure_count > FAILURES_SHOWN)
		printf("\n%zu more kinds of failure: --json or --csv\n", s->failure_count - FAILURES_SHOWN);
	if (summary_unexplained(s, STS_REPORT_STS) > 0)
		printf("\nOf %" PRId64 " sessions that failed under MTA-STS, the reports do not say how.\n",
		    summary_unexplained(s, STS_REPORT_STS));
	if (s->folded > 0)
		printf("\nThere was no room for the details of %" PRId64 " sessions.\n", s->folded);
}

/* ---- policies ---- */

static void
print_foreign_text(const struct summary_policy *p)
{
	if (p->text == NULL)
		return;
	for (const char *line = p->text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
		printf("      %.*s\n", (int)strcspn(line, "\n"), line);
}

static void
print_policy(const struct report_show_view *view, const struct summary_policy *p)
{
	const char *id = published_policies_id(&view->published, view->domain, p->hash);
	bool foreign = id == NULL && published_policies_knows(&view->published, view->domain);

	printf("  %s %s, mode %s, %s to %s: %" PRId64 " sessions succeeded, %" PRId64 " failed\n", id != NULL ? "id" :
	    foreign ? "never ours:" : "text", id != NULL ? id : p->hash, p->mode, p->first_day, p->last_day, p->success, p->failure);
	if (!foreign)
		return;
	puts("    This text was not published here: an old policy in the sender's cache, or another host answers for the domain.");
	print_foreign_text(p);
}

static void
print_policies(const struct report_show_view *view)
{
	const struct summary *s = &view->verified;

	if (s->policy_count == 0)
		return;
	puts("\nBy the policy that the senders used, the oldest first:");
	for (size_t i = 0; i < s->policy_count; i++)
		print_policy(view, &s->policies[i]);
}

/* ---- the whole report ---- */

static void
print_silent(const struct report_show_view *view)
{
	if (view->silent_count == 0)
		return;
	puts("\nThese send us mail over TLS, but no reports (messages):");
	for (size_t i = 0; i < view->silent_count; i++)
		printf("  %s (%" PRId64 ")\n", view->silent[i].domain, view->silent[i].messages);
}

void
report_show_print(const struct report_show_view *view)
{
	const struct summary *s = &view->verified;

	printf("%s, the last %zu days: ", view->domain, view->days);
	if (s->reports == 0)
		puts("no verified report.");
	else {
		printf("%" PRId64 " verified report%s of %zu organisation%s, %s to %s; sessions, not messages.\n", s->reports,
		    s->reports == 1 ? "" : "s", s->org_count, s->org_count == 1 ? "" : "s", s->first_day, s->last_day);
		print_orgs(s);
		print_failures(view, s);
		print_policies(view);
	}
	if (view->unverified.reports > 0) {
		printf("\nUNVERIFIED, may be anybody's: %" PRId64 " report%s.\n", view->unverified.reports,
		    view->unverified.reports == 1 ? "" : "s");
		print_orgs(&view->unverified);
		print_failures(view, &view->unverified);
	}
	print_silent(view);
}

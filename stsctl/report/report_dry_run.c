/* SPDX-License-Identifier: ISC */
/* report_dry_run.c - prints a report instead of counting it. */
#include "config.h"

#include "stsctl/report/report_dry_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/ledger/counts.h"
#include "shared-cache/tlsreport/safe_word.h"
#include "stsctl/terminal/output.h"

enum { RESULT_MAX = 64 };

void
report_dry_run_begin(struct report_dry_run *run, const struct cmd_context *context)
{
	*run = (struct report_dry_run){ context, CMD_FINE, false };
}

/* ---- sums: the summaries' for success and failure, the details' for the result types ---- */

struct sums {
	int64_t success[STS_REPORT_KINDS], failure[STS_REPORT_KINDS], all_success, all_failure;
	size_t refused;
	bool countable;			/* its time is plausible; else time says why not */
	struct sts_diag time;
	json_t *results, *domains;
};

static void
add_to(json_t **object, const char *name, int64_t n)
{
	json_put(object, name, json_integer(json_integer_value(json_object_get(*object, name)) + n));
}

static void
add_domain(json_t **list, const char *domain)
{
	size_t i;
	json_t *known;

	json_array_foreach(*list, i, known)
		if (strcmp(json_string_value(known), domain) == 0)
			return;
	json_add(list, json_string(domain));
}

static void
add_policy(const struct sts_report_policy *p, struct own_names *names, struct sums *sums)
{
	char domain[STS_DOMAIN_CAP], result[STS_SAFE_WORD_CAP];

	if (p->refused != NULL) {
		sums->refused++;
		return;
	}
	(void)own_names_has(names, p->kind, p->domain, domain);
	add_domain(&sums->domains, domain);
	sums->success[p->kind] += p->success;
	sums->failure[p->kind] += p->failure;
	sums->all_success += p->success;
	sums->all_failure += p->failure;
	for (size_t i = 0; i < p->detail_count; i++) {
		sts_safe_word(p->details[i].result, RESULT_MAX, true, result);
		add_to(&sums->results, result, p->details[i].count);
	}
}

/* ---- printing ---- */

static json_t *
kinds_json(const struct sums *sums)
{
	json_t *object = json_object();

	for (size_t k = 0; k < STS_REPORT_KINDS; k++)
		if (sums->success[k] + sums->failure[k] > 0)
			json_put(&object, sts_report_kind_name((enum sts_report_kind)k), json_pack("{s:I, s:I}",
			    "success", (json_int_t)sums->success[k], "failure", (json_int_t)sums->failure[k]));
	return object;
}

static void
print_json(struct report_dry_run *run, const struct report_found *found, const struct sums *sums, const char *day)
{
	const struct sts_report *r = found->report;

	run->code = output_json(run->context, run->code, json_pack(
	    "{s:b, s:o*, s:o, s:o, s:O, s:I, s:I, s:O, s:o, s:s, s:b, s:s, s:s, s:I, s:o}",
	    "valid", sums->countable, "error", sums->countable ? NULL : json_text(sums->time.error.text), "org", json_text(r->organization), "report_id", json_text(r->id), "domains", sums->domains,
	    "success", (json_int_t)sums->all_success, "failure", (json_int_t)sums->all_failure, "by_result_type", sums->results,
	    "by_policy_type", kinds_json(sums), "day", day, "countable", sums->countable,
	    "trust", sts_trust_name(found->verdict.trust), "signer", found->verdict.signer,
	    "refused_policies", (json_int_t)sums->refused, "warnings", output_json_warnings(found->diag)));
}

static void
print_hostile(const char *text)
{
	for (; *text != '\0'; text++)
		output_byte(*text, stdout);
}

static void
print_text(const struct report_found *found, const struct sums *sums, const char *day)
{
	const char *name;
	json_t *value;
	size_t i;

	print_hostile(found->report->organization[0] != '\0' ? found->report->organization : "(nameless)");
	printf(" about ");
	json_array_foreach(sums->domains, i, value)
		printf("%s%s", i > 0 ? ", " : "", json_string_value(value));
	printf(", %s: %s", day, sts_trust_text(found->verdict.trust));
	if (found->verdict.signer[0] != '\0')
		printf(": %s", found->verdict.signer);
	putchar('\n');
	for (size_t k = 0; k < STS_REPORT_KINDS; k++)
		if (sums->success[k] + sums->failure[k] > 0)
			printf("  %s: %" PRId64 " sessions succeeded, %" PRId64 " failed\n",
			    sts_report_kind_word((enum sts_report_kind)k), sums->success[k], sums->failure[k]);
	json_object_foreach(sums->results, name, value)
		printf("    %s: %" PRId64 "\n", name, (int64_t)json_integer_value(value));
	if (!sums->countable)
		output_note(found->piece->name, 0, "would not be counted", sums->time.error.text);
	for (i = 0; i < found->diag->warning_count; i++)
		output_note(found->piece->name, 0, "warning", found->diag->warnings[i].text);
}

enum sts_status
report_dry_run_report(struct report_dry_run *run, const struct report_found *found, struct own_names *names, int64_t now)
{
	struct sums sums = { .time.error.text = "", .results = json_object(), .domains = json_array() };
	char day[STS_DAY_CAP];

	sums.countable = sts_report_check_time(found->report, now, &sums.time) == STS_OK;
	sts_day_of(found->report->begin, day);
	for (size_t i = 0; i < found->report->policy_count; i++)
		add_policy(&found->report->policies[i], names, &sums);
	run->any = true;
	if (!sums.countable)
		run->code = CMD_NO;
	if (sums.results == NULL || sums.domains == NULL)
		run->code = output_error(run->context, CMD_UNKNOWN, "no memory");
	else if (run->context->json)
		print_json(run, found, &sums, day);
	else
		print_text(found, &sums, day);
	json_decref(sums.results);
	json_decref(sums.domains);
	return STS_OK;
}

void
report_dry_run_junk(struct report_dry_run *run, const char *name, const char *why)
{
	run->any = true;
	run->code = CMD_NO;
	if (run->context->json)
		(void)output_json(run->context, CMD_NO, json_pack("{s:b, s:o}", "valid", false, "error", json_text(why)));
	else
		output_note(name, 0, "no report", why);
}

enum cmd_exit
report_dry_run_end(const struct report_dry_run *run)
{
	return run->any ? run->code : CMD_NO;
}

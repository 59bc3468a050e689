/* SPDX-License-Identifier: ISC */
/* plan_apply.c - plan and apply. plan/plan.c decides; the state is saved before any policy can be fetched. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/publish/network_checks.h"
#include "stsctl/publish/publish_run.h"
#include "stsctl/terminal/output.h"

enum cmd_exit
publish_fail(struct publish_run *run, enum cmd_exit code, const char *domain, const char *why)
{
	struct cmd_context text_only = *run->context;

	text_only.json = false;
	(void)output_error(&text_only, code, "%s: %s", domain, why);
	if (run->report != NULL)
		run->no_memory |= json_array_append_new(run->report, json_pack("{s:s, s:o}", "domain", domain, "error",
		    json_text(why))) != 0;
	return code;
}

enum cmd_exit
publish_load_history(struct publish_run *run, const char *domain, struct publish_history *out)
{
	if (publish_state_get(&run->state, domain, out) == STS_OK)
		return CMD_FINE;
	return publish_fail(run, CMD_UNKNOWN, domain, "its entry in the state file is invalid");
}

enum cmd_exit
publish_save_history(struct publish_run *run, const char *domain, const struct publish_history *history)
{
	char why[FILES_WHY_CAP] = "no memory";
	char *text = NULL;
	enum sts_status status = publish_state_set(&run->state, domain, history);

	if (status == STS_OK && (text = publish_state_text(&run->state)) == NULL)
		status = STS_ENOMEM;
	if (status == STS_OK)
		status = files_write(run->state_path, text, strlen(text), why);
	free(text);
	return status == STS_OK ? CMD_FINE : publish_fail(run, CMD_UNKNOWN, domain, why);
}

enum cmd_exit
publish_write_files(struct publish_run *run, const struct publish_files *files)
{
	char why[FILES_WHY_CAP] = "no memory";
	enum cmd_exit code = CMD_FINE;

	for (size_t i = 0; i < files->count && code == CMD_FINE; i++) {
		const struct publish_file *f = &files->list[i];

		if (files_write(f->path, f->text, f->len, why) != STS_OK)
			code = publish_fail(run, CMD_UNKNOWN, f->path, why);
	}
	return code;
}

/* Plans what the domain is to publish. Looks up its mail exchangers only if the spec says so. */
static enum cmd_exit
make_plan(struct publish_run *run, const struct publish_domain *domain, const struct publish_history *history,
    struct publish_plan *plan)
{
	struct publish_intent intent = { .domain = domain, .history = history, .now = run->now,
		.retire = history->retired != 0 && !run->force };
	struct publish_mx_hosts mx = { .count = 0 };
	char why[PUBLISH_WHY_CAP] = "";
	struct sts_diag diag;
	enum sts_status status = STS_OK;

	sts_diag_init(&diag);
	if (domain->mx[0] == '\0' && domain->mode != STS_MODE_NONE && !intent.retire)
		status = publish_find_mx(run->dns, domain->name, &mx, why);
	if (status != STS_OK)
		return publish_fail(run, status == STS_EINVAL ? CMD_NO : CMD_UNKNOWN, domain->name, why);
	intent.mx = mx.hosts;
	intent.mx_count = mx.count;
	status = publish_plan_make(&intent, plan, &diag);
	if (status == STS_OK)
		return CMD_FINE;
	return publish_fail(run, status == STS_EINVAL ? CMD_NO : CMD_UNKNOWN, domain->name,
	    diag.error.text[0] != '\0' ? diag.error.text : sts_status_text(status));
}

static enum publish_gate
check_exchangers(struct publish_run *run, const struct publish_domain *domain, const struct publish_plan *plan,
    struct findings *findings)
{
	const struct publish_network env = { .conf = run->conf, .dns = run->dns, .now = run->now };

	if (plan->mode != STS_MODE_NONE)
		publish_check_exchangers(&env, domain->name, plan->next.text, findings);
	return publish_gate(plan->mode, findings_count(findings, FINDING_FAIL), findings->unsure || findings->no_memory,
	    run->force);
}

static enum cmd_exit
save_and_write(struct publish_run *run, const struct publish_plan_result *result)
{
	enum cmd_exit code = publish_save_history(run, result->domain->name, &result->plan->next);

	return code == CMD_FINE ? publish_write_files(run, result->files) : code;
}

static enum cmd_exit
exit_of(enum publish_gate gate)
{
	return gate == PUBLISH_REFUSED ? CMD_NO : gate == PUBLISH_UNSURE ? CMD_UNKNOWN : CMD_FINE;
}

static enum cmd_exit
write_and_print(struct publish_run *run, struct publish_plan_result *result, bool write)
{
	const struct publish_target target = publish_target_of(run->dir, run->spec->dns_server, result->domain, &result->plan->next);
	struct publish_files files;
	enum cmd_exit code = exit_of(result->gate);

	publish_files_make(&target, PUBLISH_FIRST, &files);
	result->files = &files;
	if (files.no_memory)
		code = publish_fail(run, CMD_UNKNOWN, result->domain->name, "no memory");
	for (size_t i = 0; i < files.count; i++)
		result->changes[i] = files_compare(files.list[i].path, files.list[i].text, files.list[i].len);
	if (write && code == CMD_FINE) {
		code = save_and_write(run, result);
		result->written = code == CMD_FINE;
	}
	if (!files.no_memory)
		publish_print_plan(run, result);
	publish_files_fini(&files);
	result->files = NULL;
	return code;
}

static enum cmd_exit
plan_or_apply(struct publish_run *run, const struct publish_domain *domain, bool write)
{
	struct publish_history history;
	struct publish_plan plan;
	struct publish_plan_result result = { .domain = domain, .history = &history, .plan = &plan };
	struct findings findings;
	enum cmd_exit code = publish_load_history(run, domain->name, &history);

	/* before the first policy of ours: notes the max_age of one that somebody else has published */
	if (code == CMD_FINE && write && history.text[0] == '\0')
		(void)publish_note_served(run, domain, &history);
	if (code == CMD_FINE)
		code = make_plan(run, domain, &history, &plan);
	if (code != CMD_FINE)
		return code;
	findings_init(&findings);
	result.gate = check_exchangers(run, domain, &plan, &findings);
	result.findings = &findings;
	code = write_and_print(run, &result, write);
	findings_fini(&findings);
	return code;
}

enum cmd_exit
publish_step_plan(struct publish_run *run, const struct publish_domain *domain)
{
	return plan_or_apply(run, domain, false);
}

enum cmd_exit
publish_step_apply(struct publish_run *run, const struct publish_domain *domain)
{
	return plan_or_apply(run, domain, true);
}

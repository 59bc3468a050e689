/* SPDX-License-Identifier: ISC */
/* verify_retire.c - verify and retire: hands out the record once its policy has been seen, and lets it be removed once no sender can have
 * an older policy in its cache. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/status.h"
#include "shared-cache/policy/policy.h"
#include "stsctl/publish/network_checks.h"
#include "stsctl/publish/publish_run.h"

/* Writes the difference between the policy served and the one written to why; "" if there is none. */
static void
compare(const struct publish_served *served, const struct publish_history *history, char why[PUBLISH_WHY_CAP * 2])
{
	size_t line = 1;

	why[0] = '\0';
	if (served->reason != STS_REASON_NONE) {
		snprintf(why, PUBLISH_WHY_CAP * 2, "%s%s%s", sts_reason_name(served->reason), served->detail[0] != '\0' ? ": " : "",
		    served->detail);
		return;
	}
	if (served->text == NULL) {
		snprintf(why, PUBLISH_WHY_CAP * 2, "no memory");
		return;
	}
	if (served->len == strlen(history->text) && memcmp(served->text, history->text, served->len) == 0)
		return;
	for (size_t i = 0; i < served->len && history->text[i] != '\0' && served->text[i] == history->text[i]; i++)
		line += history->text[i] == '\n';
	snprintf(why, PUBLISH_WHY_CAP * 2, "the text that is served is not the one that was written: line %zu differs", line);
}

bool
publish_note_policy(const struct publish_served *served, struct publish_history *history)
{
	struct sts_policy *policy = NULL;

	if (served->reason != STS_REASON_NONE || served->text == NULL ||
	    sts_policy_parse(served->text, served->len, &policy, NULL) != STS_OK)
		return false;
	if (policy->mode != STS_MODE_NONE && policy->max_age_s > history->longest_max_age_s)
		history->longest_max_age_s = policy->max_age_s;
	sts_policy_free(&policy);
	return true;
}

bool
publish_note_served(struct publish_run *run, const struct publish_domain *domain, struct publish_history *history)
{
	struct publish_served served;
	bool learnt;

	publish_fetch_policy(run->loop, run->conf, domain->name, &served);
	learnt = publish_note_policy(&served, history);
	publish_served_fini(&served);
	return learnt;
}

static enum cmd_exit
release(struct publish_run *run, const struct publish_domain *domain, struct publish_history *history)
{
	const struct publish_target target = publish_target_of(run->dir, run->spec->dns_server, domain, history);
	struct publish_files files;
	enum cmd_exit code;

	if (history->released == 0)
		history->released = run->now;
	code = publish_save_history(run, domain->name, history);
	publish_files_make(&target, PUBLISH_LAST, &files);
	if (code == CMD_FINE)
		code = files.no_memory ? publish_fail(run, CMD_UNKNOWN, domain->name, "no memory") :
		    publish_write_files(run, &files);
	publish_files_fini(&files);
	return code;
}

enum cmd_exit
publish_step_verify(struct publish_run *run, const struct publish_domain *domain)
{
	struct publish_history history;
	struct publish_served served;
	char why[PUBLISH_WHY_CAP * 2];
	int64_t longest;
	enum cmd_exit code = publish_load_history(run, domain->name, &history);

	if (code != CMD_FINE)
		return code;
	if (history.text[0] == '\0')
		return publish_fail(run, CMD_NO, domain->name, "nothing has been written yet; stsctl publish apply comes first");
	publish_fetch_policy(run->loop, run->conf, domain->name, &served);
	compare(&served, &history, why);
	longest = history.longest_max_age_s;
	(void)publish_note_policy(&served, &history);
	publish_served_fini(&served);
	if (why[0] == '\0')
		code = release(run, domain, &history);
	else if (history.longest_max_age_s != longest)
		code = publish_save_history(run, domain->name, &history);
	if (code == CMD_FINE)
		publish_print_verified(run, domain, &history, why);
	return code == CMD_FINE && why[0] != '\0' ? CMD_NO : code;
}

/* ---- retirement ---- */

static enum cmd_exit
begin_retirement(struct publish_run *run, const struct publish_domain *domain, struct publish_history *history)
{
	const struct publish_intent intent = { .domain = domain, .history = history, .now = run->now, .retire = true };
	struct publish_plan plan;
	struct publish_target target;
	struct publish_files files;
	struct sts_diag diag;
	enum cmd_exit code;

	sts_diag_init(&diag);
	if (publish_plan_make(&intent, &plan, &diag) != STS_OK)
		return publish_fail(run, CMD_UNKNOWN, domain->name, diag.error.text);
	*history = plan.next;
	code = publish_save_history(run, domain->name, history);
	if (code != CMD_FINE)
		return code;
	target = publish_target_of(run->dir, run->spec->dns_server, domain, history);
	publish_files_make(&target, PUBLISH_FIRST, &files);
	code = files.no_memory ? publish_fail(run, CMD_UNKNOWN, domain->name, "no memory") : publish_write_files(run, &files);
	publish_files_fini(&files);
	return code;
}

static enum cmd_exit
write_removal(struct publish_run *run, const struct publish_domain *domain, const struct publish_history *history)
{
	const struct publish_target target = publish_target_of(run->dir, run->spec->dns_server, domain, history);
	struct publish_files files;
	enum cmd_exit code;

	publish_files_make(&target, PUBLISH_CLEARING, &files);
	code = files.no_memory ? publish_fail(run, CMD_UNKNOWN, domain->name, "no memory") : publish_write_files(run, &files);
	publish_files_fini(&files);
	return code;
}

/* CMD_NO while the domain must wait; CMD_FINE when retirement has begun in this run, or everything may be removed. */
enum cmd_exit
publish_step_retire(struct publish_run *run, const struct publish_domain *domain)
{
	struct publish_history history;
	int64_t when;
	bool begun = false, served = false;
	enum cmd_exit code = publish_load_history(run, domain->name, &history);

	if (code != CMD_FINE)
		return code;
	if (publish_retirement(&history, run->now, &when) == PUBLISH_STAYS)
		served = publish_note_served(run, domain, &history);
	if (history.text[0] == '\0' && !served)
		return publish_fail(run, CMD_NO, domain->name, "the state file has no policy of it, and none is "
		    "served");
	if (publish_retirement(&history, run->now, &when) == PUBLISH_STAYS) {
		code = begin_retirement(run, domain, &history);
		begun = true;
	} else if (publish_retirement(&history, run->now, &when) == PUBLISH_GONE) {
		code = write_removal(run, domain, &history);
	}
	if (code != CMD_FINE)
		return code;
	publish_print_retirement(run, domain, &history);
	return begun || publish_retirement(&history, run->now, &when) == PUBLISH_GONE ? CMD_FINE : CMD_NO;
}

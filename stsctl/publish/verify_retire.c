/* SPDX-License-Identifier: ISC */
/* publish/verify_retire.c - verify and retire: the record goes out when the policy behind it has been seen, and goes away when nobody
 * can hold an older one. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/status.h"
#include "shared-cache/policy/policy.h"
#include "stsctl/publish/network_checks.h"
#include "stsctl/publish/publish_run.h"

/* "" when the host serves the text that was written, byte for byte. */
static void
compare(const struct probe_served *served, const struct publish_past *past, char why[PROBE_WHY_CAP * 2])
{
	size_t line = 1;

	why[0] = '\0';
	if (served->reason != STS_REASON_NONE) {
		snprintf(why, PROBE_WHY_CAP * 2, "%s%s%s", sts_reason_name(served->reason), served->detail[0] != '\0' ? ": " : "",
		    served->detail);
		return;
	}
	if (served->text == NULL) {
		snprintf(why, PROBE_WHY_CAP * 2, "no memory");
		return;
	}
	if (served->len == strlen(past->text) && memcmp(served->text, past->text, served->len) == 0)
		return;
	for (size_t i = 0; i < served->len && past->text[i] != '\0' && served->text[i] == past->text[i]; i++)
		line += past->text[i] == '\n';
	snprintf(why, PROBE_WHY_CAP * 2, "another text is served than was written: line %zu differs", line);
}

bool
publish_learn_from(const struct probe_served *served, struct publish_past *past)
{
	struct sts_policy *policy = NULL;

	if (served->reason != STS_REASON_NONE || served->text == NULL ||
	    sts_policy_parse(served->text, served->len, &policy, NULL) != STS_OK)
		return false;
	if (policy->mode != STS_MODE_NONE && policy->max_age_s > past->longest_max_age_s)
		past->longest_max_age_s = policy->max_age_s;
	sts_policy_free(&policy);
	return true;
}

bool
publish_learn(struct publish_run *run, const struct publish_domain *domain, struct publish_past *past)
{
	struct probe_served served;
	bool learnt;

	probe_policy(run->loop, run->conf, domain->name, &served);
	learnt = publish_learn_from(&served, past);
	probe_served_fini(&served);
	return learnt;
}

static enum cmd_exit
release(struct publish_run *run, const struct publish_domain *domain, struct publish_past *past)
{
	const struct publish_where where = publish_where(run->dir, run->spec->dns_server, domain, past);
	struct publish_files files;
	enum cmd_exit code;

	if (past->released == 0)
		past->released = run->now;
	code = publish_remember(run, domain->name, past);
	publish_files_make(&where, PUBLISH_LAST, &files);
	if (code == CMD_FINE)
		code = files.no_memory ? publish_blame(run, CMD_UNKNOWN, domain->name, "no memory") :
		    publish_write_files(run, &files);
	publish_files_fini(&files);
	return code;
}

enum cmd_exit
publish_step_verify(struct publish_run *run, const struct publish_domain *domain)
{
	struct publish_past past;
	struct probe_served served;
	char why[PROBE_WHY_CAP * 2];
	int64_t longest;
	enum cmd_exit code = publish_recall(run, domain->name, &past);

	if (code != CMD_FINE)
		return code;
	if (past.text[0] == '\0')
		return publish_blame(run, CMD_NO, domain->name, "nothing has been written yet; stsctl publish apply comes first");
	probe_policy(run->loop, run->conf, domain->name, &served);
	compare(&served, &past, why);
	longest = past.longest_max_age_s;
	(void)publish_learn_from(&served, &past);
	probe_served_fini(&served);
	if (why[0] == '\0')
		code = release(run, domain, &past);
	else if (past.longest_max_age_s != longest)
		code = publish_remember(run, domain->name, &past);
	if (code == CMD_FINE)
		publish_say_verified(run, domain, &past, why);
	return code == CMD_FINE && why[0] != '\0' ? CMD_NO : code;
}

/* ---- the way out ---- */

static enum cmd_exit
begin(struct publish_run *run, const struct publish_domain *domain, struct publish_past *past)
{
	const struct publish_intent intent = { .domain = domain, .past = past, .now = run->now, .retire = true };
	struct publish_plan plan;
	struct publish_where where;
	struct publish_files files;
	struct sts_diag diag;
	enum cmd_exit code;

	sts_diag_init(&diag);
	if (publish_plan_make(&intent, &plan, &diag) != STS_OK)
		return publish_blame(run, CMD_UNKNOWN, domain->name, diag.error.text);
	*past = plan.next;
	code = publish_remember(run, domain->name, past);
	if (code != CMD_FINE)
		return code;
	where = publish_where(run->dir, run->spec->dns_server, domain, past);
	publish_files_make(&where, PUBLISH_FIRST, &files);
	code = files.no_memory ? publish_blame(run, CMD_UNKNOWN, domain->name, "no memory") : publish_write_files(run, &files);
	publish_files_fini(&files);
	return code;
}

static enum cmd_exit
write_removal(struct publish_run *run, const struct publish_domain *domain, const struct publish_past *past)
{
	const struct publish_where where = publish_where(run->dir, run->spec->dns_server, domain, past);
	struct publish_files files;
	enum cmd_exit code;

	publish_files_make(&where, PUBLISH_CLEARING, &files);
	code = files.no_memory ? publish_blame(run, CMD_UNKNOWN, domain->name, "no memory") : publish_write_files(run, &files);
	publish_files_fini(&files);
	return code;
}

/* The answer is yes only when all may go. */
enum cmd_exit
publish_step_retire(struct publish_run *run, const struct publish_domain *domain)
{
	struct publish_past past;
	int64_t when;
	bool begun = false, served = false;
	enum cmd_exit code = publish_recall(run, domain->name, &past);

	if (code != CMD_FINE)
		return code;
	if (publish_exit(&past, run->now, &when) == PUBLISH_STAYS)
		served = publish_learn(run, domain, &past);
	if (past.text[0] == '\0' && !served)
		return publish_blame(run, CMD_NO, domain->name, "the state file knows of nothing that was published, and nothing is "
		    "served");
	if (publish_exit(&past, run->now, &when) == PUBLISH_STAYS) {
		code = begin(run, domain, &past);
		begun = true;
	} else if (publish_exit(&past, run->now, &when) == PUBLISH_GONE) {
		code = write_removal(run, domain, &past);
	}
	if (code != CMD_FINE)
		return code;
	publish_say_exit(run, domain, &past);
	return begun || publish_exit(&past, run->now, &when) == PUBLISH_GONE ? CMD_FINE : CMD_NO;
}

/* SPDX-License-Identifier: ISC */
/*
 * publish_run.h - one run of stsctl publish, and its steps, each for one domain.
 *
 *   cmd_publish.c      options, files that are read, the domains in turn
 *   plan_apply.c       plan, apply: what changes, whether it may change; then writes the state and the files
 *   verify_retire.c    verify, retire: what is served; then writes the records
 *   publish_output.c   prints all of it, as text and as JSON
 */
#ifndef STSCTL_PUBLISH_PUBLISH_RUN_H
#define STSCTL_PUBLISH_PUBLISH_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "shared-cache/network/net_loop.h"
#include "shared-cache/settings/conf.h"
#include "stsctl/context/files.h"
#include "stsctl/findings/findings.h"
#include "stsctl/plan/plan.h"
#include "stsctl/plan/state.h"
#include "stsctl/probe/dns_query.h"
#include "stsctl/publish/network_checks.h"
#include "stsctl/publish/publish_files.h"
#include "stsctl/terminal/command.h"

struct publish_run {
	const struct cmd_context *context;
	struct sts_conf *conf;
	struct publish_spec *spec;
	struct publish_state state;
	char *state_path;
	int lock;			/* on the state, if this run may change it; else -1 */
	const char *dir;		/* --output, or NULL */
	const char *from;		/* --from, or NULL */
	bool force;
	int64_t now;			/* seconds */
	struct dns_query *dns;		/* for plan and apply */
	struct sts_net_loop *loop;	/* for all but plan */
	json_t *report;			/* with --json: an array with an object per domain; else NULL */
	bool no_memory;			/* the report is incomplete */
};

typedef enum cmd_exit publish_step_fn(struct publish_run *run, const struct publish_domain *domain);
publish_step_fn publish_step_plan;
publish_step_fn publish_step_apply;
publish_step_fn publish_step_verify;
publish_step_fn publish_step_retire;

/* Saves a domain's history to the state file at once. */
enum cmd_exit publish_save_history(struct publish_run *run, const char *domain, const struct publish_history *history);
/* Loads a domain's history; CMD_UNKNOWN when the state is invalid. */
enum cmd_exit publish_load_history(struct publish_run *run, const char *domain, struct publish_history *out);
/* Fetches the policy that is served, and notes its max_age: senders may have cached it, whoever published it, so it counts for retirement.
 * Returns whether a policy was served. */
bool publish_note_served(struct publish_run *run, const struct publish_domain *domain, struct publish_history *history);
/* The same for a policy that has been fetched already. */
bool publish_note_policy(const struct publish_served *served, struct publish_history *history);
/* Writes the files, except those that have the right content already. */
enum cmd_exit publish_write_files(struct publish_run *run, const struct publish_files *files);
/* Reports an error about a domain, and returns code. */
enum cmd_exit publish_fail(struct publish_run *run, enum cmd_exit code, const char *domain, const char *why);

/* ---- publish_output.c ---- */

/* The result of plan and apply. */
struct publish_plan_result {
	const struct publish_domain *domain;
	const struct publish_history *history;
	const struct publish_plan *plan;
	enum publish_gate gate;
	const struct findings *findings;
	const struct publish_files *files;
	enum files_change changes[PUBLISH_FILES_MAX];	/* before anything was written */
	bool written;
};
void publish_print_plan(struct publish_run *run, const struct publish_plan_result *result);

/* The result of verify. why: "" when the policy is served as written; else what is wrong. */
void publish_print_verified(struct publish_run *run, const struct publish_domain *domain, const struct publish_history *history,
    const char *why);
/* How far the domain's retirement has got. */
void publish_print_retirement(struct publish_run *run, const struct publish_domain *domain, const struct publish_history *history);

#endif

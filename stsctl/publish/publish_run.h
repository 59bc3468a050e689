/* SPDX-License-Identifier: ISC */
/*
 * publish/publish_run.h - one run of stsctl publish, and its steps, each of one domain.
 *
 *   cmd_publish.c      options, files that are read, the domains in turn
 *   publish/plan_apply.c    plan, apply: what changes, whether it may, then the state and the files
 *   publish/verify_retire.c  verify, retire: what is served, then the records
 *   publish/publish_output.c      what is said about it, as text and as JSON
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
	int lock;			/* of the state, while it may change; else -1 */
	const char *dir;		/* --output, or NULL */
	const char *from;		/* --from, or NULL */
	bool force;
	int64_t now;			/* seconds */
	struct dns_query *dns;		/* for plan and apply */
	struct sts_net_loop *loop;	/* for all but plan */
	json_t *report;			/* with --json: what is said, an object a domain; else NULL */
	bool no_memory;			/* something is missing in it */
};

typedef enum cmd_exit publish_step_fn(struct publish_run *run, const struct publish_domain *domain);
publish_step_fn publish_step_plan;
publish_step_fn publish_step_apply;
publish_step_fn publish_step_verify;
publish_step_fn publish_step_retire;

/* Remembers what becomes of a domain, at once. */
enum cmd_exit publish_save_history(struct publish_run *run, const char *domain, const struct publish_history *history);
/* The past of a domain; CMD_UNKNOWN when the state makes no sense. */
enum cmd_exit publish_load_history(struct publish_run *run, const char *domain, struct publish_history *out);
/* Senders may hold what is served now, whoever has made it: its max_age counts for the way out. True: a policy was served. */
bool publish_note_served(struct publish_run *run, const struct publish_domain *domain, struct publish_history *history);
/* The same of a policy that was fetched already. */
bool publish_note_policy(const struct publish_served *served, struct publish_history *history);
/* Writes the files that are not there as they should be. */
enum cmd_exit publish_write_files(struct publish_run *run, const struct publish_files *files);
/* Something went wrong about a domain: said with its name. Returns code. */
enum cmd_exit publish_fail(struct publish_run *run, enum cmd_exit code, const char *domain, const char *why);

/* ---- publish/publish_output.c ---- */

/* What plan and apply have come to. */
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

/* What verify has come to; why: "" when the policy is there as it should be. records: those that may go out now. */
void publish_print_verified(struct publish_run *run, const struct publish_domain *domain, const struct publish_history *history,
    const char *why);
/* How far the way out is. */
void publish_print_retirement(struct publish_run *run, const struct publish_domain *domain, const struct publish_history *history);

#endif

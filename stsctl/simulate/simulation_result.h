/* SPDX-License-Identifier: ISC */
/*
 * simulation_result.h - the result of a simulation: messages by sender domain, action and cause, with examples.
 *
 * A result belongs to one thread.
 */
#ifndef STSCTL_SIMULATE_SIMULATION_RESULT_H
#define STSCTL_SIMULATE_SIMULATION_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/base/status.h"
#include "stsctl/simulate/replay.h"

enum { SIMULATION_EXAMPLES = 3, SIMULATION_WORD_CAP = 72, SIMULATION_ROWS_MAX = 200000 };

struct simulation_example {
	int64_t ts_ms;
	char queue_id[SIMULATION_WORD_CAP], client[SIMULATION_WORD_CAP];	/* escaped; "-" for none */
	enum sts_unmet lacks;
};

struct simulation_row {
	UT_hash_handle hh;
	char *key;
	char domain[STS_DOMAIN_CAP];		/* "" for none */
	struct sts_enforce_decision decision;
	uint64_t messages;
	uint64_t of;				/* all messages of this domain; set by simulation_result_settle */
	struct simulation_example examples[SIMULATION_EXAMPLES];	/* the latest ones */
};

/* All bytes zero is an empty result. */
struct simulation_result {
	struct simulation_row *rows;		/* refused or held; simulation_result_settle sorts them, the most messages first */
	struct simulation_row *totals;		/* all messages by domain */
	uint64_t messages, unread, unsure;
	uint64_t actions[STS_ACTION_COUNT];	/* messages by action carried out */
	uint64_t only_wanted;			/* messages with an action not carried out because of enforce_percent */
	int64_t first_ms, last_ms;		/* the period of the evidence */
};

/* Adds a replayed entry. STS_ENOMEM; STS_EFULL: more than SIMULATION_ROWS_MAX rows. */
enum sts_status simulation_result_add(struct simulation_result *outcome, const struct sts_query_entry *entry,
    const struct replay *replay);
void simulation_result_settle(struct simulation_result *outcome);
void simulation_result_fini(struct simulation_result *outcome);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * simulation_result.h - what a replay of the evidence comes to: messages by sender domain, action and cause, with examples.
 * An outcome belongs to one thread.
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
	uint64_t of;				/* messages of this domain in all; after simulation_result_settle */
	struct simulation_example examples[SIMULATION_EXAMPLES];	/* the latest */
};

/* Zeroed: empty. */
struct simulation_result {
	struct simulation_row *rows;		/* refused or held; after simulation_result_settle the most messages first */
	struct simulation_row *totals;		/* by domain alone */
	uint64_t messages, unread, unsure;
	uint64_t actions[STS_ACTION_COUNT];	/* carried out */
	uint64_t only_wanted;			/* not, because of enforce_percent */
	int64_t first_ms, last_ms;		/* of the evidence */
};

/* STS_OK, STS_ENOMEM, STS_EFULL: more rows than anybody can use. */
enum sts_status simulation_result_add(struct simulation_result *outcome, const struct sts_query_entry *entry,
    const struct replay *replay);
void simulation_result_settle(struct simulation_result *outcome);
void simulation_result_fini(struct simulation_result *outcome);

#endif

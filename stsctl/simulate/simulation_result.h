/* SPDX-License-Identifier: ISC */
/*
 * simulation_result.h - what a replay of the evidence comes to: messages by sender domain, action and cause, with examples.
 * An outcome belongs to one thread.
 */
#ifndef STSCTL_OUTCOME_H
#define STSCTL_OUTCOME_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/base/status.h"
#include "stsctl/simulate/replay.h"

enum { OUTCOME_EXAMPLES = 3, OUTCOME_WORD_CAP = 72, OUTCOME_ROWS_MAX = 200000 };

struct outcome_example {
	int64_t ts_ms;
	char queue_id[OUTCOME_WORD_CAP], client[OUTCOME_WORD_CAP];	/* escaped; "-" for none */
	enum sts_unmet lacks;
};

struct outcome_row {
	UT_hash_handle hh;
	char *key;
	char domain[STS_DOMAIN_CAP];		/* "" for none */
	struct sts_enforce_decision decision;
	uint64_t messages;
	uint64_t of;				/* messages of this domain in all; after outcome_settle */
	struct outcome_example examples[OUTCOME_EXAMPLES];	/* the latest */
};

/* Zeroed: empty. */
struct outcome {
	struct outcome_row *rows;		/* those that are refused or held; after outcome_settle the most messages first */
	struct outcome_row *totals;		/* by domain alone */
	uint64_t messages, unread, unsure;
	uint64_t actions[STS_ACTION_COUNT];	/* carried out */
	uint64_t only_wanted;			/* not, because of enforce_percent */
	int64_t first_ms, last_ms;		/* of the evidence */
};

/* STS_OK, STS_ENOMEM, STS_EFULL: more rows than anybody can use. */
enum sts_status outcome_add(struct outcome *outcome, const struct sts_query_entry *entry, const struct replay *replay);
void outcome_settle(struct outcome *outcome);
void outcome_fini(struct outcome *outcome);

#endif

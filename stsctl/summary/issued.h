/* SPDX-License-Identifier: ISC */
/*
 * issued.h - which policy texts were ours: those that `stsctl publish' remembers, and the one that the milters hold now.
 *
 * One thread.
 */
#ifndef STSCTL_SUMMARY_ISSUED_H
#define STSCTL_SUMMARY_ISSUED_H

#include <stdbool.h>

#include "shared-cache/reportstats/policy_hash.h"
#include "shared-cache/policy/record.h"
#include "shared-cache/query/query.h"
#include "stsctl/plan/state.h"

struct issued {
	struct publish_state state;	/* domains NULL: publish was never used here */
	char now_id[STS_ID_CAP], now_hash[STS_TEXT_HASH_CAP];	/* of the policy in Redis; "" for none */
};

/* Reads the state of publish, where there is one, and what Redis holds of the domain. publish_file: the file that publish
 * reads; NULL for the usual one. Never fails: what cannot be read is not there. */
void issued_load(struct issued *issued, struct sts_query *query, const char *domain, const char *publish_file);
void issued_fini(struct issued *issued);

/* The id under which a text was published; NULL: it never was, or nobody remembers (issued_knows). */
const char *issued_id(const struct issued *issued, const char *domain, const char *hash);
/* Whether a text that has no id was never ours. */
bool issued_knows(const struct issued *issued, const char *domain);

#endif

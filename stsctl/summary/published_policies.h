/* SPDX-License-Identifier: ISC */
/* published_policies.h - which policy texts were ours: those that `stsctl publish' remembers, and the one that the milters use now.
 * One thread. */
#ifndef STSCTL_SUMMARY_PUBLISHED_POLICIES_H
#define STSCTL_SUMMARY_PUBLISHED_POLICIES_H

#include <stdbool.h>

#include "shared-cache/reportstats/policy_hash.h"
#include "shared-cache/policy/record.h"
#include "shared-cache/query/query.h"
#include "stsctl/plan/state.h"

struct published_policies {
	struct publish_state state;	/* domains NULL: publish was never used here */
	char now_id[STS_ID_CAP], now_hash[STS_TEXT_HASH_CAP];	/* of the policy in Redis; "" for none */
};

/* Reads publish's state, if it exists, and the domain's policy in Redis. publish_file: publish's configuration; NULL: the default
 * file. Never fails: what cannot be read counts as absent. */
void published_policies_load(struct published_policies *published, struct sts_query *query, const char *domain, const char *publish_file);
void published_policies_fini(struct published_policies *published);

/* The id under which a text was published. NULL: it never was, or publish does not know the domain (published_policies_knows). */
const char *published_policies_id(const struct published_policies *published, const char *domain, const char *hash);
/* Whether publish knows the domain, so that a text without an id was never ours. */
bool published_policies_knows(const struct published_policies *published, const char *domain);

#endif

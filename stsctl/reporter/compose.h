/* SPDX-License-Identifier: ISC */
/*
 * compose.h - what Postfix reported of a domain and a day -> the TLS report about it (RFC 8460 section 4).
 *
 * Numbers by type of policy, and the outcomes of sent_outcome.h that say of which policy, and what failed. Outcomes are what Redis holds,
 * and so are read strictly: one that is not as it should be is left out. What the numbers have more than the outcomes
 * stands in the report without the policy's text.
 * Pure (jansson). Any thread.
 */
#ifndef STSCTL_REPORTER_COMPOSE_H
#define STSCTL_REPORTER_COMPOSE_H

#include <jansson.h>

#include "shared-cache/outbound/sent_counts.h"

enum { REPORTER_ID_CAP = 160 };

struct reporter_author {
	const char *organization, *contact;	/* the settings */
};

/* row: domain, day, numbers and outcomes. NULL: there is nothing to be reported, or no memory. */
json_t *reporter_compose(const struct reporter_author *author, const struct sts_sent_row *row, const char *id);

/* "2026-11-28T000000Z_RANDOM@SUBMITTER"; random makes it unique. Returns out. */
const char *reporter_id(const char *day, uint64_t random, const char *submitter, char out[REPORTER_ID_CAP]);
/* What reporter_id makes, and nothing else. */
bool reporter_is_id(const char *text);

#endif

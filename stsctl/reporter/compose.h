/* SPDX-License-Identifier: ISC */
/*
 * compose.h - composes a TLS report (RFC 8460 section 4) from what Postfix reported about a domain and a day.
 *
 * The input: session counts by policy type, and outcomes (sent_outcome.h), which name the policy and the failure. Outcomes come from Redis, so
 * they are parsed strictly, and malformed ones are ignored. Sessions that are counted but in no outcome are reported without the policy's
 * text. Pure (jansson). Any thread.
 */
#ifndef STSCTL_REPORTER_COMPOSE_H
#define STSCTL_REPORTER_COMPOSE_H

#include <jansson.h>

#include "shared-cache/outbound/sent_counts.h"

enum { REPORTER_ID_CAP = 160 };

struct reporter_author {
	const char *organization, *contact;	/* from the settings */
};

/* row: domain, day, counts and outcomes. NULL: nothing to report, or no memory. */
json_t *reporter_compose(const struct reporter_author *author, const struct sts_sent_row *row, const char *id);

/* Writes a report id: "2026-11-28T000000Z_RANDOM@SUBMITTER". random makes it unique. Returns out. */
const char *reporter_id(const char *day, uint64_t random, const char *submitter, char out[REPORTER_ID_CAP]);
/* Whether text is an id as reporter_id writes it. */
bool reporter_is_id(const char *text);

#endif

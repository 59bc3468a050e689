/* SPDX-License-Identifier: ISC */
/*
 * plan/state.h - what publish remembers from run to run, as JSON: what was written, when, and with which id.
 *
 * An invalid state is an error, and never treated as empty: ids and the waiting time of `retire` depend on it. Works on text; the caller
 * reads and writes the file. One thread.
 */
#ifndef STSCTL_PLAN_STATE_H
#define STSCTL_PLAN_STATE_H

#include <stddef.h>

#include <jansson.h>

#include "shared-cache/base/status.h"
#include "stsctl/plan/plan.h"

struct publish_state {
	json_t *domains;	/* an object: domain -> its history */
};

/* text "": no state yet. STS_EINVAL: invalid; diag says why. The caller calls publish_state_fini in any case. */
enum sts_status publish_state_read(const char *text, size_t len, struct publish_state *out, struct sts_diag *diag);
void publish_state_fini(struct publish_state *state);

/* The history of a domain; zeroed if there is none. STS_EINVAL: it is invalid. */
enum sts_status publish_state_get(const struct publish_state *state, const char *domain, struct publish_history *out);
enum sts_status publish_state_set(struct publish_state *state, const char *domain, const struct publish_history *history);

/* The id under which a text with this hash (policy_hash.h) was written for a domain; hash NULL: the last id. Only the last
 * PUBLISH_ISSUED_MAX texts are remembered, and none from before hashes were. NULL: unknown. Borrowed. */
enum { PUBLISH_ISSUED_MAX = 100 };
const char *publish_state_issued(const struct publish_state *state, const char *domain, const char *hash);

/* The state as JSON text, which the caller frees; NULL when memory ran out. */
char *publish_state_text(const struct publish_state *state);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * plan/state.h - what publish remembers from one run to the next, as JSON: what was written when, with which id.
 *
 * A state that cannot be understood is an error, never an empty one: ids and the wait of `retire` hang on it. Text in, text out;
 * the file is the caller's. Belongs to one thread.
 */
#ifndef STSCTL_PLAN_STATE_H
#define STSCTL_PLAN_STATE_H

#include <stddef.h>

#include <jansson.h>

#include "shared-cache/base/status.h"
#include "stsctl/plan/plan.h"

struct publish_state {
	json_t *domains;	/* an object: domain -> what is remembered of it */
};

/* text "": no state yet. STS_EINVAL: cannot be understood; diag says why. *out is to be freed whatever comes. */
enum sts_status publish_state_read(const char *text, size_t len, struct publish_state *out, struct sts_diag *diag);
void publish_state_fini(struct publish_state *state);

/* What is remembered of a domain; zeroed when nothing is. STS_EINVAL: that does not make sense. */
enum sts_status publish_state_get(const struct publish_state *state, const char *domain, struct publish_history *out);
enum sts_status publish_state_set(struct publish_state *state, const char *domain, const struct publish_history *history);

/* The id under which a text of this hash (policy_hash.h) was written for a domain, of the last PUBLISH_ISSUED_MAX; hash NULL: of
 * any. NULL: none was. What was written before hashes were remembered is not known. */
enum { PUBLISH_ISSUED_MAX = 100 };
const char *publish_state_issued(const struct publish_state *state, const char *domain, const char *hash);

/* The state as text, which the caller frees; NULL when memory ran out. */
char *publish_state_text(const struct publish_state *state);

#endif

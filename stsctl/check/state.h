/* SPDX-License-Identifier: ISC */
/*
 * check/state.h - check's state file: what it remembers of each domain from run to run: the id, the policy's hash, the findings.
 *
 * A file that cannot be parsed is left alone. The state is locked from check_state_open to check_state_free (with a file beside it,
 * PATH.lock), so that two runs at the same time do not lose each other's findings. One thread.
 */
#ifndef STSCTL_CHECK_STATE_H
#define STSCTL_CHECK_STATE_H

#include <jansson.h>

#include "shared-cache/base/status.h"
#include "stsctl/diagnosis/drift.h"
#include "stsctl/findings/findings.h"

enum { CHECK_STATE_WHY_CAP = 512 };

struct check_state;

/* The default path: for root in ${localstatedir}/lib, whatever the environment says, because sudo may have kept another user's; for
 * others in $XDG_STATE_HOME (xdg), else in .local/state of $HOME; either may be NULL. NULL when there is no such place. The caller frees
 * it. */
char *check_state_path(bool root, const char *xdg, const char *home);

/* A missing file is an empty state. Waits up to wait_ms for another run to finish. STS_EFULL: it is still running; STS_EINVAL, STS_ESYS:
 * why says what is wrong with the file. The caller frees *out. */
enum sts_status check_state_open(const char *path, int64_t wait_ms, struct check_state **out, char why[CHECK_STATE_WHY_CAP]);
void check_state_free(struct check_state **state);

/* *out is zeroed for an unknown domain. */
void check_state_get(const struct check_state *state, const char *domain, struct check_baseline *out);

/* The findings that are new, and those that are gone, except for passes: arrays of strings "LEVEL ID SUBJECT", which the caller owns.
 * False when memory ran out; both are NULL then. */
bool check_state_compare(const struct check_state *state, const char *domain, const struct findings *now, json_t **added,
    json_t **gone);

/* Replaces what is remembered of the domain, in memory. STS_ENOMEM. */
enum sts_status check_state_put(struct check_state *state, const char *domain, const struct check_baseline *baseline,
    const struct findings *found);
/* Writes the file, if anything was put. */
enum sts_status check_state_save(const struct check_state *state, char why[CHECK_STATE_WHY_CAP]);

#endif

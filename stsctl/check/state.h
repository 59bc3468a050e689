/* SPDX-License-Identifier: ISC */
/*
 * check/state.h - what check remembers between two runs, in one file: of each domain its id, its policy's hash, and what was
 * found.
 *
 * A file that cannot be understood is left alone. It is locked from check_state_open to check_state_free (by a file beside it,
 * PATH.lock), so that two runs at the same time do not forget what the other has found. One thread.
 */
#ifndef STSCTL_CHECK_STATE_H
#define STSCTL_CHECK_STATE_H

#include <jansson.h>

#include "shared-cache/base/status.h"
#include "stsctl/diagnosis/drift.h"
#include "stsctl/findings/findings.h"

enum { CHECK_STATE_WHY_CAP = 512 };

struct check_state;

/* Where it is when nobody says otherwise: for root ${localstatedir}/lib, whatever the environment says, which sudo may have kept of
 * somebody else; for others $XDG_STATE_HOME (xdg), else .local/state in $HOME; either may be NULL. NULL when there is no such
 * place. The caller frees it. */
char *check_state_path(bool root, const char *xdg, const char *home);

/* A file that is not there is an empty state. Waits wait_ms for another run. STS_EFULL: it is still at work; STS_EINVAL, STS_ESYS: why
 * says what is wrong with the file. */
enum sts_status check_state_open(const char *path, int64_t wait_ms, struct check_state **out, char why[CHECK_STATE_WHY_CAP]);
void check_state_free(struct check_state **state);

/* Zeroed for a domain that is not known. */
void check_state_get(const struct check_state *state, const char *domain, struct check_baseline *out);

/* What was found then and now, but for passes, as "LEVEL ID SUBJECT": two arrays of strings. False when memory ran out; both NULL
 * then. */
bool check_state_compare(const struct check_state *state, const char *domain, const struct findings *now, json_t **added,
    json_t **gone);

/* Remembers. STS_ENOMEM. */
enum sts_status check_state_put(struct check_state *state, const char *domain, const struct check_baseline *baseline,
    const struct findings *found);
/* Replaces the file, if anything was put. */
enum sts_status check_state_save(const struct check_state *state, char why[CHECK_STATE_WHY_CAP]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * drift.h - compares a domain's id and policy with those of the last run.
 *
 * Pure: the old baseline in; findings and the new baseline out.
 */
#ifndef STSCTL_DIAGNOSIS_DRIFT_H
#define STSCTL_DIAGNOSIS_DRIFT_H

#include "stsctl/diagnosis/check_facts.h"
#include "stsctl/findings/findings.h"

enum { CHECK_HASH_CAP = 65 };

/* What the last run saw of one domain. Both are "" when nothing is known; otherwise neither is. */
struct check_baseline {
	char id[STS_ID_CAP];
	char policy[CHECK_HASH_CAP];	/* check_drift_hash of it */
};

/* Adds the findings, and updates baseline. If the policy has changed under the same id, baseline stays as it is, so that every run reports
 * the fault until the id changes. It also stays when there is no valid record or policy to compare. now: seconds, for a new id. */
void check_drift(const struct check_facts *facts, int64_t now, struct check_baseline *baseline, struct findings *out);

/* The SHA-256 of mode, max_age and mx, in hexadecimal: equal for policies that mean the same, whatever their line ends and the order of
 * mx. False when memory ran out. */
bool check_drift_hash(const struct sts_policy *policy, char out[CHECK_HASH_CAP]);

#endif

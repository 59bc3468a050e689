/* SPDX-License-Identifier: ISC */
/*
 * drift.h - id and policy as they were, held against what they are.
 *
 * Pure: what was remembered in, findings and what is to be remembered out.
 */
#ifndef STSCTL_DIAGNOSIS_DRIFT_H
#define STSCTL_DIAGNOSIS_DRIFT_H

#include "stsctl/diagnosis/check_facts.h"
#include "stsctl/findings/findings.h"

enum { CHECK_HASH_CAP = 65 };

/* Of one domain. Both "" when nothing is known, or neither. */
struct check_baseline {
	char id[STS_ID_CAP];
	char policy[CHECK_HASH_CAP];	/* of mode, max_age and mx, hexadecimal */
};

/* A policy that changed under the same id is remembered as it was, so that it is found again until the id changes. Where record
 * or policy are missing now, there is nothing to compare, and memory stays as it is. */
void check_drift(const struct check_facts *facts, int64_t now, struct check_baseline *baseline, struct findings *out);

/* The hash: the same for policies that say the same, whatever their line ends and the order of mx. False when memory ran out. */
bool check_drift_hash(const struct sts_policy *policy, char out[CHECK_HASH_CAP]);

#endif

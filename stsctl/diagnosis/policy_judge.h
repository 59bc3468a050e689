/* SPDX-License-Identifier: ISC */
/*
 * policy_judge.h - checks the text of a policy file against RFC 8461 section 3.2, and proposes the corrected text.
 *
 * Pure. Separate from check/web.c so that a file on disk can be checked, too.
 */
#ifndef STSCTL_DIAGNOSIS_POLICY_JUDGE_H
#define STSCTL_DIAGNOSIS_POLICY_JUDGE_H

#include "stsctl/diagnosis/check_facts.h"
#include "stsctl/findings/findings.h"

/* Judges facts->policy_text, which must not be NULL. Sets facts->policy; NULL when it is not valid. */
void policy_judge(const char *subject, struct check_facts *facts, struct findings *out);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * policy_judge.h - what a policy file says, held against RFC 8461 section 3.2 line by line and byte by byte, and the text that it
 * should be. Pure. Part of check/web.c, on its own because a file on disk may be looked at, too.
 */
#ifndef STSCTL_DIAGNOSIS_POLICY_JUDGE_H
#define STSCTL_DIAGNOSIS_POLICY_JUDGE_H

#include "stsctl/diagnosis/check_facts.h"
#include "stsctl/findings/findings.h"

/* Judges facts->policy_text, which must be there, and sets facts->policy when it is valid. */
void policy_judge(const char *subject, struct check_facts *facts, struct findings *out);

#endif

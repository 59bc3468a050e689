/* SPDX-License-Identifier: ISC */
/*
 * mx_judge.h - the mail exchangers of a domain held against its policy, both ways.
 *
 * Pure: facts in, findings out. The facts' mx and null_mx must be known; `covered' is set here.
 */
#ifndef STSCTL_DIAGNOSIS_MX_JUDGE_H
#define STSCTL_DIAGNOSIS_MX_JUDGE_H

#include "stsctl/diagnosis/check_facts.h"
#include "stsctl/findings/findings.h"

/* Whether a host of the list stands before this one already, with another preference. */
bool mx_is_listed_before(const struct check_facts *facts, size_t index);

/* mx.ok, mx.not-covered, mx.unused, mx.wide, mx.null; of DANE what needs no look at certificates: dane.present, dane.conflict,
 * dane.unsigned-host, dane.unsigned-domain, and what dane_judge_records says. With a policy or without. */
void mx_judge(struct check_facts *facts, struct findings *out);

#endif

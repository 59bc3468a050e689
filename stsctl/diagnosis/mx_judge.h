/* SPDX-License-Identifier: ISC */
/*
 * mx_judge.h - compares a domain's MX records with its policy, in both directions.
 *
 * Pure: facts in, findings out. The caller has filled in mx and null_mx; this sets `covered'.
 */
#ifndef STSCTL_DIAGNOSIS_MX_JUDGE_H
#define STSCTL_DIAGNOSIS_MX_JUDGE_H

#include "stsctl/diagnosis/check_facts.h"
#include "stsctl/findings/findings.h"

/* Whether the host at index is also listed before it, with another preference. */
bool mx_is_listed_before(const struct check_facts *facts, size_t index);

/* Adds mx.ok, mx.not-covered, mx.unused, mx.wide, mx.null; and the findings about DANE that need no certificates: dane.present,
 * dane.conflict, dane.unsigned-host, dane.unsigned-domain, and those of dane_judge_records. Works without a policy, too. */
void mx_judge(struct check_facts *facts, struct findings *out);

#endif

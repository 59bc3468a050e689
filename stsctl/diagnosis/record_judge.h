/* SPDX-License-Identifier: ISC */
/*
 * record_judge.h - says what is wrong with the TXT records of _mta-sts.DOMAIN, and gives the line of a zone file that fixes it.
 *
 * Pure: answers in, findings out. check/record.c reports failed queries, and servers that disagree.
 */
#ifndef STSCTL_DIAGNOSIS_RECORD_JUDGE_H
#define STSCTL_DIAGNOSIS_RECORD_JUDGE_H

#include <stdint.h>

#include "shared-cache/dns/dns_reply.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/policy/record.h"
#include "stsctl/findings/findings.h"

/* The names where people put the record by mistake: mta-sts.DOMAIN, DOMAIN, _mta-sts.DOMAIN.DOMAIN. "" when the name is too long. */
enum { RECORD_MISPLACED = 3 };
const char *record_misplaced(const char *domain, size_t which, char out[STS_DOMAIN_CAP]);

struct record_view {
	const char *domain;
	int64_t now;			/* seconds, for a new id */
	const struct sts_dns_reply *reply;	/* TXT of _mta-sts.DOMAIN; not a failure */
	const struct sts_dns_reply *sibling; /* TXT of a made-up name beside it, which reveals a wildcard; NULL: not known */
	const struct sts_dns_reply *misplaced[RECORD_MISPLACED]; /* TXT of those names; NULL: not queried */
};

/* id: that of a valid record, else "". */
enum sts_record_result record_judge(const struct record_view *view, char id[STS_ID_CAP], struct findings *out);

#endif

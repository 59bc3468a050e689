/* SPDX-License-Identifier: ISC */
/*
 * tls_judge.h - turns the results of the TLS probes of one address into findings.
 *
 * How bad a fault of a mail exchanger is depends on the policy: with mode enforce senders do not deliver, with any other mode they do.
 * Pure and total. Any thread.
 */
#ifndef STSCTL_DIAGNOSIS_TLS_JUDGE_H
#define STSCTL_DIAGNOSIS_TLS_JUDGE_H

#include <stdint.h>

#include "shared-cache/policy/policy.h"
#include "stsctl/findings/findings.h"
#include "stsctl/probe/tls_probe.h"

/* One address of one host. modern is always there; other probes are NULL if they were not made. */
struct tls_judge_case {
	const char *host;
	const char *subject;		/* of the findings: "mx.example.com [192.0.2.1]" */
	enum finding_level bad;		/* the level of faults that keep a sender from delivering, or from fetching the policy */
	int64_t now;			/* seconds */
	const struct tls_probe_result *modern, *other, *only_12, *old, *weak;
};

/* FINDING_FAIL with mode enforce, else FINDING_WARN; policy may be NULL. */
enum finding_level tls_judge_level(const struct sts_policy *policy);

/* Returns whether senders can fetch a policy from this address. */
bool tls_judge_web(const struct tls_judge_case *c, struct findings *out);
void tls_judge_smtp(const struct tls_judge_case *c, struct findings *out);

#endif

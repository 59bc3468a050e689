/* SPDX-License-Identifier: ISC */
/*
 * tls_judge.h - what the probes of one address say about it, as findings: pure, total, the same for the same probes.
 *
 * How bad a fault of a mail exchanger is depends on the policy: with mode enforce senders do not deliver, with any other they do.
 * Knows no sockets and no clock. Any thread.
 */
#ifndef STSCTL_DIAGNOSIS_TLS_JUDGE_H
#define STSCTL_DIAGNOSIS_TLS_JUDGE_H

#include <stdint.h>

#include "shared-cache/policy/policy.h"
#include "stsctl/findings/findings.h"
#include "stsctl/probe/tls_probe.h"

/* One address of one host. The probes that were not made are NULL, modern apart. */
struct tls_judge_case {
	const char *host;
	const char *subject;		/* of the findings: "mx.example.com [192.0.2.1]" */
	enum finding_level bad;		/* of what keeps a sender from delivering, or from fetching the policy */
	int64_t now;			/* seconds */
	const struct tls_probe_result *modern, *other, *only_12, *old, *weak;
};

/* FINDING_FAIL with mode enforce, else FINDING_WARN; policy may be NULL. */
enum finding_level tls_judge_level(const struct sts_policy *policy);

/* Whether the address of a policy host is good enough to fetch from. */
bool tls_judge_web(const struct tls_judge_case *c, struct findings *out);
void tls_judge_smtp(const struct tls_judge_case *c, struct findings *out);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * delivery_outcome.h - what becomes of mail: (what Postfix is told, an MX host, how its address behaves) -> how it goes, or waits.
 *
 * As smtp(8) does it with smtp_dns_support_level = dnssec and smtp_tls_dane_insecure_mx_policy = dane:
 *
 *   level         a server that shows a certificate that fits   another one      without STARTTLS
 *   none          plaintext                                     plaintext        plaintext
 *   may           unverified                                    unverified       plaintext
 *   encrypt       unverified                                    unverified       waits
 *   secure        protected                                     waits            waits
 *   dane-only     protected (by TLSA records)                   waits            waits
 *   dane          the same for hosts with usable TLSA records; as encrypt when none of them is usable, as may for other hosts
 *
 * Pure, total. Any thread.
 */
#ifndef STSCTL_SENDTEST_DELIVERY_OUTCOME_H
#define STSCTL_SENDTEST_DELIVERY_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/outbound/dane.h"
#include "stsctl/diagnosis/dane.h"
#include "stsctl/probe/tls_probe.h"
#include "stsctl/sendtest/required_tls.h"

/* The first three: it goes, the weaker the later. */
enum send_outcome {
	SEND_PROTECTED,		/* to a server that has proved its name */
	SEND_UNVERIFIED,	/* over TLS, to whoever it is */
	SEND_PLAINTEXT,
	SEND_WAITS,		/* is deferred, or goes to another host */
	SEND_BOUNCES,		/* nobody takes mail there */
	SEND_UNKNOWN,		/* could not be found out */
	SEND_OUTCOMES
};
/* "protected", "unverified", "plaintext", "waits", "bounces", "unknown". "" beyond the last. */
const char *send_outcome_name(unsigned outcome);
bool send_outcome_goes(enum send_outcome outcome);

struct send_case {
	const struct required_tls *required;
	const char *host;
	bool mx_signed;			/* or there are no MX records */
	enum sts_dane_host dane;
	const struct dane_records *tlsa;	/* of STS_DANE_HOST_USABLE */
	int64_t now;			/* seconds */
	/* one address */
	const struct tls_probe_result *probe;
	bool name_fits;			/* required_tls_allows_certificate */
};

enum { SEND_WHY_CAP = 480 };
struct send_verdict {
	enum send_outcome outcome;
	char why[SEND_WHY_CAP];		/* printable, one line */
};

/* Whether Postfix would pass the host over without connecting to it; only then *out is written. probe and name_fits are not
 * looked at. */
bool send_judge_host(const struct send_case *c, struct send_verdict *out);

/* For a host that it would connect to. */
void send_judge_address(const struct send_case *c, struct send_verdict *out);

/* ---- all of them ---- */

struct send_try {
	unsigned preference;
	enum send_outcome outcome;
};

/* What becomes of mail in all: it goes to a host of the lowest preference that takes it; of several, which one is chance, and so
 * the weakest counts. What is not known of a host counts unless the level lets nothing through that is not protected. In any
 * order. */
enum send_outcome send_sum(const struct send_try *tries, size_t count, enum sts_send_level level);

/* How weakly mail could go, were the others out of reach: SEND_WAITS when it goes nowhere. */
enum send_outcome send_weakest(const struct send_try *tries, size_t count);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * delivery_outcome.h - decides how mail would be delivered, or why it would wait, from the TLS that is required and the probe of an
 * MX host's address.
 *
 * Follows smtp(8) with smtp_dns_support_level = dnssec and smtp_tls_dane_insecure_mx_policy = dane:
 *
 *   level         a server with a valid certificate             any other        without STARTTLS
 *   none          plaintext                                     plaintext        plaintext
 *   may           unverified                                    unverified       plaintext
 *   encrypt       unverified                                    unverified       waits
 *   secure        protected                                     waits            waits
 *   dane-only     protected (by TLSA records)                   waits            waits
 *   dane          the same for hosts with usable TLSA records; like encrypt if none of them is usable, like may for other hosts
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

/* With the first three, mail is delivered; each is weaker than the one before. */
enum send_outcome {
	SEND_PROTECTED,		/* to a server that has proved its identity */
	SEND_UNVERIFIED,	/* over TLS, to a server that has not */
	SEND_PLAINTEXT,
	SEND_WAITS,		/* deferred, or tried at another host */
	SEND_BOUNCES,		/* the host has no address, or the domain accepts no mail */
	SEND_UNKNOWN,		/* could not be determined */
	SEND_OUTCOMES
};
/* "protected", "unverified", "plaintext", "waits", "bounces", "unknown"; "" beyond the last. */
const char *send_outcome_name(unsigned outcome);
/* Whether mail is delivered. */
bool send_outcome_goes(enum send_outcome outcome);

struct send_case {
	const struct required_tls *required;
	const char *host;
	bool mx_signed;			/* the answer to the MX query is signed, even if there are no MX records */
	enum sts_dane_host dane;
	const struct dane_records *tlsa;	/* with STS_DANE_HOST_USABLE */
	int64_t now;			/* seconds */
	/* for send_judge_address */
	const struct tls_probe_result *probe;
	bool name_fits;			/* required_tls_allows_certificate */
};

enum { SEND_WHY_CAP = 480 };
struct send_verdict {
	enum send_outcome outcome;
	char why[SEND_WHY_CAP];		/* printable, one line */
};

/* Whether Postfix would skip the host without connecting to it; only then sets *out. Ignores probe and name_fits. */
bool send_judge_host(const struct send_case *c, struct send_verdict *out);

/* Judges one address of a host that Postfix would connect to. */
void send_judge_address(const struct send_case *c, struct send_verdict *out);

/* ---- sums ---- */

struct send_try {
	unsigned preference;
	enum send_outcome outcome;
};

/* The outcome for the domain. Mail goes to a host of the lowest preference that accepts it; among several, chance decides, so the weakest
 * outcome counts. A host with an unknown outcome makes the sum unknown, unless the level allows only protected delivery anyway. tries may
 * be in any order. */
enum send_outcome send_sum(const struct send_try *tries, size_t count, enum sts_send_level level);

/* The weakest outcome with which mail could be delivered if other hosts were down; SEND_WAITS if there is none. */
enum send_outcome send_weakest(const struct send_try *tries, size_t count);

#endif

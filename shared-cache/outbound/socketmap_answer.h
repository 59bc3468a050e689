/* SPDX-License-Identifier: ISC */
/*
 * socketmap_answer.h - what Postfix is told about a domain that it is about to send to: (rule, policy, DANE, map) -> TLS policy.
 *
 * Decided first, then written, so that a person can be told why. DANE goes before MTA-STS (RFC 8461 section 2), and what the
 * administrator wrote goes before both. doc/outbound.md has the same as a table.
 *
 *   DANE            with a live policy of mode enforce    without
 *   all             dane-only                             dane-only
 *   some            dane-only                             dane
 *   half            secure                                dane
 *   unusable        secure                                dane
 *   unknown         secure                                dane
 *   none, off, pending  secure                            no answer
 *
 * `dane-only` with `some`: Postfix passes over the hosts without TLSA records, which satisfies both RFCs, where `dane` would
 * use them without any authentication. `secure` with `half` and the rest: there is no authenticated DANE to be overridden, and
 * names proved by HTTPS are worth more.
 * Pure, total. Any thread.
 */
#ifndef STS_OUTBOUND_SOCKETMAP_ANSWER_H
#define STS_OUTBOUND_SOCKETMAP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/base/text.h"
#include "shared-cache/outbound/dane.h"
#include "shared-cache/outbound/send_rules.h"
#include "shared-cache/outbound/socketmap_key.h"
#include "shared-cache/policy/entry.h"

enum {
	STS_ANSWER_MAX = 99000,		/* bytes of a reply; Postfix takes 100,000 */
	STS_ANSWER_CAP = STS_ANSWER_MAX + 1,
};

struct sts_outbound_facts {
	enum sts_socketmap map;
	const char *domain;
	const struct sts_send_rule *rule;	/* NULL: none speaks of it */
	const struct sts_entry *entry;		/* NULL: not known (yet) */
	enum sts_dane dane;
	bool report_testing;	/* the setting outbound_report_testing */
	bool may_defer;		/* the setting socketmap_tempfail */
	int64_t now;		/* seconds since the epoch */
};

enum sts_outbound_why {
	STS_WHY_RULE,		/* a rule of the administrator's */
	STS_WHY_POLICY,		/* enforce */
	STS_WHY_DANE,
	STS_WHY_TESTING,	/* published, not enforced */
	STS_WHY_MODE_NONE,
	STS_WHY_ABSENT,		/* nothing is published */
	STS_WHY_FAILED,		/* something is, and could not be had: as without (RFC 8461 section 3.3) */
	STS_WHY_PENDING,	/* not known in time */
	STS_WHYS
};
/* "rule", "policy", "dane", "testing", "mode-none", "absent", "failed", "pending". "" beyond the last. */
const char *sts_outbound_why_name(unsigned why);

struct sts_outbound_answer {
	enum sts_send_level level;	/* STS_SEND_DEFAULT: NOTFOUND */
	enum sts_outbound_why why;
	bool defer;			/* TEMP: mail waits; only with may_defer */
};

void sts_outbound_decide(const struct sts_outbound_facts *facts, struct sts_outbound_answer *out);

/* Writes the socketmap reply: "OK secure match=...", "NOTFOUND ", "TEMP ...". reply has room for STS_ANSWER_CAP bytes; whatever a
 * policy holds, it does not overflow, and no byte of the policy gets there that is not on a list of harmless ones. When not all
 * fits, lines of the policy are left out, and then all that only reports need; never a host pattern. */
void sts_outbound_write(const struct sts_outbound_facts *facts, const struct sts_outbound_answer *answer,
    struct sts_text *reply);

#endif

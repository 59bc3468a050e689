/* SPDX-License-Identifier: ISC */
/*
 * socketmap_answer.h - the answer to Postfix about a destination domain: the TLS policy, decided from rule, policy, DANE and map.
 *
 * Deciding and writing are two steps, so that the reason can be shown to people. DANE takes precedence over MTA-STS (RFC 8461
 * section 2), and the administrator's rules over both. doc/outbound.md has the same table.
 *
 *   DANE            with a live policy of mode enforce    without
 *   all             dane-only                             dane-only
 *   some            dane-only                             dane
 *   half            secure                                dane
 *   unusable        secure                                dane
 *   unknown         secure                                dane
 *   none, off, pending  secure                            no answer
 *
 * `dane-only` with `some`: Postfix then skips the hosts without TLSA records, which satisfies both RFCs, while `dane` would
 * use them without authentication. `secure` with `half` and the rest: there is no authenticated DANE to override, and
 * names authenticated by HTTPS are worth more.
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
	STS_ANSWER_MAX = 99000,		/* bytes of a reply; Postfix accepts 100,000 */
	STS_ANSWER_CAP = STS_ANSWER_MAX + 1,
};

struct sts_outbound_facts {
	enum sts_socketmap map;
	const char *domain;
	const struct sts_send_rule *rule;	/* NULL: none applies */
	const struct sts_entry *entry;		/* NULL: not known (yet) */
	enum sts_dane dane;
	bool report_testing;	/* the setting outbound_report_testing */
	bool may_defer;		/* the setting socketmap_tempfail */
	int64_t now;		/* seconds since the epoch */
};

enum sts_outbound_why {
	STS_WHY_RULE,		/* a rule of the administrator */
	STS_WHY_POLICY,		/* enforce */
	STS_WHY_DANE,
	STS_WHY_TESTING,	/* published, not enforced */
	STS_WHY_MODE_NONE,
	STS_WHY_ABSENT,		/* nothing is published */
	STS_WHY_FAILED,		/* something is, but could not be fetched: as if absent (RFC 8461 section 3.3) */
	STS_WHY_PENDING,	/* not known in time */
	STS_WHYS
};
/* "rule", "policy", "dane", "testing", "mode-none", "absent", "failed", "pending". "" for a number out of range. */
const char *sts_outbound_why_name(unsigned why);

struct sts_outbound_answer {
	enum sts_send_level level;	/* STS_SEND_DEFAULT: NOTFOUND */
	enum sts_outbound_why why;
	bool defer;			/* TEMP: mail waits; only with may_defer */
};

void sts_outbound_decide(const struct sts_outbound_facts *facts, struct sts_outbound_answer *out);

/* Writes the socketmap reply: "OK secure match=...", "NOTFOUND ", "TEMP ...". reply has room for STS_ANSWER_CAP bytes and never
 * overflows; bytes of the policy get there only if they are on a list of harmless ones. When not everything
 * fits, lines of the policy are left out, and then all that only reports need; never a host pattern. */
void sts_outbound_write(const struct sts_outbound_facts *facts, const struct sts_outbound_answer *answer,
    struct sts_text *reply);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * verdict.h - the verdict about a message: makes result and reason from the evidence, the policy and the rules.
 *
 * Also the plain structs that the daemon fills in, and that header, log and counters are made from. The decision
 * is total: every combination has a result. RFC 8461 requires nothing of inbound mail; a `fail` here is evidence about a
 * session, not a breach of the RFC.
 * Pure: no clock, no I/O, no logging. Any thread.
 */
#ifndef STS_JUDGE_VERDICT_H
#define STS_JUDGE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/judge/action.h"
#include "shared-cache/judge/tls.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/entry.h"
#include "shared-cache/policy/reason.h"

enum sts_result {
	STS_RESULT_PASS, STS_RESULT_FAIL, STS_RESULT_SOFTFAIL, STS_RESULT_NEUTRAL, STS_RESULT_NONE,
	STS_RESULT_TEMPERROR, STS_RESULT_PERMERROR, STS_RESULT_COUNT
};
enum sts_policy_known {		/* the header's policy tag */
	STS_POLICY_ENFORCE, STS_POLICY_TESTING, STS_POLICY_NONE, STS_POLICY_ABSENT, STS_POLICY_UNKNOWN, STS_POLICY_KNOWN_COUNT
};
enum sts_aligned { STS_ALIGNED_YES, STS_ALIGNED_NO, STS_ALIGNED_UNKNOWN, STS_ALIGNED_COUNT };
enum sts_identity { STS_IDENTITY_MAILFROM, STS_IDENTITY_HELO };
/* How the message compares with the earlier mail of the domain's own clients: history.h. */
enum sts_history { STS_HISTORY_NONE, STS_HISTORY_ALWAYS_TLS, STS_HISTORY_DOWNGRADE, STS_HISTORY_COUNT };

const char *sts_result_name(enum sts_result result);
const char *sts_policy_known_name(enum sts_policy_known known);
const char *sts_aligned_name(enum sts_aligned aligned);
const char *sts_identity_name(enum sts_identity identity);
const char *sts_history_name(enum sts_history history);	/* "" for STS_HISTORY_NONE */

/* What the verdict needs of the sender domain's policy, taken from a cache entry. */
struct sts_policy_view {
	enum sts_policy_known known;
	enum sts_reason reason;		/* with STS_POLICY_UNKNOWN */
	char id[STS_ID_CAP];		/* "" when none */
	int64_t checked;		/* when the id was last confirmed, seconds since the epoch; 0: never */
};

/* entry may be NULL: then unknown, with the reason `missing` (pending, overload), which is otherwise ignored.
 * Without a domain (no usable identity), use sts_policy_view_absent. */
void sts_policy_view_of(const struct sts_entry *entry, enum sts_reason missing, struct sts_policy_view *out);
void sts_policy_view_absent(struct sts_policy_view *out);

enum { STS_RCPTS_CAP = 256 };
#define STS_RCPTS_SPARED ":spared"	/* after POLICY: all recipients of that domain are of those never refused */

/* One message as it came in: the input of the header, the log line and the counters. */
struct sts_evidence {
	char queue_id[32];		/* "" when the MTA gave none */
	char domain[STS_DOMAIN_CAP];	/* "" when there is none */
	enum sts_identity identity;
	struct sts_tls tls;
	char sni[STS_DOMAIN_CAP];	/* the server name in the client's handshake, as the MTA says; "" for none */
	bool requiretls;		/* MAIL had REQUIRETLS (RFC 8689) */
	enum sts_aligned aligned;
	struct sts_ipaddr client;
	/* Accepted recipients only; those that we have refused do not get the message. */
	bool has_rcpt;			/* local_domains is set and a recipient is in it */
	enum sts_policy_known rcpt;	/* the strictest policy among the recipients' domains */
	char rcpts[STS_RCPTS_CAP];	/* these domains, "DOMAIN:POLICY,DOMAIN:POLICY", as many as fit */
	char refused_rcpts[STS_RCPTS_CAP];	/* the same for refused recipients */
	enum sts_history history;
	unsigned forged;		/* number of X-MTA-STS fields removed */
};

struct sts_verdict_rules {
	struct sts_tls_rules tls;	/* which TLS is adequate */
};

struct sts_verdict {
	enum sts_result result;
	enum sts_reason reason;		/* STS_REASON_NONE with pass and none */
	enum sts_action action;		/* accept, until enforce.h decides otherwise; likewise the next one */
	enum sts_action wanted;		/* the action without dry_run, enforce_percent and trip wire */
};

void sts_verdict_decide(const struct sts_evidence *evidence, const struct sts_policy_view *policy,
    const struct sts_verdict_rules *rules, struct sts_verdict *out);

/* The stricter of two recipient policies, in this order: enforce, testing, unknown, none, absent. */
enum sts_policy_known sts_policy_stricter(enum sts_policy_known a, enum sts_policy_known b);

#endif

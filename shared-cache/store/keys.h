/* SPDX-License-Identifier: ISC */
/*
 * keys.h - the names of our keys in Redis: the only place that spells them.
 *
 * The braces are literal: in a Redis Cluster what stands in the first pair decides on the slot, so that all keys of a domain
 * share one. A script may touch keys of one slot only; the `applied:` keys, which say which batches of counters are in, are
 * named so that they lie beside what they speak of.
 * Pure. Any thread.
 */
#ifndef STS_STORE_KEYS_H
#define STS_STORE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/ledger/counts.h"

enum {
	STS_PREFIX_MAX = 64,
	STS_KEY_CAP = 2 * STS_PREFIX_MAX + 320,	/* a domain or node, a prefix twice, an incarnation, the words between */
};

/* Any string of at most STS_PREFIX_MAX bytes; longer ones are refused. The string stays the caller's. */
bool sts_keys_prefix_fits(const char *prefix);

/* Each writes the key's name to out and returns out. A domain is one that sts_domain_normalise has made (asserted), a day one
 * of sts_day_of. */
char *sts_key_policy(const char *prefix, const char *domain, char out[STS_KEY_CAP]);
char *sts_key_lock(const char *prefix, const char *domain, char out[STS_KEY_CAP]);
/* day NULL: the totals since the start. */
char *sts_key_stats(const char *prefix, const char *day, char out[STS_KEY_CAP]);
char *sts_key_domain(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
/* How the domain's own mail came in, day by day: history.h. */
char *sts_key_history(const char *prefix, const char *domain, char out[STS_KEY_CAP]);
char *sts_key_domains(const char *prefix, char out[STS_KEY_CAP]);
char *sts_key_evidence(const char *prefix, char out[STS_KEY_CAP]);
/* What a node says of itself, and which nodes there are. node: 255 bytes at most. */
char *sts_key_node(const char *prefix, const char *node, char out[STS_KEY_CAP]);
char *sts_key_nodes(const char *prefix, char out[STS_KEY_CAP]);
/* The channel on which a domain is named whose policy changed or was purged, and the sorted set of those of late, by the
 * time of Redis in milliseconds. */
char *sts_key_invalidate(const char *prefix, char out[STS_KEY_CAP]);
char *sts_key_invalidated(const char *prefix, char out[STS_KEY_CAP]);

/* The channel on which stsctl tells all nodes to do something (sts_query_tell). */
char *sts_key_control(const char *prefix, char out[STS_KEY_CAP]);

/* TLS reports that were counted for a domain: of a day, or day NULL, the totals. What nobody has vouched for is kept apart. */
char *sts_key_report(const char *prefix, const char *domain, const char *day, bool verified, char out[STS_KEY_CAP]);
/* Which reports about that day are counted, in the domain's slot. */
char *sts_key_reports_seen(const char *prefix, const char *domain, const char *day, bool verified, char out[STS_KEY_CAP]);
/* What came in, of whatever domain: reports, and what was none. */
char *sts_key_reports(const char *prefix, char out[STS_KEY_CAP]);

/* What Postfix reported of mail that it sent to a domain, in all (day NULL) or of a day; and the domains, by when that was. */
char *sts_key_sent(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
/* What a report about that day is made of; to whom it was sent; who is at it. */
char *sts_key_sent_report(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
char *sts_key_sent_mailed(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
char *sts_key_sent_lock(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
char *sts_key_sent_domains(const char *prefix, char out[STS_KEY_CAP]);

/* The pattern for SCAN MATCH that finds the policies of all domains: bytes of the prefix that mean something there are
 * escaped. And the domain of a key that SCAN has found: false when the key is not one of sts_key_policy's. */
enum { STS_KEY_PATTERN_CAP = 2 * STS_PREFIX_MAX + 32 };
char *sts_key_policy_pattern(const char *prefix, char out[STS_KEY_PATTERN_CAP]);
bool sts_key_policy_domain(const char *prefix, const char *key, size_t len, char out[STS_DOMAIN_CAP]);

/* What is applied of the batches of one incarnation, in the slot of sts_key_stats(day), of the domain, of the evidence. */
char *sts_key_applied_stats(const char *prefix, const char *day, const char *incarnation, char out[STS_KEY_CAP]);
char *sts_key_applied_domain(const char *prefix, const char *domain, const char *incarnation, char out[STS_KEY_CAP]);
char *sts_key_applied_evidence(const char *prefix, const char *incarnation, char out[STS_KEY_CAP]);

/* What matches the names of many keys, for Redis' ACLs. */
enum sts_key_kind { STS_KEYS_ALL, STS_KEYS_POLICIES, STS_KEYS_DOMAINS };
char *sts_key_pattern(const char *prefix, enum sts_key_kind kind, char out[STS_KEY_CAP]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * keys.h - the names of our keys in Redis; no other file spells them.
 *
 * The braces are literal: in a Redis Cluster the first pair determines the slot, so all keys of a domain
 * share a slot. A script may only use keys of one slot; the `applied:` keys, which record the batches of counters that have been
 * applied, are named so that they share the slot of the counters.
 * Pure. Any thread.
 */
#ifndef STS_STORE_KEYS_H
#define STS_STORE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/ledger/counts.h"

enum {
	STS_PREFIX_MAX = 64,
	STS_KEY_CAP = 2 * STS_PREFIX_MAX + 320,	/* a domain or node, a prefix twice, an incarnation, and the fixed words */
};

/* A prefix may be any string of at most STS_PREFIX_MAX bytes. */
bool sts_keys_prefix_fits(const char *prefix);

/* Each function writes the key's name to out and returns out. A domain must be a result of sts_domain_normalise (asserted), a day one
 * of sts_day_of. */
char *sts_key_policy(const char *prefix, const char *domain, char out[STS_KEY_CAP]);
char *sts_key_lock(const char *prefix, const char *domain, char out[STS_KEY_CAP]);
/* day NULL: the totals since the beginning. */
char *sts_key_stats(const char *prefix, const char *day, char out[STS_KEY_CAP]);
char *sts_key_domain(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
/* How the domain's own mail arrived, day by day: history.h. */
char *sts_key_history(const char *prefix, const char *domain, char out[STS_KEY_CAP]);
char *sts_key_domains(const char *prefix, char out[STS_KEY_CAP]);
char *sts_key_evidence(const char *prefix, char out[STS_KEY_CAP]);
/* The heartbeat of a node, and the set of nodes. node: at most 255 bytes. */
char *sts_key_node(const char *prefix, const char *node, char out[STS_KEY_CAP]);
char *sts_key_nodes(const char *prefix, char out[STS_KEY_CAP]);
/* The channel for domains whose policy has changed or was purged, and the sorted set of the recent ones, by
 * Redis's time in milliseconds. */
char *sts_key_invalidate(const char *prefix, char out[STS_KEY_CAP]);
char *sts_key_invalidated(const char *prefix, char out[STS_KEY_CAP]);

/* The channel for commands of stsctl to all nodes (sts_query_tell). */
char *sts_key_control(const char *prefix, char out[STS_KEY_CAP]);

/* The counters of TLS reports about a domain, of a day or, with day NULL, the totals. Unverified reports are kept separate. */
char *sts_key_report(const char *prefix, const char *domain, const char *day, bool verified, char out[STS_KEY_CAP]);
/* The reports about that day that have been counted, in the domain's slot. */
char *sts_key_reports_seen(const char *prefix, const char *domain, const char *day, bool verified, char out[STS_KEY_CAP]);
/* What has arrived, for any domain: reports, and mail that was not a report. */
char *sts_key_reports(const char *prefix, char out[STS_KEY_CAP]);

/* What Postfix reported about mail sent to a domain, in total (day NULL) or of a day; and the domains, by the time of the last report. */
char *sts_key_sent(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
/* The contents of the report about that day; who has been sent one; who is working on it. */
char *sts_key_sent_report(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
char *sts_key_sent_mailed(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
char *sts_key_sent_lock(const char *prefix, const char *domain, const char *day, char out[STS_KEY_CAP]);
char *sts_key_sent_domains(const char *prefix, char out[STS_KEY_CAP]);

/* The pattern for SCAN MATCH that finds the policies of all domains; special characters of the prefix are
 * escaped. And the domain of a key that SCAN has found; false when sts_key_policy does not make such a key. */
enum { STS_KEY_PATTERN_CAP = 2 * STS_PREFIX_MAX + 32 };
char *sts_key_policy_pattern(const char *prefix, char out[STS_KEY_PATTERN_CAP]);
bool sts_key_policy_domain(const char *prefix, const char *key, size_t len, char out[STS_DOMAIN_CAP]);

/* What has been applied of an incarnation's batches, in the slot of sts_key_stats(day), of the domain, of the evidence. */
char *sts_key_applied_stats(const char *prefix, const char *day, const char *incarnation, char out[STS_KEY_CAP]);
char *sts_key_applied_domain(const char *prefix, const char *domain, const char *incarnation, char out[STS_KEY_CAP]);
char *sts_key_applied_evidence(const char *prefix, const char *incarnation, char out[STS_KEY_CAP]);

/* Patterns that match many keys, for Redis ACLs. */
enum sts_key_kind { STS_KEYS_ALL, STS_KEYS_POLICIES, STS_KEYS_DOMAINS };
char *sts_key_pattern(const char *prefix, enum sts_key_kind kind, char out[STS_KEY_CAP]);

#endif

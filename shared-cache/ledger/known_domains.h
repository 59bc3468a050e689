/* SPDX-License-Identifier: ISC */
/*
 * known_domains.h - which sender domains have been seen before, and the first message of those that have not.
 *
 * Anybody can invent sender domains, one a message. The first message of a domain that has neither a policy nor an aligned
 * client is held here, in memory, and gets no keys of its own in Redis; the second one brings both. What is never seen again
 * goes to `other`, by the hand of the caller. Bounded: of the held the oldest leave first, of the known the least lately seen,
 * and neither pushes out the other.
 * Not locked. Pure: time comes in. Names of fields are borrowed and must outlive what is held.
 */
#ifndef STS_LEDGER_KNOWN_DOMAINS_H
#define STS_LEDGER_KNOWN_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

struct sts_known_domains;

enum sts_status sts_known_domains_new(size_t max_held, size_t max_known, struct sts_known_domains **out);
void sts_known_domains_free(struct sts_known_domains **domains);

/* Whether domain is known; if so, it counts as seen just now. */
bool sts_known_domains_contains(struct sts_known_domains *domains, const char *domain);
/* Makes it known. Without memory it does not become so; then its next message is held again. */
void sts_known_domains_add(struct sts_known_domains *domains, const char *domain);

/* One message held back. The caller frees what it is given. */
struct sts_held_message {
	int64_t now;
	bool plaintext;
	const char *const *fields;	/* NULL-terminated, inside the same memory */
	const char *domain;
};

/* STS_ENOMEM: not held. */
enum sts_status sts_known_domains_hold(struct sts_known_domains *domains, const struct sts_held_message *message);
/* The message held for domain, or NULL. */
struct sts_held_message *sts_known_domains_take_held(struct sts_known_domains *domains, const char *domain);
/* One that has to go: there are too many, or it was held since before `since`. NULL when there is none. */
struct sts_held_message *sts_known_domains_take_stale(struct sts_known_domains *domains, int64_t since);

size_t sts_known_domains_held_count(const struct sts_known_domains *domains);

#endif

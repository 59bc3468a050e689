/* SPDX-License-Identifier: ISC */
/*
 * known_domains.h - remembers which sender domains have been seen before, and holds the first message of those that have not.
 *
 * Anybody can invent sender domains, one per message. The first message of a domain that has neither a policy nor an aligned
 * client is held here, in memory, and gets no keys of its own in Redis; the second one brings both. If none comes, the caller counts
 * the first one under `other`. Bounded: the oldest held messages go first, and the known domains that have not been seen for longest;
 * neither kind displaces the other.
 * Not locked. Pure: time is passed in. Field names are borrowed and must outlive the messages.
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

/* Whether domain is known; if it is, it counts as seen just now. */
bool sts_known_domains_contains(struct sts_known_domains *domains, const char *domain);
/* Makes domain known. Without memory it stays unknown, and its next message is held again. */
void sts_known_domains_add(struct sts_known_domains *domains, const char *domain);

/* A held message. Who takes it frees it, with one free(). */
struct sts_held_message {
	int64_t now;
	bool plaintext;
	const char *const *fields;	/* NULL-terminated, in the same block */
	const char *domain;
};

/* Holds a copy of message. STS_ENOMEM: it is not held. */
enum sts_status sts_known_domains_hold(struct sts_known_domains *domains, const struct sts_held_message *message);
/* Takes the message held for domain; NULL when there is none. */
struct sts_held_message *sts_known_domains_take_held(struct sts_known_domains *domains, const char *domain);
/* Takes a message that has to go, because there are too many or it is older than `since`; NULL when there is none. */
struct sts_held_message *sts_known_domains_take_stale(struct sts_known_domains *domains, int64_t since);

size_t sts_known_domains_held_count(const struct sts_known_domains *domains);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * domain_set.h - an immutable set of domains, such as `local_domains`.
 *
 * Names are added in any form that people write, and kept as a `domain` (domain.h).
 * Pure. One thread while it is filled, any thread afterwards.
 */
#ifndef STS_NAMES_DOMAIN_SET_H
#define STS_NAMES_DOMAIN_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"

struct sts_domain_set;

enum sts_status sts_domain_set_new(struct sts_domain_set **out);
void sts_domain_set_free(struct sts_domain_set **set);

/* Adds one name. STS_EINVAL, with *fault, when it is not a domain; adding a name twice is fine. Call sts_domain_set_seal after the
 * last one and before the first query. */
enum sts_status sts_domain_set_add(struct sts_domain_set *set, const char *name, size_t len, enum sts_domain_fault *fault);
void sts_domain_set_seal(struct sts_domain_set *set);

/* domain is normalised. set may be NULL: the empty set. */
bool sts_domain_set_contains(const struct sts_domain_set *set, const char *domain);

/* The names of a sealed set, sorted (a name that was added twice appears twice); NULL past the last. set may be NULL. */
const char *sts_domain_set_at(const struct sts_domain_set *set, size_t index);

#endif

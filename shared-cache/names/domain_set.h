/* SPDX-License-Identifier: ISC */
/*
 * domain_set.h - a set of domains that does not change once made (`local_domains`).
 *
 * Names come in as people write them and are kept in the one form of domain.h.
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

/* Adds one name. STS_EINVAL with *fault when it is not a domain; a name that is there already is fine. After the last
 * one, sts_domain_set_seal makes the set ready for questions. */
enum sts_status sts_domain_set_add(struct sts_domain_set *set, const char *name, size_t len, enum sts_domain_fault *fault);
void sts_domain_set_seal(struct sts_domain_set *set);

/* domain is normalised. set may be NULL: the empty set. */
bool sts_domain_set_contains(const struct sts_domain_set *set, const char *domain);

/* The names of a sealed set, in their order, a name that was added twice twice; NULL behind the last. set may be NULL. */
const char *sts_domain_set_at(const struct sts_domain_set *set, size_t index);

#endif

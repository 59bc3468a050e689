/* SPDX-License-Identifier: ISC */
/*
 * domain_set.h - a set of domains that does not change once made (`local_domains`).
 *
 * Names come in as people write them and are kept in the one form of domain.h.
 * Pure. One thread while it is filled, any thread afterwards.
 */
#ifndef STS_DOMAINSET_H
#define STS_DOMAINSET_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"

struct sts_domainset;

enum sts_status sts_domainset_new(struct sts_domainset **out);
void sts_domainset_free(struct sts_domainset **set);

/* Adds one name. STS_EINVAL with *fault when it is not a domain; a name that is there already is fine. After the last
 * one, sts_domainset_seal makes the set ready for questions. */
enum sts_status sts_domainset_add(struct sts_domainset *set, const char *name, size_t len, enum sts_domain_fault *fault);
void sts_domainset_seal(struct sts_domainset *set);

/* domain is normalised. set may be NULL: the empty set. */
bool sts_domainset_contains(const struct sts_domainset *set, const char *domain);

/* The names of a sealed set, in their order, a name that was added twice twice; NULL behind the last. set may be NULL. */
const char *sts_domainset_at(const struct sts_domainset *set, size_t index);

#endif

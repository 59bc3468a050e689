/* SPDX-License-Identifier: ISC */
/* domain_set.c - a sorted array of names: small, read by many threads, and no hash table that an attacker could target. */
#include "config.h"

#include "shared-cache/names/domain_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct sts_domain_set {
	char **names;
	size_t count, cap;
	bool sealed;
};

enum sts_status
sts_domain_set_new(struct sts_domain_set **out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? STS_ENOMEM : STS_OK;
}

void
sts_domain_set_free(struct sts_domain_set **set)
{
	if (*set == NULL)
		return;
	for (size_t i = 0; i < (*set)->count; i++)
		free((*set)->names[i]);
	free((*set)->names);
	free(*set);
	*set = NULL;
}

static enum sts_status
make_room(struct sts_domain_set *set)
{
	size_t cap = set->cap == 0 ? 16 : set->cap * 2;
	char **names;

	if (set->count < set->cap)
		return STS_OK;
	names = reallocarray(set->names, cap, sizeof(*names));
	if (names == NULL)
		return STS_ENOMEM;
	set->names = names;
	set->cap = cap;
	return STS_OK;
}

enum sts_status
sts_domain_set_add(struct sts_domain_set *set, const char *name, size_t len, enum sts_domain_fault *fault)
{
	char domain[STS_DOMAIN_CAP];
	char *copy;

	assert(!set->sealed);
	*fault = sts_domain_normalise(name, len, domain);
	if (*fault != STS_DOMAIN_OK)
		return STS_EINVAL;
	if (make_room(set) != STS_OK || (copy = strdup(domain)) == NULL)
		return STS_ENOMEM;
	set->names[set->count++] = copy;
	return STS_OK;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
sts_domain_set_seal(struct sts_domain_set *set)
{
	if (set->count > 1)
		qsort(set->names, set->count, sizeof(*set->names), by_name);
	set->sealed = true;
}

bool
sts_domain_set_contains(const struct sts_domain_set *set, const char *domain)
{
	if (set == NULL || set->count == 0)
		return false;
	assert(set->sealed);
	return bsearch(&domain, set->names, set->count, sizeof(*set->names), by_name) != NULL;
}

const char *
sts_domain_set_at(const struct sts_domain_set *set, size_t index)
{
	if (set == NULL || index >= set->count)
		return NULL;
	assert(set->sealed);
	return set->names[index];
}

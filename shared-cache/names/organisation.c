/* SPDX-License-Identifier: ISC */
/* organisation.c - looks up organisational domains in libpsl, with a memory of earlier answers. */
#include "config.h"

#include "shared-cache/names/organisation.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <libpsl.h>

#include "shared-cache/base/hash.h"

enum { REMEMBERED = 8192, OFFSET_BITS = 8 };

/*
 * libpsl's search is expensive (a tenth of all instructions per message), and the same names come again and again. An answer
 * is an offset into the name, which is less than 256: it takes the low bits of a word whose other bits are those of the name's
 * hash. A word is read and written as a whole, so no lock is needed; the hash's seed is secret, so nobody can construct
 * two names that share all 56 bits.
 */
struct sts_organisations {
	psl_ctx_t *psl;		/* read only after creation */
	_Atomic uint64_t *remembered;	/* an array of REMEMBERED */
};

enum sts_status
sts_organisations_new(struct sts_organisations **out)
{
	struct sts_organisations *list = calloc(1, sizeof(*list));
	enum sts_status status;

	*out = NULL;
	if (list == NULL)
		return STS_ENOMEM;
	list->psl = psl_latest(NULL);
	list->remembered = calloc(REMEMBERED, sizeof(*list->remembered));
	if (list->psl != NULL && list->remembered != NULL) {
		*out = list;
		return STS_OK;
	}
	status = list->psl == NULL ? STS_ENOTFOUND : STS_ENOMEM;
	sts_organisations_free(&list);
	return status;
}

void
sts_organisations_free(struct sts_organisations **list)
{
	if (*list == NULL)
		return;
	psl_free((*list)->psl);
	free((*list)->remembered);
	free(*list);
	*list = NULL;
}

static const char *
search(const struct sts_organisations *list, const char *domain)
{
	const char *found = psl_registrable_domain(list->psl, domain);

	return found != NULL ? found : domain;
}

static const char *
recall_or_search(const struct sts_organisations *list, const char *domain)
{
	const uint64_t offset_mask = ((uint64_t)1 << OFFSET_BITS) - 1;
	size_t len = strlen(domain);
	uint64_t hash = sts_hash64(domain, len);
	_Atomic uint64_t *place = &list->remembered[(hash >> OFFSET_BITS) % REMEMBERED];
	uint64_t word = atomic_load_explicit(place, memory_order_relaxed);
	const char *found;

	if ((word & ~offset_mask) == (hash & ~offset_mask) && (word & offset_mask) <= len)
		return domain + (word & offset_mask);
	found = search(list, domain);
	if ((size_t)(found - domain) <= offset_mask)
		atomic_store_explicit(place, (hash & ~offset_mask) | (uint64_t)(found - domain), memory_order_relaxed);
	return found;
}

const char *
sts_organisation_of(const struct sts_organisations *list, const char *domain)
{
	const char *dot;

	if (list != NULL)
		return recall_or_search(list, domain);
	dot = strrchr(domain, '.');
	while (dot != NULL && dot > domain && dot[-1] != '.')
		dot--;
	return dot != NULL ? dot : domain;
}

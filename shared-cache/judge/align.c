/* SPDX-License-Identifier: ISC */
/* align.c - compares the organisational domains of client, sender and mx. Knows the Public Suffix List, not DNS. */
#include "config.h"

#include "shared-cache/judge/align.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/names/organisation.h"

struct sts_align {
	struct sts_organisations *organisations;	/* read only after creation */
};

enum sts_status
sts_align_new(struct sts_align **out)
{
	struct sts_align *align = malloc(sizeof(*align));
	enum sts_status status;

	*out = NULL;
	if (align == NULL)
		return STS_ENOMEM;
	if ((status = sts_organisations_new(&align->organisations)) == STS_OK)
		*out = align;
	else
		free(align);
	return status;
}

void
sts_align_free(struct sts_align **align)
{
	if (*align == NULL)
		return;
	sts_organisations_free(&(*align)->organisations);
	free(*align);
	*align = NULL;
}

/* Policies in the memory cache have their orgs already; one that has just arrived from elsewhere may not. */
static bool
has_mx_of(const struct sts_organisations *organisations, const struct sts_policy *policy, const char *ours)
{
	if (policy->org_count > 0) {
		for (size_t i = 0; i < policy->org_count; i++) {
			if (strcmp(ours, policy->orgs[i]) == 0)
				return true;
		}
		return false;
	}
	for (size_t i = 0; i < policy->mx_count && i < STS_POLICY_ORGS_MAX; i++) {
		const char *mx = policy->mx[i];

		if (strcmp(ours, sts_organisation_of(organisations, strncmp(mx, "*.", 2) == 0 ? mx + 2 : mx)) == 0)
			return true;
	}
	return false;
}

enum sts_aligned
sts_align_check(const struct sts_align *align, const char *client, const char *domain, const struct sts_policy *policy)
{
	const struct sts_organisations *organisations = align != NULL ? align->organisations : NULL;
	char name[STS_DOMAIN_CAP];
	const char *ours;

	/* Postfix says "unknown" when reverse and forward lookup do not agree. */
	if (client == NULL || strcasecmp(client, "unknown") == 0 ||
	    sts_domain_normalise(client, strlen(client), name) != STS_DOMAIN_OK)
		return STS_ALIGNED_UNKNOWN;
	ours = sts_organisation_of(organisations, name);
	if (strcmp(ours, sts_organisation_of(organisations, domain)) == 0)
		return STS_ALIGNED_YES;
	return policy != NULL && has_mx_of(organisations, policy, ours) ? STS_ALIGNED_YES : STS_ALIGNED_NO;
}
